import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { single } from '../../exporter/src/results/values';
import { readAiperfRecords } from '../../exporter/src/results/readers/aiperf-records';
import { readAiperfSummary } from '../../exporter/src/results/readers/aiperf-summary';
import { readBenchmarkReport } from '../../exporter/src/results/readers/benchmark-report';
import { readGuidellm } from '../../exporter/src/results/readers/guidellm';
import { readInferencePerfRequests } from '../../exporter/src/results/readers/inference-perf-requests';
import { readInferencePerfSummary } from '../../exporter/src/results/readers/inference-perf-summary';
import { readObservations } from '../../exporter/src/results/readers/observations';
import { readTaillightRun } from '../../exporter/src/results/readers/taillight-run';
import { readVllmBench } from '../../exporter/src/results/readers/vllm-bench';
import { readResults } from '../../exporter/src/results/read-results';
import { Refusal } from '../../exporter/src/results/refusal';
import { Source } from '../../exporter/src/results/source';

const FIXTURES = join(__dirname, '../fixtures/results');
const CSV = join(FIXTURES, 'lmbench/standalone/vllm/LMBench_sharegpt_output_2.csv');

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'taillight-results-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function readText(name: string, content: string | Buffer) {
  const path = join(folder, name);
  await writeFile(path, content);
  const { parts, unread } = await readResults(path);
  const told = unread.map(({ line, reason }) => `${line ?? '-'}: ${reason}`);
  return { records: parts.map((part) => part.records?.length ?? 0), told };
}

const unpacked = async (name: string) => gunzipSync(await readFile(join(FIXTURES, name)));

test('an empty file, a blank one and one of zeros are one line each', async () => {
  expect(await readText('empty.csv', '')).toEqual({ records: [], told: ['-: the file is empty'] });
  expect(await readText('blank.csv', '\n \n')).toEqual({ records: [], told: ['-: the file is blank'] });
  const zeros = await readText('zeros.json', Buffer.alloc(5000));
  expect(zeros.told[0]).toMatch(/^-: is no text: binary, or UTF-16 without its byte-order mark/);
});

test('of a CSV that was cut off, the whole rows are read and the torn one is named', async () => {
  const text = await readFile(CSV, 'utf8');
  const { records, told } = await readText('cut_2.csv', text.slice(0, text.length - 60));
  expect(records).toEqual([79]);
  expect(told).toEqual(['81: has 3 of 6 columns']);
});

test('a cut inside the last number is found by what the row says twice', async () => {
  const text = await readFile(CSV, 'utf8');
  const { records, told } = await readText('digit_2.csv', text.trimEnd().slice(0, -14));
  expect(records).toEqual([79]);
  expect(told).toEqual(['81: finish_time - launch_time is not ttft + generation_time']);
});

test('NaN, Infinity and negative cells cost their row, with the line', async () => {
  const rows = ['nan,1', 'inf,1', '-0.5,1', '0.5,-1', '0.5,x', '0.5,1'];
  const text = ['prompt_tokens,generation_tokens,ttft,generation_time', ...rows.map((row) => `10,20,${row}`)];
  expect(await readText('odd_1.csv', text.join('\n'))).toEqual({
    records: [1],
    told: [
      '2: ttft is not a number: nan',
      '3: ttft is not a number: inf',
      '4: ttft is negative: -0.5',
      '5: generation_time is negative: -1',
      '6: generation_time is not a number: x',
    ],
  });
});

test('UTF-16 and a byte-order mark are read, Latin-1 does no harm', async () => {
  const text = await readFile(CSV, 'utf8');
  const marked = Buffer.from(`\ufeff${text}`, 'utf16le');
  expect(await readText('wide_2.csv', marked)).toEqual({ records: [80], told: [] });
  expect(await readText('mark_2.csv', `\ufeff${text}`)).toEqual({ records: [80], told: [] });
  const latin = Buffer.from(
    text.replace('prompt_tokens,', 'gr\xf6\xdfe,prompt_tokens,').replace(/\n(?=\d)/g, '\n1,'),
    'latin1',
  );
  expect(await readText('latin_2.csv', latin)).toEqual({ records: [80], told: [] });
});

test('a JSON that was cut off is one line with its line number', async () => {
  const whole = (await unpacked('guidellm/benchmarks.json.gz')).toString();
  const { records, told } = await readText('cut.json', whole.slice(0, 400_000));
  expect(records).toEqual([]);
  expect(told).toEqual([expect.stringMatching(/^\d+: not valid JSON/)]);
});

