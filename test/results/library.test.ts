/** The library as others get it: by the package's name, from the built file, with the built types. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const results = join(ROOT, 'test/fixtures/results/lmbench');

// Inside of the package, so that its own name is found as it is in a project that has installed it.
let folder = '';
beforeAll(() => {
  mkdirSync(join(ROOT, 'test/output'), { recursive: true });
  folder = mkdtempSync(join(ROOT, 'test/output/library-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCRIPT = `
import { compare, readResults } from 'taillight';

const standalone = await readResults(process.argv[2] + '/standalone');
const compared = await compare(standalone, process.argv[2] + '/llm-d', { generated: new Date(0) });
if (!compared.ok) throw new Error(compared.reason);
const { comparison } = compared;
console.log(JSON.stringify([standalone.parts.length, comparison.generated, comparison.targets.map(({ name }) => name)]));
`;

test('a script imports it by name and compares two folders', () => {
  const script = join(folder, 'script.mjs');
  writeFileSync(script, SCRIPT);
  const printed: unknown = JSON.parse(
    execFileSync(process.execPath, [script, results], { encoding: 'utf8' }),
  );
  expect(printed).toEqual([4, '1970-01-01T00:00:00.000Z', ['standalone', 'llm-d']]);
});

test('its types are those that a strict TypeScript project reads', () => {
  const script = join(folder, 'script.mts');
  const check = (text: string) => {
    writeFileSync(script, text);
    const options = ['--noEmit', '--strict', '--target', 'ES2023', '--module', 'nodenext', '--types', 'node'];
    const args = [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, script];
    return spawnSync(process.execPath, args, { encoding: 'utf8', cwd: folder }).stdout;
  };
  expect(check(SCRIPT.replaceAll('process.argv[2]', 'process.argv[2]!'))).toBe('');
  expect(check(SCRIPT.replace('comparison.targets', 'comparison.sides'))).toMatch(
    /Property 'sides' does not exist/,
  );
}, 60_000);
