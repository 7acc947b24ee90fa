// What this project asks of every file beyond formatter, types and layers: pure checks, text in, findings out.
// tidy.test.ts runs them over the tree and plants one violation of each. Limits come from CONTRIBUTING.md.

import ts from 'typescript';

const headerLinesMin = 2;
const headerLinesMax = 8;
const fileLinesMax = 350;
const functionLinesMax = 60;

export type Finding = string;

/** The comment at the very top: what the file is, what it is not, its counterpart. */
export function checkHeader(path: string, text: string): readonly Finding[] {
  const lines = text.split('\n');
  const first = lines[0]?.startsWith('#!') === true ? 1 : 0;
  const end = lines.findIndex((line, index) => index >= first && !line.startsWith('//'));
  const count = (end === -1 ? lines.length : end) - first;
  // A provider's page is data that explains itself line by line, and what only tests use has no counterpart to name.
  const min = /^src\/providers\/[^/]+\/page\.ts$|^src\/testing\/|^test\//.test(path) ? 1 : headerLinesMin;
  if (count >= min && count <= headerLinesMax) return [];
  return [`${path}: opens with ${count} lines of comment; it needs ${min} to ${headerLinesMax}`];
}

export function checkLength(path: string, text: string): readonly Finding[] {
  const count = text.trimEnd().split('\n').length;
  return count <= fileLinesMax ? [] : [`${path}: ${count} lines; ${fileLinesMax} at most: split it by what it knows`];
}

function forbiddenSyntax(node: ts.Node): string | null {
  if (ts.isEnumDeclaration(node)) return 'enum: use a union of string literals';
  if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any: use unknown and narrow it';
  if (ts.isNonNullExpression(node)) return 'non-null assertion: handle the null';
  if (ts.isExportAssignment(node)) return 'default export: name it';
  const isDefault =
    ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((each) => each.kind === ts.SyntaxKind.DefaultKeyword);
  return isDefault === true ? 'default export: name it' : null;
}

