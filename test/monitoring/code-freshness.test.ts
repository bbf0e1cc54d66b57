import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { buildObjects, plainName, ROOT } from '../support/kustomize';

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => relative(folder, path))
    .sort();

describe('what is generated and committed', () => {
  let built: string;

  beforeAll(() => {
    built = mkdtempSync(join(tmpdir(), 'taillight-monitoring-'));
    execFileSync(process.execPath, ['scripts/build-monitoring.mjs', '--out', built], { cwd: ROOT });
  }, 120_000);

  afterAll(() => rmSync(built, { recursive: true, force: true }));

  test('is byte for byte what `npm run build:monitoring` makes of the sources', () => {
    const names = filesUnder(built);
    expect(names).toContain('monitoring/code/exporter/exporter.manifest.json');
    const stale = names.filter((name) => {
      const committed = join(ROOT, name);
      return !existsSync(committed) || !readFileSync(committed).equals(readFileSync(join(built, name)));
    });
    // Not empty? The sources have changed: run `npm run build:monitoring` and commit what it writes.
    expect(stale).toEqual([]);
  });

  test.each(['exporter', 'live', 'plots', 'plugin'])(
    'monitoring/code/%s holds nothing left from before',
    (name) => {
      const folder = join('monitoring/code', name);
      expect(filesUnder(join(ROOT, folder))).toEqual(filesUnder(join(built, folder)));
    },
  );
});

test('every ConfigMap of code is so small that client-side apply takes it, even with what overlays add', () => {
  const objects = ['monitoring/code', 'monitoring/code/plots'].flatMap((folder) => buildObjects(folder));
  const sizes = objects.map((object): [string, number] => [plainName(object), JSON.stringify(object).length]);
  expect(sizes.map(([name]) => name).sort()).toEqual([
    'grafana-plugin-taillight',
    'taillight-code-0',
    'taillight-code-1',
    'taillight-code-2',
    'taillight-code-3',
    'taillight-code-live-0',
    'taillight-code-live-1',
    ...Array.from({ length: 12 }, (_, index) => `taillight-code-plots-${index}`).sort(),
    'taillight-code-start',
  ]);
  expect(sizes.filter(([, bytes]) => bytes >= 200_000)).toEqual([]);
});
