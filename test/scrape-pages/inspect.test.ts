import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { inspect } from '../../exporter/src/cli/inspect';

const PAGE = join(__dirname, '../fixtures/pages/vllm-0.32-busy.prom');
const body = readFileSync(PAGE);
let folder: string;
let server: Server;
let base: string;
let asked: IncomingMessage | null = null;

async function run(...argv: string[]) {
  let stdout = '';
  let stderr = '';
  const code = await inspect(argv, {
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
  });
  return { code, stdout, stderr };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inspect-'));
  server = createServer((request, response) => {
    asked = request;
    const answers: Record<string, [number, string, string | Buffer]> = {
      '/metrics': [200, 'text/plain; version=1.0.0; charset=utf-8', body],
      '/html': [200, 'text/html', '<html><body>Welcome</body></html>'],
      '/cut': [200, 'application/openmetrics-text; version=1.0.0', 'm 1\n'],
    };
    const [status, type, text] = answers[request.url ?? ''] ?? [404, 'text/plain', 'no such page'];
    response.writeHead(status, { 'content-type': type }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a URL is fetched with the token of the file and shown as JSON', async () => {
  const token = join(folder, 'token');
  writeFileSync(token, 'abc\n');
  const { code, stdout, stderr } = await run(`${base}/metrics`, '--json', '--bearer-token-file', token);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ model: 'tiny-qwen3', values: { prompt_tokens_total: 260_782 } });
  expect(asked?.headers.authorization).toBe('Bearer abc');
});

test('a file gives the same as the URL, also when it is gzipped', async () => {
  const zipped = join(folder, 'page.prom.gz');
  writeFileSync(zipped, gzipSync(body));
  const outputs = await Promise.all([run(`${base}/metrics`), run(PAGE), run(zipped)]);
  expect(outputs.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(new Set(outputs.map(({ stdout }) => stdout)).size).toBe(1);
  expect(outputs[0]?.stdout).toMatch(/^prompt_tokens_total +260782 +vllm:prompt_tokens_total$/m);
});

test('--help shows the usage', async () => {
  const { code, stdout } = await run('--help');
  expect(code).toBe(0);
  expect(stdout).toContain('taillight inspect URL|FILE|-');
});

describe('bad input ends with exit code 2 and one line that says what is wrong', () => {
  const wrong: [string, () => string[], RegExp][] = [
    ['no argument', () => [], /give one URL, one file, or - for standard input/],
    ['two arguments', () => ['a', 'b'], /give one URL, one file/],
    ['an unknown option', () => ['--wat'], /Unknown option '--wat'.*--help/],
    [
      'a missing file',
      () => [join(folder, 'none')],
      /none: no such file; a URL starts with http:\/\/ or https:\/\//,
    ],
    ['a folder', () => [folder], /a directory, not a file/],
    ['no gzip in spite of the name', () => [garbage('x.gz', 'text')], /x\.gz: incorrect header check/],
    ['a URL that is none', () => ['http://'], /http:\/\/: not a URL/],
    [
      'a server that is not there',
      () => ['http://127.0.0.1:1/metrics'],
      /127\.0\.0\.1:1\/metrics: connection refused/,
    ],
    ['a wrong path', () => [`${base}/metricsz`], /metricsz: answered 404/],
    ['an HTML page', () => [`${base}/html`], /html: an HTML or XML page, not metrics; is the path right\?/],
    [
      'a page that breaks off',
      () => [`${base}/cut`],
      /cut: the page breaks off: OpenMetrics ends with "# EOF"/,
    ],
    [
      'a malformed page',
      () => [garbage('bad.prom', 'ok 1\nm{a="1} 2\n')],
      /bad\.prom: line 2: a label value lacks/,
    ],
    ['an empty page', () => [garbage('empty.prom', '')], /empty\.prom: the page is empty/],
  ];

  function garbage(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  test.each(wrong)('%s', async (_, argv, message) => {
    const { code, stdout, stderr } = await run(...argv());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^taillight inspect: [^\n]+\n$/);
  });
});
