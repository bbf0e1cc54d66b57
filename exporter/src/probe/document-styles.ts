/**
 * The pieces that generated documents are put together from. In a template `{n}` is a noun, `{v}` a verb, `{a}` an adjective,
 * `{i}` an identifier and `{w}` an action. `tokens` is the mean length of the filled-in piece over the vocabularies named in
 * `lexicon.ts` (p50k apart, which splits indentation differently); the tests hold the sum to within 5 %.
 */
export interface Piece {
  tokens: number;
  template: string;
}

/** A section is one `open`, some of `body` in random order, and one `close`. */
export interface DocumentStyle {
  name: string;
  kind: 'code' | 'text';
  open: readonly Piece[];
  body: readonly Piece[];
  close: readonly Piece[];
}

const piece = (tokens: number, template: string): Piece => ({ tokens, template });

const PAPER: DocumentStyle = {
  name: 'paper',
  kind: 'text',
  open: [
    piece(22.8, '## The {a} {n} of {n} and {n}\n\nThe {a} {n} {v} the {n} and the {a} {n} of each {n}.'),
    piece(20.8, '## On {a} {n} within the {n}\n\nIn this {n} we compare the {a} {n} with a {a} {n}.'),
    piece(23.8, '### A {a} {n} for the {n}\n\nMost of the {n} {v} a {a} {n}, while the {n} {v} the {n}.'),
  ],
  body: [
    piece(18, ' When the {n} {v} the {n}, the {a} {n} {v} a {a} {n} within the {n}.'),
    piece(19, ' The {n} of the {n} {v} the {a} {n}, which {v} the {n} by a {a} {n}.'),
    piece(20, ' Although the {n} {v} the {a} {n}, no {n} in the {n} {v} it after the {a} {n}.'),
    piece(20, ' This {n} {v} the {n} against the {a} {n}; the {n} {v} the {n} in the same {n}.'),
    piece(21, ' We found that a {a} {n} {v} the {n} only when the {n} of the {n} {v} a {a} {n}.'),
    piece(16, ' Without a {a} {n}, the {n} {v} the {n} and the {n} {v} nothing.'),
    piece(16, ' For each {n} the {a} {n} and the {a} {n} were read during the {n}.'),
  ],
  close: [
    piece(8, ' The {a} {n} therefore {v} the {n}.\n\n'),
    piece(12, ' It follows that the {n} {v} the {n} before the {n}.\n\n'),
  ],
};

const REPORT: DocumentStyle = {
  name: 'report',
  kind: 'text',
  open: [
    piece(19, '# Report about the {n} in the {a} {n}\n\nThe {n} of this {n} {v} the following.\n\n'),
    piece(20, '# Plan for the {a} {n}\n\nEach {n} {v} its own {n}; these are the {a} points.\n\n'),
  ],
  body: [
    piece(11, '- The {n} {v} the {a} {n} for the {n}.\n'),
    piece(16, '- Every {a} {n} {v} the {n}, because the {n} {v} a {a} {n}.\n'),
    piece(15, '- A {n} with a {a} {n} {v} the {n} of the {a} {n}.\n'),
    piece(14, '- After the {n}, the {n} {v} the {n} and the {n}.\n'),
    piece(16, '- The {a} {n} must not {w} the {n} while the {n} {v} the {n}.\n'),
    piece(15, '- Question: who {v} the {n} when the {a} {n} {v} the {n}?\n'),
  ],
  close: [
    piece(13, '\nThe {n} {v} these points by the end of the {a} {n}.\n\n'),
    piece(9, '\nNo other {n} {v} the {n} until then.\n\n'),
  ],
};

const PYTHON: DocumentStyle = {
  name: 'python',
  kind: 'code',
  open: [
    piece(7.1, 'def {w}_{i}({i}, {i}):\n'),
    piece(9.13, 'def {w}_{i}_{i}({i}, {i}=None):\n'),
    piece(8.03, 'async def {w}_{i}(self, {i}):\n'),
  ],
  body: [
    piece(7.08, '    {i} = {i}.{w}({i})\n'),
    piece(10, '    if {i} is None:\n        return {i}\n'),
    piece(12.08, '    for {i} in {i}.{w}():\n        {i}.{w}({i})\n'),
    piece(10.16, '    {i}_{i} = {w}_{i}({i}, {i})\n'),
    piece(9, '    # The {a} {n} {v} the {n}.\n'),
    piece(12.08, '    {i} = [{w}({i}) for {i} in {i}]\n'),
    piece(14, '    with {i}.{w}() as {i}:\n        {i} = {i}.{w}()\n'),
    piece(13, '    assert {i} == {i}, "the {n} {v} the {n}"\n'),
  ],
  close: [piece(4, '    return {i}\n\n\n'), piece(6.12, '    return {w}_{i}({i})\n\n\n')],
};

const TYPESCRIPT: DocumentStyle = {
  name: 'typescript',
  kind: 'code',
  open: [
    piece(13.08, 'export function {w}({i}: string, {i}: number): boolean {\n'),
    piece(12.29, 'export async function {w}({i}: string[]): Promise<void> {\n'),
    piece(21.08, '/** The {n} {v} the {a} {n}. */\nfunction {w}({i}: number, {i}: number): number {\n'),
  ],
  body: [
    piece(8.08, '  const {i} = {i}.{w}({i});\n'),
    piece(10, '  if ({i} === null) return {i};\n'),
    piece(16.08, '  for (const {i} of {i}) {\n    {i}.{w}({i});\n  }\n'),
    piece(9, '  // The {a} {n} {v} the {n}.\n'),
    piece(10.07, '  const {i} = await {w}({i}, {i});\n'),
    piece(23.13, '  if ({i}.{i} > {i}.{i}) {\n    throw new Error("the {n} {v} the {n}");\n  }\n'),
    piece(13.14, '  {i}.{i} = {i}.{w}(({i}) => {i}.{i});\n'),
  ],
  close: [piece(5, '  return {i};\n}\n\n'), piece(8.07, '  return {i}.{i} === {i};\n}\n\n')],
};

const SQL: DocumentStyle = {
  name: 'sql',
  kind: 'code',
  open: [
    piece(11.03, 'CREATE TABLE {i}_{i} (\n  id integer PRIMARY KEY,\n'),
    piece(18, '-- The {n} {v} the {a} {n}.\nCREATE TABLE {i} (\n  id integer PRIMARY KEY,\n'),
  ],
  body: [
    piece(6, '  {i} text NOT NULL,\n'),
    piece(7.03, '  {i}_{i} integer NOT NULL,\n'),
    piece(6, '  {i} boolean DEFAULT false,\n'),
    piece(13.03, '  {i}_{i} text, -- the {n} of the {a} {n}\n'),
    piece(8, '  {i} integer REFERENCES {i} (id),\n'),
  ],
  close: [
    piece(19, '  {i} text\n);\nSELECT {i}, {i} FROM {i} WHERE {i} = {i} ORDER BY {i};\n\n'),
    piece(16, '  {i} text\n);\nUPDATE {i} SET {i} = {i} WHERE {i} > {i};\n\n'),
  ],
};

export const DOCUMENT_STYLES: readonly DocumentStyle[] = [PAPER, REPORT, PYTHON, TYPESCRIPT, SQL];