test('Python NaN and Infinity are missing values', async () => {
  const bench = {
    num_prompts: 10,
    completed: 10,
    duration: 5,
    request_rate: 'inf',
    max_concurrency: 4,
    mean_ttft_ms: 12,
    median_ttft_ms: 11,
    p99_ttft_ms: 'NAN',
    mean_itl_ms: 'INF',
  };
  const path = join(folder, 'nan.json');
  await writeFile(path, JSON.stringify(bench).replace('"NAN"', 'NaN').replace('"INF"', '-Infinity'));
  const { parts, unread } = await readResults(path);
  expect(unread).toEqual([]);
  expect(parts[0]!.summary!.latencies.ttft.all).toMatchObject({ n: 10, p50: 0.011, p99: null });
  expect(parts[0]!.summary!.latencies.itl.all).toBeUndefined();
});

test('a bomb of brackets is refused by its depth, a zip archive by its name', async () => {
  expect((await readText('deep.json', '['.repeat(2_000_000))).told).toEqual([
    '1: nests deeper than 64 levels',
  ]);
  expect((await readText('zip.json', Buffer.from('PK\x03\x04rest of an archive'))).told).toEqual([
    '-: a zip archive: unpack it first',
  ]);
  const yaml = `version: '0.2'\nresults: ${'['.repeat(20_000)}`;
  expect((await readText('deep.yaml', yaml)).told[0]).toMatch(/not (usable|valid) YAML/);
});

test('a packed bomb of 300 MB is refused while it unpacks', async () => {
  const packed = gzipSync(Buffer.alloc(300 * 2 ** 20, '{"a":1, '), { level: 1 });
  const before = process.memoryUsage().rss;
  const { told } = await readText('bomb.json', packed);
  expect(told[0]).toMatch(/more than 128 MiB in one piece/);
  expect(process.memoryUsage().rss - before).toBeLessThan(900 * 2 ** 20);
});

test('a JSON of 1 GB is refused within bounded memory, whatever it holds', async () => {
  const zeros = join(folder, 'giant.json');
  await writeFile(zeros, '{"benchmarks": "');
  // A sparse file: the rest reads as zeros.
  await truncate(zeros, 2 ** 30);
  expect((await readResults(zeros)).unread[0]!.reason).toMatch(/^is no text/);

  const texts = join(folder, 'texts.json');
  await writeFile(texts, '{"benchmarks": [\n');
  for (let part = 0; part < 20; part += 1) await appendFile(texts, `"${'x'.repeat(8 * 2 ** 20)}",\n`);
  const before = process.memoryUsage().rss;
  const { parts, unread } = await readResults(texts);
  expect(parts).toEqual([]);
  expect(unread[0]!.reason).toMatch(/more than 128 MiB in one piece: write the result without prompts/);
  expect(process.memoryUsage().rss - before).toBeLessThan(900 * 2 ** 20);
});

test('a damaged gzip gives what came before the damage, and says so', async () => {
  const packed = gzipSync(await readFile(CSV));
  const { told } = await readText('cut_2.csv.gz', packed.subarray(0, packed.length - 200));
  expect(told.at(-1)).toMatch(/gzip data are (cut off|damaged)/);
});

test('the lesser of two outputs of a tool is refused with the name of the better one', async () => {
  const csv = await readText('profile_export_aiperf.csv', 'Metric,avg,min,max,sum,p1,p5\nTTFT,1,2,3,4,5,6\n');
  expect(csv.told).toEqual([
    "-: AIPerf's table: give profile_export.jsonl or profile_export_aiperf.json, which stand beside it",
  ]);
  const table = await readText('benchmarks.csv', 'Run Info,Run Info,Benchmark\nModel,Backend,Rate\n');
  expect(table.told).toEqual(["-: GuideLLM's table: give benchmarks.json, which GuideLLM writes too"]);
});

test('a text about a format is none of its files; blank lines before a header do not matter', async () => {
  const [header = '', ...rows] = (await readFile(CSV, 'utf8')).split('\n');
  const about = await readText('README.md', `# Columns\n\n${header}\n`);
  expect(about.told).toEqual([expect.stringMatching(/^-: not a result that Taillight knows/)]);
  const late = await readText('late_2.csv', `\n\n${header}\n${rows.join('\n')}`);
  expect(late).toEqual({ records: [80], told: [] });
});

