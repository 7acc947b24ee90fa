// The lab's human: enrolled by the lab itself, so that a visitor can say yes without a ceremony. They may approve in
// this lab only; their passphrase and TOTP secret are printed at each start and lie in the lab's own folder.

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from '../gateway/compose.ts';
import type { Home } from '../platform/home.ts';

export interface LabHuman {
  readonly name: string;
  readonly passphrase: string;
  /** Base32, for an authenticator app. */
  readonly totpSecret: string;
}

const name = 'lab-human';
const words = [
  'anchor',
  'birch',
  'copper',
  'dune',
  'ember',
  'fjord',
  'granite',
  'harbor',
  'iris',
  'juniper',
  'kelp',
  'lantern',
  'meadow',
  'nickel',
  'otter',
  'pebble',
];
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function passphrase(): string {
  return [...randomBytes(5)].map((byte) => words[byte % words.length]).join('-');
}

function secret(): string {
  return [...randomBytes(32)].map((byte) => base32[byte & 31]).join('');
}

/** Enrols the lab's human at the first start and reads them back at later ones. */
export async function labHuman(home: Home, instance: Instance): Promise<LabHuman> {
  const file = join(home.root, 'lab-human.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as LabHuman;
  const human: LabHuman = { name, passphrase: passphrase(), totpSecret: secret() };
  await instance.enrolRoot(human);
  writeFileSync(file, `${JSON.stringify(human)}\n`, { mode: 0o600 });
  return human;
}
