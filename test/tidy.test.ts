// The tree keeps the style that CONTRIBUTING.md asks for, and each check is seen to catch a planted violation:
// a tidy test that reads nothing would pass for ever.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageLines } from '../src/cli/hold-view.ts';
import { allVerbs } from '../src/cli/main.ts';
import { routes } from '../src/console/server/routes.ts';
import { sampleHold } from '../src/testing/sample-hold.ts';
import { cliPage, codesPage, helpOf, leafCommands } from './reference.ts';
import {
  checkHeader,
  checkLength,
  checkLock,
  checkSecrets,
  checkSyntax,
  checkWords,
  citedSections,
  codesIn,
  sectionsOf,
} from './tidy-rules.ts';
import { readTree, root } from './tree.ts';

const tree = readTree();
const scripts = tree.filter(({ path }) => /^(src|test|bench|scenarios|scripts|bin)\/.*\.m?ts$/.test(path));
const isTest = (path: string) => /\.test\.ts$/.test(path);
const sources = scripts.filter(({ path }) => !isTest(path));
const words = tree.filter(({ path }) => path !== 'package-lock.json' && path !== 'LICENSE');

describe('the tree', () => {
  it('was read', () => {
    expect(sources.length).toBeGreaterThan(40);
    expect(tree.map(({ path }) => path)).toContain('package-lock.json');
  });

  it('opens each source with a comment', () => {
    expect(sources.flatMap(({ path, text }) => checkHeader(path, text))).toEqual([]);
  });

  it('keeps sources short', () => {
    expect(sources.flatMap(({ path, text }) => checkLength(path, text))).toEqual([]);
  });

  it('has no default exports, enums, any, non-null assertions, and no long functions', () => {
    const findings = scripts.flatMap(({ path, text }) =>
      checkSyntax(path, text, isTest(path) ? 'any-length' : 'bounded'),
    );
    expect(findings).toEqual([]);
  });

  it('speaks of itself only, and of nothing unfinished', () => {
    expect(words.flatMap(({ path, text }) => checkWords(path, text))).toEqual([]);
  });

  it('holds nothing shaped like a secret', () => {
    expect(tree.flatMap(({ path, text }) => checkSecrets(path, text))).toEqual([]);
  });

  it('locks versions, not addresses', () => {
    expect(checkLock(readFileSync(join(root, 'package-lock.json'), 'utf8'))).toEqual([]);
  });

  it('documents every code (node_modules/.bin/node test/reference.ts writes the page)', () => {
    // Codes only: a sentence may get better without a new page.
    const codes = (page: string) => [...page.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map((row) => row[1]);
    expect(codes(readFileSync(join(root, 'docs/reference/codes.md'), 'utf8'))).toEqual(codes(codesPage()));
    expect(codesPage()).toContain('| `gateway-not-running` |');
  });

  it('documents every command (node_modules/.bin/node test/reference.ts writes the page)', async () => {
    expect(readFileSync(join(root, 'docs/reference/cli.md'), 'utf8')).toBe(await cliPage());
  });
});

describe('the documents', () => {
  const pages = tree.filter(({ path }) => path.endsWith('.md'));

  it('link to files that are there', () => {
    const links = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map((link) => ({
        path,
        to: link[1] ?? '',
      })),
    );
    expect(links.length).toBeGreaterThan(60);
    expect(links.filter(({ path, to }) => !existsSync(join(root, dirname(path), to)))).toEqual([]);
  });

  it('have every section of docs/DESIGN.md that is cited', () => {
    const cited = [...scripts, ...pages].flatMap(({ path, text }) => citedSections(path, text));
    expect(cited.length).toBeGreaterThan(12);
    const sections = sectionsOf(readFileSync(join(root, 'docs/DESIGN.md'), 'utf8'));
    expect(sections).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(cited.filter(({ section }) => !sections.includes(section))).toEqual([]);
  });

  it('name test files that are there', () => {
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:src|test|scenarios)\/[\w./-]+\.test\.ts)`/g)].map((found) => ({
        path,
        file: found[1] ?? '',
      })),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ file }) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('have every folder of src in the table', () => {
    const folders = [...new Set(sources.flatMap(({ path }) => /^src\/[^/]+(?=\/)/.exec(path) ?? []))];
    const table = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    expect(folders.filter((folder) => !table.includes(`| [\`${folder}`))).toEqual([]);
  });

  it('name commands that are there', () => {
    const known = allVerbs.map(({ name }) => name);
    const named = [...scripts, ...pages].flatMap(({ path, text }) =>
      [...text.matchAll(/[`:] ?(?:bin\/)?holdpoint ([a-z]+)/g)].map((found) => ({ path, verb: found[1] ?? '' })),
    );
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter(({ verb }) => !known.includes(verb))).toEqual([]);
  });

  it('show the hold that the program prints', () => {
    const shown = pageLines(sampleHold(), 'plain').slice(0, 16).join('\n');
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(shown);
  });

  it('have every control route with its access', () => {
    const page = readFileSync(join(root, 'docs/reference/control-api.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `((?:GET|POST) [^`]+)` \| (\w+) \|/gm)].map((row) => `${row[1]} ${row[2]}`);
    const declared = routes.map(({ method, path, access }) => `${method} ${path} ${access}`);
    expect(rows.toSorted()).toEqual(declared.toSorted());
  });
});

describe('every command', () => {
  it('has --json, and a help text with an example', async () => {
    const commands = await leafCommands();
    expect(commands.length).toBeGreaterThan(15);
    const without = commands.flatMap(({ name, command }) => {
      const help = helpOf(command);
      return [
        ...(/--json/.test(help) ? [] : [`${name}: no --json`]),
        ...(/Example/.test(help) ? [] : [`${name}: no example`]),
      ];
    });
    expect(without).toEqual([]);
  });
});

describe('a planted violation is caught', () => {
  const long = `function f() {\n${'  g();\n'.repeat(60)}}\n`;
  const token = ['ghp', 'x'.repeat(36)].join('_');
  it.each<[string, readonly string[]]>([
    ['no header', checkHeader('a.ts', 'export const a = 1;\n')],
    ['a header that is too long', checkHeader('a.ts', '// x\n'.repeat(9))],
    ['a file that is too long', checkLength('a.ts', 'x\n'.repeat(351))],
    ['a function that is too long', checkSyntax('a.ts', long, 'bounded')],
    ['enum', checkSyntax('a.ts', 'enum A { B }', 'bounded')],
    ['any', checkSyntax('a.ts', 'const a: any = 1;', 'bounded')],
    ['non-null', checkSyntax('a.ts', 'a!.b;', 'any-length')],
    ['default export', checkSyntax('a.ts', 'export default 1;', 'bounded')],
    ['default function', checkSyntax('a.ts', 'export default function a() {}', 'bounded')],
    ['unfinished', checkWords('a.md', `// ${['TO', 'DO'].join('')}: later`)],
    ['machine path', checkWords('a.md', `see ${['/work', 'main'].join('/')}/x`)],
    ['registry', checkWords('a.md', `https://${['registry', 'npmjs'].join('.')}.org`)],
    ['issue number', checkWords('a.md', `as in ${['issue', '#12'].join(' ')}`)],
    ['token', checkSecrets('a.md', `key ${token}`)],
    ['address in the lock', checkLock('{"resolved": "https://x"}')],
  ])('%s', (_name, findings) => {
    expect(findings).toHaveLength(1);
  });

  it('and clean text is not', () => {
    const clean = '// What it is.\n// What it is not.\nexport const a: unknown = 1;\n';
    const findings = [checkHeader, checkLength, checkWords, checkSecrets].flatMap((check) => check('a.ts', clean));
    expect([...findings, ...checkSyntax('a.ts', clean, 'bounded')]).toEqual([]);
  });

  it('cited sections are found, also where none is named', () => {
    const word = ['DES', 'IGN'].join('');
    expect(
      citedSections('a.ts', `// as in ${word} section 9 "Holds", ${word}.md section 2, and ${word} "Hosts".`),
    ).toEqual([
      { path: 'a.ts', section: '9' },
      { path: 'a.ts', section: '2' },
      { path: 'a.ts', section: 'none' },
    ]);
    expect(sectionsOf('# D\n\n## 1. Why\n\n### 3. x\n\n## 2. How\n')).toEqual(['1', '2']);
  });

  it('codes are found in faults and reasons', () => {
    const what = ['`Disk $', '{name} is bad.`'].join('');
    const text = `throw new HoldpointError('bad-disk', { what: ${what}, why }); reason('no-grant', 'No grant.', w, n);`;
    expect(codesIn('a.ts', text)).toEqual([
      { code: 'bad-disk', what: 'Disk … is bad.', fault: true },
      { code: 'no-grant', what: 'No grant.', fault: false },
    ]);
  });
});