test('a file of which only the beginning was wanted is closed again, plain or packed', async () => {
  const long = Array.from({ length: 100_000 }, (_, index) => `line ${index} ${Math.sin(index)}`).join('\n');
  const [plain, packed] = [join(folder, 'long.txt'), join(folder, 'long.txt.gz')];
  await writeFile(plain, long);
  await writeFile(packed, gzipSync(long));
  const opened = async () => (await readdir('/proc/self/fd')).length;
  const before = await opened();
  for (let time = 0; time < 20; time += 1) {
    for (const path of [plain, packed])
      expect((await (await Source.open(path)).firstLine())?.text).toBe('line 0 0');
  }
  // A stream closes its file a moment after it is told to.
  for (let wait = 0; wait < 100 && (await opened()) > before; wait += 1) await setTimeout(20);
  expect(await opened()).toBeLessThanOrEqual(before);
});

test('a folder: links in a circle, dangling links and other files do no harm; the good file is read', async () => {
  const root = join(folder, 'tree');
  await mkdir(join(root, 'a/b/c'), { recursive: true });
  await writeFile(join(root, 'a/LMBench_sharegpt_output_2.csv'), await readFile(CSV));
  await writeFile(join(root, 'a/b/c/too-deep_3.csv'), await readFile(CSV));
  await writeFile(join(root, 'notes.txt'), 'nothing\n');
  await writeFile(join(root, 'config.json'), '{"a": 1}');
  await symlink('..', join(root, 'a/up'));
  await symlink('self.csv', join(root, 'self.csv'));
  await symlink('nowhere.csv', join(root, 'gone.csv'));
  const { parts, unread } = await readResults(root);
  expect(parts.map(({ file, workload }) => [file, workload])).toEqual([
    ['a/LMBench_sharegpt_output_2.csv', 'sharegpt'],
  ]);
  expect(unread).toEqual([
    { file: 'gone.csv', line: null, reason: 'no such file or folder' },
    { file: 'self.csv', line: null, reason: 'a symbolic link that leads in a circle' },
  ]);
});

test('a device or a missing path is refused, not waited for', async () => {
  expect((await readResults('/dev/zero')).unread[0]!.reason).toBe('not a regular file');
  expect((await readResults(join(folder, 'missing'))).unread[0]!.reason).toBe('no such file or folder');
});

test('many bad lines are counted, not listed', async () => {
  const text = `prompt_tokens,generation_tokens,ttft,generation_time\n1,1,1,1\n${'x\n'.repeat(1000)}`;
  const { records, told } = await readText('bad_1.csv', text);
  expect(records).toEqual([1]);
  expect(told).toHaveLength(6);
  expect(told[5]).toBe('-: 995 more lines could not be used');
});

test('no JSON value whatever makes a reader fail but by a refusal', async () => {
  const path = join(folder, 'any.json');
  await appendFile(path, '{}');
  const source = await Source.open(path);
  const readers = [
    readTaillightRun,
    readGuidellm,
    readAiperfRecords,
    readAiperfSummary,
    readInferencePerfRequests,
    readInferencePerfSummary,
    readVllmBench,
    readBenchmarkReport,
    readObservations,
  ];
  const keys = fc.constantFrom(
    'benchmarks',
    'metrics',
    'requests',
    'successful',
    'errored',
    'info',
    'timings',
    'metadata',
    'error',
    'ttfts',
    'errors',
    'output_lens',
    'itls',
    'results',
    'latency',
    'time_to_first_token',
    'units',
    'scenario',
    'stack',
    'standardized',
    'load_summary',
    'successes',
    'completed',
    'duration',
    'mean_ttft_ms',
    'start_time',
    'end_time',
    'response_metrics',
    'time_to_first_token_ms',
    'targets',
    'schema',
    'value',
    'unit',
    'request_performance',
    'aggregate',
    'percentiles',
    'request_start_ns',
    'output_token_times',
    'num_prompts',
    'concurrency',
    '__proto__',
    'length',
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.oneof(fc.double(), fc.integer(), fc.string(), fc.boolean(), fc.constant(null), fc.constant('ms')),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(keys, tie('value'), { maxKeys: 6 }),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(value, async (any) => {
      for (const read of readers) {
        try {
          const reading = await read(single(any), source);
          for (const part of reading.parts) expect(part.records ?? part.summary).not.toBeNull();
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }
    }),
    { numRuns: 300 },
  );
});
