// Redis over HTTP (Upstash and its kin): the command is the first path segment or the first element of a JSON array,
// and `/flushall` destroys by GET. Unknown commands are destructive, assumed.

import type { Operation } from '../../action/action.ts';
import type { Effect } from '../../action/effect.ts';
import { operationFrom } from '../operation.ts';
import type { HttpRequest } from './request.ts';

const set = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));
const reads =
  set(`get mget getrange strlen exists type ttl pttl expiretime keys scan hget hmget hgetall hkeys hvals hlen hexists hscan hstrlen hrandfield
  llen lrange lindex lpos smembers sismember smismember scard srandmember sscan sinter sunion sdiff zrange zrangebyscore zrevrange
  zrevrangebyscore zrangebylex zscore zmscore zcard zcount zrank zrevrank zscan zlexcount xrange xrevrange xlen xread xinfo getbit
  bitcount bitpos pfcount geopos geodist geohash geosearch dbsize info ping echo time randomkey object memory json.get json.mget
  json.type json.objkeys json.arrlen command lastsave role pubsub touch dump multi-exec pipeline`);
const writes =
  set(`set setex psetex setnx mset msetnx append setrange incr incrby incrbyfloat decr decrby hset hsetnx hmset hincrby
  hincrbyfloat lpush rpush lpushx rpushx lset linsert sadd zadd zincrby xadd xgroup xack xclaim setbit pfadd geoadd expire pexpire
  expireat pexpireat persist publish getset getex copy json.set json.numincrby json.arrappend json.merge subscribe watch multi exec discard
  blpop brpop lpop rpop lmove rpoplpush spop zpopmin zpopmax smove`);
const destroys =
  set(`flushall flushdb del unlink getdel hdel lrem ltrim srem zrem zremrangebyscore zremrangebyrank zremrangebylex xdel xtrim
  rename renamenx move swapdb restore json.del json.clear script eval evalsha fcall function config debug shutdown acl slaveof replicaof
  migrate sort sinterstore sunionstore sdiffstore zunionstore zinterstore bitop cluster client`);

export function readRedis(request: HttpRequest): readonly Operation[] | null {
  if (request.page?.name !== 'upstash') return null;
  const commands = commandsOf(request);
  return commands.map((command) => {
    const word = command[0]?.toLowerCase() ?? '';
    const effect: Effect = reads.has(word) ? 'read' : writes.has(word) ? 'write' : 'destructive';
    return operationFrom(
      {
        name: word === '' ? 'Redis without a command' : word.toUpperCase(),
        effect,
        basis: reads.has(word) || writes.has(word) || destroys.has(word) ? 'proven' : 'assumed',
        recovery: effect === 'destructive' ? 'none' : effect === 'write' ? 'recreate' : 'undo',
        aspects: /^(eval|evalsha|fcall)$/.test(word) ? ['runs-code'] : [],
        scope: 'databases',
        because: `Redis ${effect === 'read' ? 'only reads' : effect === 'write' ? 'writes' : 'loses or overwrites data'} with this command.`,
      },
      'redis',
    );
  });
}

function commandsOf(request: HttpRequest): readonly (readonly string[])[] {
  const value: unknown = request.body.kind === 'json' ? request.body.value : null;
  const path = request.segments.filter((segment) => !['pipeline', 'multi-exec'].includes(segment));
  const fromPath = path.length > 0 ? [path] : [];
  if (!Array.isArray(value)) return fromPath.length > 0 ? fromPath : [[]];
  const lists = value.some(Array.isArray) ? value : [value];
  return [...fromPath, ...lists.map((list: unknown) => (Array.isArray(list) ? list.map(String) : []))];
}
