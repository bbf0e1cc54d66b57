import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseSettings } from './launch';
import { findProgram, findPrograms } from './programs';

const root = mkdtempSync(join(tmpdir(), 'taillight-programs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function file(path: string, mode = 0o755): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, '');
  chmodSync(full, mode);
  return full;
}

const search = (path: string, grafana_home: string | null = null) => ({
  path: path
    .split(':')
    .map((folder) => join(root, folder))
    .join(':'),
  grafana_home,
});

test('Debian calls it prometheus-alertmanager; either name is found, in the order of PATH', () => {
  const debian = file('debian/prometheus-alertmanager');
  expect(findProgram('alertmanager', search('nothing:debian'))).toMatchObject({ command: debian, words: [] });
  const own = file('own/alertmanager');
  expect(findProgram('alertmanager', search('debian:own'))).toMatchObject({ command: own });
});

test('a file that nobody may run and a folder of that name are passed over', () => {
  file('notes/prometheus', 0o644);
  mkdirSync(join(root, 'folder/prometheus'), { recursive: true });
  expect(findProgram('prometheus', search('notes:folder'))).toMatch(
    /^--with prometheus: no program prometheus on PATH; get it: /,
  );
  const program = file('real/prometheus');
  expect(findProgram('prometheus', search('notes:folder:real'))).toMatchObject({ command: program });
});

describe('Grafana', () => {
  const archive = join(root, 'grafana-12');
  const program = file('grafana-12/bin/grafana');
  file('grafana-12/conf/defaults.ini');

  test('the program of an unpacked archive has its home around it', () => {
    const found = { name: 'grafana', command: program, words: ['server'], home: archive };
    expect(findProgram('grafana', search('grafana-12/bin'))).toEqual(found);
    expect(findProgram('grafana', search('', archive))).toEqual(found);
  });

  test('a link on PATH leads to it', () => {
    mkdirSync(join(root, 'links'));
    symlinkSync(program, join(root, 'links/grafana'));
    expect(findProgram('grafana', search('links'))).toMatchObject({ home: archive, words: ['server'] });
  });

  test('Homebrew keeps the home in share/grafana', () => {
    const brewed = file('cellar/grafana/12/bin/grafana');
    file('cellar/grafana/12/share/grafana/conf/defaults.ini');
    expect(findProgram('grafana', search('cellar/grafana/12/bin'))).toEqual({
      name: 'grafana',
      command: brewed,
      words: ['server'],
      home: join(root, 'cellar/grafana/12/share/grafana'),
    });
  });

  test('before 9.4 it is grafana-server, without a word', () => {
    file('grafana-9/bin/grafana-server');
    file('grafana-9/conf/defaults.ini');
    expect(findProgram('grafana', search('', join(root, 'grafana-9')))).toMatchObject({ words: [] });
  });

  test('a home that was named is used even if another is on PATH, and told when it is none', () => {
    expect(findProgram('grafana', search('grafana-12/bin', join(root, 'own')))).toBe(
      `--grafana-home: ${join(root, 'own')} has no conf/defaults.ini and bin/grafana; name the folder of an unpacked Grafana`,
    );
  });
});

test('Prometheus brings an Alertmanager along if there is one, and does without if not', () => {
  file('both/prometheus');
  expect(findPrograms(['prometheus'], search('both'))).toMatchObject({
    programs: [{ name: 'prometheus' }],
    missing: [],
  });
  file('both/alertmanager');
  expect(findPrograms(['prometheus'], search('both')).programs.map(({ name }) => name)).toEqual([
    'alertmanager',
    'prometheus',
  ]);
});

test('everything that is missing is told at once', () => {
  const { missing } = findPrograms(['alertmanager', 'prometheus', 'grafana'], search('nothing'));
  // Grafana may be installed as a package on this machine, which is found without PATH only through its command.
  expect(missing.map((line) => line.split(':')[0])).toEqual([
    '--with alertmanager',
    '--with prometheus',
    '--with grafana',
  ]);
});

test('settings are lines NAME=VALUE; values may hold further signs of equality, comments and blanks are none', () => {
  expect(parseSettings('# GF_A=1\n\nGF_B=x=y\n  # GF_C=2\n GF_D = 3 \n')).toEqual({ GF_B: 'x=y', GF_D: '3' });
});
