import { describe, expect, it } from 'vitest';
import { systemRandom } from '../platform/random.ts';
import { holdsPlaceholder, newPlaceholder, readingsOf } from './placeholder.ts';

const placeholder = newPlaceholder(systemRandom(), 'Railway');
const base64 = (text: string) => Buffer.from(text).toString('base64');
const found = (text: string) => readingsOf(text).some((each) => holdsPlaceholder(each, [placeholder]));

it('makes placeholders of one form, each once', () => {
  expect(placeholder).toMatch(/^hp_railway_[0-9a-z]{24}$/);
  expect(newPlaceholder(systemRandom(), 'railway')).not.toBe(placeholder);
});

describe('finds one', () => {
  it.each<[string, string]>([
    ['as it is', placeholder],
    ['inside a text', `a${placeholder}b`],
    ['percent-encoded', [...placeholder].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('')],
    ['in base64', base64(placeholder)],
    ['in base64 behind a name', base64(`user:${placeholder}`)],
    ['in base64url', Buffer.from(`??>${placeholder}`).toString('base64url')],
    ['in base64 behind one more character', `A${base64(placeholder)}`],
    ['in base64 behind two more characters', `AB${base64(placeholder)}`],
    ['in base64 behind three more characters', `ABC${base64(placeholder)}`],
    ['that nobody issued', 'hp_neon_0123456789abcdef'],
  ])('%s', (_name, text) => {
    expect(found(text)).toBe(true);
  });

  it.each(['', 'hp_', 'hp_railway_short', 'ship_railway 0123456789abcdef', base64('nothing of the kind is in here')])(
    'and none in %j',
    (text) => {
      expect(found(text)).toBe(false);
    },
  );
});
