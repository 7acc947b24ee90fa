// A yes that was given to something else than what is about to leave: the policy, the place, or the stored bytes changed
// between approval and release. Each line is the verdict a human would see: held again, and the volume stays.

import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { unlock } from '../../src/credentials/approval-key.ts';
import { newTotpSecret } from '../../src/credentials/totp.ts';
import type { Hold } from '../../src/hold/hold.ts';
import { homeAt } from '../../src/platform/home.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { send, startTarget, type Target } from './target.ts';

let target: Target;
const human = { name: 'owner', passphrase: 'of this test alone' };
let round = 0;

beforeAll(async () => {
  target = await startTarget({ delay: '700ms' });
  await target.instance.enrolRoot({ ...human, totpSecret: newTotpSecret(systemRandom()) });
});
afterAll(() => target.close());

/** Another request each time, so that no hold joins an earlier one. */
async function heldDeletion(): Promise<Hold> {
  round += 1;
  const query = `mutation Round${round} { volumeDelete(volumeId: "${target.volumeId}") }`;
  expect((await send(target, { body: JSON.stringify({ query }) })).statuses).toEqual([423]);
  const [hold] = await target.instance.control.holds({ open: true, limit: 1 });
  if (hold === undefined) throw new Error('nothing was held');
  return hold;
}

async function approve(hold: Hold): Promise<void> {
  const { control } = target.instance;
  const [sealed] = await control.people();
  const signer = await unlock(sealed?.sealedKey ?? '', human.passphrase);
  const { nonce } = control.nonce(hold.digest);
  const signature = signer.sign(hold.digest, nonce);
  const submission = {
    human: human.name,
    digest: hold.digest,
    nonce,
    signature,
    totp: '000000',
    typedName: 'production/pocketos-db',
  };
  const done = await control.approve(hold.id, submission);
  expect(done).toMatchObject({ ok: true });
}

async function settled(id: string): Promise<string> {
  for (let look = 0; look < 200; look += 1) {
    const hold = await target.instance.control.hold(id);
    if (hold !== null && !['approved', 'delayed', 'released'].includes(hold.state.kind)) return hold.state.kind;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return 'never';
}

function store(change: (database: Database.Database) => void): void {
  const database = new Database(homeAt(`${target.root}/home`).storeFile);
  change(database);
  database.close();
}

it.each<[string, (hold: Hold) => Promise<void> | void]>([
  [
    'the grant changed',
    () =>
      target.instance.loadFirstPolicy(
        target.policyText.replace('scopes: ["*:write"]', 'scopes: ["volumes:write"]'),
        'test',
      ),
  ],
  [
    'the rules changed',
    () => target.instance.loadFirstPolicy(target.policyText.replace('protected: true', 'protected: false'), 'test'),
  ],
  [
    'the stored bytes changed',
    (hold) =>
      store((database) => {
        const changed = database
          .prepare('UPDATE body SET bytes = zeroblob(length(bytes)) WHERE id LIKE ?')
          .run(`%${hold.id}%`);
        expect(changed.changes).toBeGreaterThan(0);
      }),
  ],
  [
    'a third environment shares the volume now',
    () => {
      target.fake.change((world) => {
        const [first] = world.environments;
        const [disk] = world.volumeInstances;
        if (first === undefined || disk === undefined) throw new Error('the world is empty');
        const id = '00000000-0000-4000-8000-000000000001';
        return {
          ...world,
          environments: [...world.environments, { ...first, id, name: 'preview' }],
          volumeInstances: [
            ...world.volumeInstances,
            { ...disk, id: '00000000-0000-4000-8000-000000000002', environmentId: id },
          ],
        };
      });
    },
  ],
])('is no yes any more when %s', async (_what, change) => {
  const hold = await heldDeletion();
  await approve(hold);
  await change(hold);
  const before = target.fake.world();
  expect(await settled(hold.id)).toBe('held');
  expect(target.fake.world()).toEqual(before);
});
