import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formsOf, maskStream, textMask } from './masking.ts';

const secret = 'p@ss/w+rd "q" 50%\\~end';
const mask = '<masked>';
const masked = textMask(secret, mask);

async function streamed(chunks: readonly Uint8Array[], of = secret): Promise<Buffer> {
  return buffer(Readable.from(chunks.map((chunk) => Buffer.from(chunk))).pipe(maskStream(of, mask)));
}

/** As JSON may write the units that `which` names: `\u002b`. */
function units(which: RegExp): string {
  return secret.replace(which, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

describe('forms', () => {
  it.each<[string, string]>([
    ['itself', secret],
    ['URL-escaped', encodeURIComponent(secret)],
    ['URL-escaped in lower case', encodeURIComponent(secret).replace(/%[0-9A-F]{2}/g, (each) => each.toLowerCase())],
    ['form-encoded', new URLSearchParams({ t: secret }).toString().slice(2)],
    ['in JSON', JSON.stringify(secret)],
    ['in JSON with escaped slashes', JSON.stringify(secret).replaceAll('/', '\\/')],
    ['in JSON with every unit escaped', units(/[\s\S]/g)],
    ['in JSON with every unit escaped in upper case', units(/[\s\S]/g).replace(/[a-f]/g, (each) => each.toUpperCase())],
    ['in JSON with all but letters and digits escaped', units(/[^A-Za-z0-9]/g)],
    ['hex', Buffer.from(secret).toString('hex')],
    ['Basic user:secret', Buffer.from(`user:${secret}`).toString('base64')],
    ['base64, shifted by one', Buffer.from(`x${secret}yz`).toString('base64')],
    ['base64, shifted by two', Buffer.from(`xy${secret}`).toString('base64')],
    ['base64url', Buffer.from(`xyz${secret}`).toString('base64url')],
  ])('%s is masked', (_name, text) => {
    const out = masked(`before ${text} after`);
    expect(out).toContain(mask);
    expect(out).not.toContain(text);
    expect(out.startsWith('before ')).toBe(true);
    expect(out.endsWith(' after')).toBe(true);
  });

  it('leaves everything else as it is', () => {
    expect(masked('nothing here')).toBe('nothing here');
    expect(masked(secret.slice(0, -1))).toBe(secret.slice(0, -1));
  });
});

describe('maskStream', () => {
  it('finds a secret at every cut between two chunks', async () => {
    const whole = Buffer.from(`a${secret}b`);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      expect((await streamed([whole.subarray(0, cut), whole.subarray(cut)])).toString()).toBe(`a${mask}b`);
    }
  });

  it('does not hold back what cannot be a beginning, so that events arrive at once', async () => {
    const stream = maskStream(secret, mask);
    stream.write('data: hello\n\n');
    expect(String(stream.read())).toBe('data: hello\n\n');
    stream.write('data: p@ss');
    expect(String(stream.read())).toBe('data: ');
    stream.end();
    expect((await buffer(stream)).toString()).toBe('p@ss');
  });

  it('property: whatever the bytes and cuts, no form of the secret comes out, and other bytes are unchanged', async () => {
    let hits = 0;
    const forms = formsOf(secret);
    const noise = fc.uint8Array({ maxLength: 40 });
    const piece = fc.oneof(noise, fc.constantFrom(...forms.map((form) => Uint8Array.from(form))));
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 6 }),
        fc.array(fc.nat(300), { maxLength: 6 }),
        async (pieces, cuts) => {
          const whole = Buffer.concat(pieces);
          const at = [...new Set([0, ...cuts.filter((cut) => cut < whole.length), whole.length])].sort((a, b) => a - b);
          const chunks = at.slice(1).map((end, index) => whole.subarray(at[index], end));
          const out = await streamed(chunks);
          const held = forms.some((form) => whole.includes(form));
          if (held) hits += 1;
          else expect(out.equals(whole)).toBe(true);
          for (const form of forms) expect(out.includes(form)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
    expect(hits).toBeGreaterThan(50);
  });
});
