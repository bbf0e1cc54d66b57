import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { RULES, ruleFiles, testFiles } from './rule-files';

/** Hours of a system, evaluated every minute: seconds of work, more on a busy machine. */
jest.setTimeout(180_000);

/** `npm test` installs it on Debian; elsewhere these tests are left out, and say so. */
const withPromtool = spawnSync('promtool', ['--version']).error === undefined ? test : test.skip;

function promtool(...args: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: RULES, encoding: 'utf8' });
  return { status, text: `${stdout}${stderr}` };
}

withPromtool('promtool finds no fault with the rule files', () => {
  const { status, text } = promtool('check', 'rules', ...ruleFiles);
  expect(text).not.toMatch(/FAILED|duplicate/);
  expect(status).toBe(0);
});

withPromtool.each(testFiles.map((file) => [file]))('promtool test rules %s', (file) => {
  const { status, text } = promtool('test', 'rules', join('tests', file));
  expect(text).not.toContain('FAILED');
  expect(status).toBe(0);
});
