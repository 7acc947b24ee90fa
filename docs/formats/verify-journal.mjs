// Verifies an exported journal with nothing but Node: `node verify-journal.mjs export.jsonl [--key LINE] [--against FILE]`.
// Written from journal.md, not from Holdpoint's sources, so that the two can be held against each other.
// Exit 0: intact; 1: broken, the first break is named; 2: wrong usage or unreadable file.

import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';

const unsignedMax = 1024;
const sealPattern = /,"leaf":"([0-9a-f]{64})","chain":"([0-9a-f]{64})"\}$/;

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const leafOf = (text) => sha256(Buffer.from([0]), text);
const nodeOf = (left, right) => sha256(Buffer.from([1]), left, right);

class Broken extends Error {
  constructor(seq, why) {
    super(`BROKEN at event ${seq}: ${why}`);
  }
}

/** `name+id+base64(0x01 || key)`: a C2SP verifier key for ed25519. */
function readKey(line) {
  const [name, id, body] = line.trim().split(/\+(.*?)\+(.*)/s);
  const bytes = Buffer.from(body ?? '', 'base64');
  const raw = bytes.subarray(1);
  const expected = sha256(`${name}\n`, bytes).subarray(0, 4).toString('hex');
  if (bytes.length !== 33 || bytes[0] !== 1 || id !== expected) throw new Broken(0, 'the verifier key is not readable');
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
  return { name, id: Buffer.from(id, 'hex'), key: createPublicKey({ key: jwk, format: 'jwk' }) };
}

/** A C2SP signed note with the lines of a checkpoint. */
function readNote(note, signer, seq) {
  const end = note.lastIndexOf('\n\n');
  const text = note.slice(0, end + 1);
  const [origin, size, root, chain, time] = text.split('\n');
  const line = note
    .slice(end + 2)
    .split('\n')
    .find((each) => each.startsWith(`— ${signer.name} `));
  const signature = Buffer.from(line?.split(' ')[2] ?? '', 'base64');
  const ours = signature.subarray(0, 4).equals(signer.id);
  if (end < 0 || !ours || !verify(null, Buffer.from(text), signer.key, signature.subarray(4))) {
    throw new Broken(seq, 'the checkpoint there was not signed by this key');
  }
  if (origin !== signer.name || !chain?.startsWith('chain ') || !time?.startsWith('time ')) {
    throw new Broken(seq, 'the checkpoint there is not readable');
  }
  return { size: Number(size), root: Buffer.from(root, 'base64').toString('hex'), chain: chain.slice(6) };
}

/** Roots of perfect subtrees, largest first. */
function extend(peaks, size, leaf) {
  let node = leaf;
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) node = nodeOf(peaks.pop(), node);
  peaks.push(node);
}
const rootOf = (peaks) => peaks.reduceRight((root, peak) => (root === null ? peak : nodeOf(peak, root)), null);

function takeEvent(state, line) {
  const expected = state.size + 1;
  const seal = sealPattern.exec(line);
  if (seal === null) throw new Broken(expected, 'the line is no sealed event');
  const text = Buffer.from(`${line.slice(0, seal.index)}}`);
  let event;
  try {
    event = JSON.parse(text.toString());
  } catch {
    throw new Broken(expected, 'its text is not JSON');
  }
  if (event.seq !== expected) throw new Broken(expected, `the next event is ${event.seq}`);
  if (event.stream !== state.stream) throw new Broken(expected, 'it belongs to another journal');
  const leaf = leafOf(text);
  if (leaf.toString('hex') !== seal[1]) throw new Broken(expected, 'its text is not the one that was sealed');
  const chain = sha256(state.chain, leaf);
  if (chain.toString('hex') !== seal[2])
    throw new Broken(expected, 'its chain hash does not follow from the one before');
  extend(state.peaks, state.size, leaf);
  state.size = expected;
  state.chain = chain;
  if (state.size - state.signed > unsignedMax) throw new Broken(expected, 'the checkpoints before it are missing');
  for (const kept of state.kept) if (kept.size === state.size) compare(state, kept);
}

function compare(state, note) {
  if (note.size > state.size)
    throw new Broken(state.size + 1, `a checkpoint covers ${note.size} events, the tail is cut`);
  if (note.chain !== state.chain.toString('hex') || note.root !== rootOf(state.peaks)?.toString('hex')) {
    throw new Broken(state.size, `events ${state.signed + 1} to ${state.size} are not the ones that were signed`);
  }
}

function takeNote(state, { note, size }) {
  const read = readNote(note, state.signer, size);
  if (read.size !== size) throw new Broken(size, 'the checkpoint there is filed under another size');
  if (size < state.size) throw new Broken(size, 'the checkpoint there stands in another place');
  compare(state, read);
  state.signed = size;
}

/** Lines end in LF alone: canonical JSON leaves U+2028 as it is, and readline would break there. */
async function* linesOf(file) {
  let rest = [];
  for await (const chunk of createReadStream(file)) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, at)]).toString();
      rest = [];
      from = at + 1;
    }
    rest.push(chunk.subarray(from));
  }
  const last = Buffer.concat(rest).toString();
  if (last !== '') yield last;
}

async function verifyExport(file, options) {
  let state = null;
  for await (const line of linesOf(file)) {
    if (state === null) {
      const header = JSON.parse(line);
      if (header.format !== 'holdpoint-journal' || header.v !== 1) throw new Broken(0, 'this is no exported journal');
      const signer = readKey(options.key ?? header.verifierKey);
      const kept = options.against === undefined ? [] : [readNote(readFileSync(options.against, 'utf8'), signer, 0)];
      state = { stream: header.stream, signer, kept, size: 0, signed: 0, chain: Buffer.alloc(32), peaks: [] };
    } else if (line.startsWith('{"note":')) takeNote(state, JSON.parse(line));
    else takeEvent(state, line);
  }
  if (state === null) throw new Broken(0, 'the file is empty');
  for (const kept of state.kept) if (kept.size > state.size) compare(state, kept);
  return state;
}

const args = process.argv.slice(2);
const options = {};
const files = [];
while (args.length > 0) {
  const arg = args.shift();
  if (arg === '--key' || arg === '--against') options[arg.slice(2)] = args.shift();
  else files.push(arg);
}
if (files.length !== 1) {
  console.error('usage: node verify-journal.mjs export.jsonl [--key LINE] [--against CHECKPOINT-FILE]');
  process.exit(2);
}
try {
  const { size, signed, chain } = await verifyExport(files[0], options);
  console.log(`intact: ${size} events, the last ${size - signed} not signed, chain ${chain.toString('hex')}`);
  if (options.key === undefined)
    console.log('The key was taken from the export itself: compare it with the one you kept.');
  if (options.against === undefined) console.log('No checkpoint kept elsewhere was given: a cut tail would not show.');
} catch (error) {
  console.error(error.message);
  process.exit(error instanceof Broken ? 1 : 2);
}