function isBodied(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

/** Lines of a function without those of the functions inside it: a factory is as long as what it does itself. */
function ownLines(node: ts.Node, lineOf: (position: number) => number): number {
  const span = (each: ts.Node) => lineOf(each.getEnd()) - lineOf(each.getStart());
  const inner = (each: ts.Node): number => {
    let lines = 0;
    ts.forEachChild(each, (child) => {
      lines += isBodied(child) ? span(child) : inner(child);
    });
    return lines;
  };
  return isBodied(node) ? span(node) + 1 - inner(node) : 0;
}

/** Syntax that is not used here, and functions that are too long. */
export function checkSyntax(path: string, text: string, functions: 'bounded' | 'any-length'): readonly Finding[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const findings: Finding[] = [];
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: ts.Node): void => {
    const forbidden = forbiddenSyntax(node);
    if (forbidden !== null) findings.push(`${path}:${lineOf(node.getStart())}: ${forbidden}`);
    const count = functions === 'bounded' ? ownLines(node, lineOf) : 0;
    if (count > functionLinesMax) {
      findings.push(`${path}:${lineOf(node.getStart())}: a function of ${count} lines; ${functionLinesMax} at most`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return findings;
}

/** Put together here, so that this file does not find itself. */
const unfinished = new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|X{3})\\b`);
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [new RegExp(['(^|[^\\w.-])/', 'work/(main|wt|shared)'].join('')), 'a path of one machine'],
  [new RegExp(['/home/', '[a-z]+/(src|code|projects)'].join('')), 'a path of one machine'],
  [new RegExp(['registry\\.', '(npmjs|yarnpkg)\\.'].join('')), 'the address of a package registry'],
  [new RegExp(['\\b(issue|issues|pull request|PR|closes|fixes) ', '#?\\d+\\b'].join(''), 'i'), 'an issue number'],
];

/** Words that belong to somebody's machine or tracker, not to the project. */
export function checkWords(path: string, text: string): readonly Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const found = elsewhere.flatMap(([pattern, name]) => (pattern.test(line) ? [name] : []));
    if (unfinished.test(line)) found.push('a note of unfinished work: do it, or say it in the documents');
    return found.map((name) => `${path}:${index + 1}: ${name}`);
  });
}

const secretShapes: readonly (readonly [RegExp, string])[] = [
  [/\bgh[pousr]_[A-Za-z0-9]{36}\b/, 'GitHub token'],
  [/\bgithub_pat_[A-Za-z0-9_]{60,}/, 'GitHub token'],
  [/\b(AKIA|ASIA)(?!IOSFODNN7EXAMPLE)[0-9A-Z]{16}\b/, 'AWS key id'],
  [/\b[sr]k_live_[A-Za-z0-9]{20,}/, 'Stripe key'],
  [/\bxox[abprs]-[A-Za-z0-9-]{20,}/, 'Slack token'],
  [/\bdop_v1_[0-9a-f]{60,}/, 'DigitalOcean token'],
  [/\bglpat-[A-Za-z0-9_-]{20,}/, 'GitLab token'],
  [/\bnapi_[a-z0-9]{40,}/, 'Neon key'],
  [/\bsbp_[0-9a-f]{40}\b/, 'Supabase token'],
  [/\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}/, 'JSON Web Token'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]{40}/, 'private key'],
  [/\bAGE-SECRET-KEY-1[0-9A-Z]{50,}/, 'age identity'],
];

/** Strings that look like live secrets; tests build theirs at run time. The finding never repeats the string. */
export function checkSecrets(path: string, text: string): readonly Finding[] {
  return secretShapes.flatMap(([pattern, name]) => (pattern.test(text) ? [`${path}: has the shape of a ${name}`] : []));
}

/** Sections of docs/DESIGN.md that a text cites; `none` where it names the file's content without a number. */
export function citedSections(
  path: string,
  text: string,
): readonly { readonly path: string; readonly section: string }[] {
  return [...text.matchAll(/\bDESIGN(?:\.md)?(?: section (\d+)| "[A-Z])/g)].map((found) => ({
    path,
    section: found[1] ?? 'none',
  }));
}

/** The numbers of a page's sections. */
export function sectionsOf(page: string): readonly string[] {
  return [...page.matchAll(/^## (\d+)\. /gm)].map((found) => found[1] ?? '');
}

/** An address in the lock file would send every install there. */
export function checkLock(text: string): readonly Finding[] {
  return /"resolved"\s*:/.test(text)
    ? ['package-lock.json: names addresses; install with the .npmrc of this project']
    : [];
}

export interface UsedCode {
  readonly code: string;
  readonly what: string;
  readonly fault: boolean;
}

const makers: Readonly<Record<string, boolean>> = { HoldpointError: true, reason: false };

function literal(node: ts.Node | undefined): string | null {
  if (node === undefined) return null;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join('');
}

function codeOf(node: ts.Node): UsedCode | null {
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return null;
  const maker = ts.isIdentifier(node.expression) ? node.expression.text : '';
  const fault = Object.hasOwn(makers, maker) ? makers[maker] : undefined;
  const [first, second] = node.arguments ?? [];
  const code = first !== undefined && ts.isStringLiteralLike(first) ? first.text : null;
  if (fault === undefined || code === null) return null;
  if (second === undefined || !ts.isObjectLiteralExpression(second))
    return { code, what: literal(second) ?? '', fault };
  const what = second.properties.find((each) => ts.isPropertyAssignment(each) && each.name.getText() === 'what');
  return {
    code,
    what: (what !== undefined && ts.isPropertyAssignment(what) ? literal(what.initializer) : null) ?? '',
    fault,
  };
}

/** Every stable code that a source gives to a fault or a reason, with its first words. */
export function codesIn(path: string, text: string): readonly UsedCode[] {
  const codes: UsedCode[] = [];
  const visit = (node: ts.Node): void => {
    const code = codeOf(node);
    if (code !== null) codes.push(code);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return codes;
}
