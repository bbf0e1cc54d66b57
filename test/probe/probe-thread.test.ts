import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { ProbeRecord } from '../../exporter/src/model/record';
import { monotonicMs } from '../../exporter/src/probe/clock';
import { watchLoopDelay } from '../../exporter/src/probe/loop-delay';
import type { ProbePlan } from '../../exporter/src/probe/probe-plan';
import { ProbeThread, type ProbeThreadEvents } from '../../exporter/src/probe/probe-thread';
import { PLAIN_HTTP, probeConfig } from '../support/probe-setup';
import { answer, openStream, pause, startScriptedLlm, type ScriptedLlm } from '../support/scripted-llm';

let folder: string;
let llm: ScriptedLlm;
let threads: ProbeThread[];

/** Programs for the thread: a sound one, one that dies in the middle if it is the first of its plan, and one that always dies. */
const PROGRAMS = {
  sound: '',
  fragile: `{
    const { parentPort, workerData } = require('node:worker_threads');
    const post = parentPort.postMessage.bind(parentPort);
    let posted = 0;
    if ((workerData.plan.first_sequence ?? 0) === 0) parentPort.postMessage = (message) => {
      post(message);
      posted += 1;
      if (posted === 20) setImmediate(() => { throw new TypeError('invented\\nbug'); });
    };
  }`,
  hopeless: 'throw new TypeError("invented bug");',
};
const entry = (name: keyof typeof PROGRAMS) => join(folder, `${name}.cjs`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'probe-thread-'));
  for (const [name, js] of Object.entries(PROGRAMS)) {
    buildSync({
      entryPoints: [join(__dirname, 'thread-entry.ts')],
      outfile: entry(name as keyof typeof PROGRAMS),
      banner: { js },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'silent',
    });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  threads = [];
  llm = await startScriptedLlm(answer());
});
afterEach(async () => {
  await Promise.all(threads.map((thread) => thread.stop(0)));
  await llm.close();
});

function probe(program: keyof typeof PROGRAMS, change: Partial<ProbePlan> = {}) {
  const told = {
    records: [] as ProbeRecord[],
    gaps: [] as number[],
    targets: [] as string[],
    crashes: [] as { text: string; restart_in_seconds: number | null }[],
  };
  const events: ProbeThreadEvents = {
    onRecord: (record, gaps_ms) => {
      told.records.push(record);
      told.gaps.push(gaps_ms.length);
    },
    onTarget: ({ target, up }) => told.targets.push(`${target} ${up ? 'up' : 'down'}`),
    onSkipped() {},
    onFieldDropped() {},
    onProgress() {},
    onDelay() {},
    onCrash: (crash) => told.crashes.push(crash),
  };
  const plan: ProbePlan = {
    run: 'run1',
    zero_ms: monotonicMs(),
    targets: [{ name: 'a', url: llm.url, model: null, http: PLAIN_HTTP }],
    config: probeConfig(),
    limits: { conversations: 4, seconds: null, requests: null },
    ...change,
  };
  const thread = new ProbeThread(plan, events, { entryPath: entry(program), first_back_off_seconds: 0.01 });
  threads.push(thread);
  thread.start();
  return { thread, told, plan };
}

it('a probing thread tells the same as a prober', async () => {
  const before = monotonicMs();
  const { thread, told, plan } = probe('sound');
  await thread.done;
  expect(told.records).toHaveLength(12);
  expect(told.records.every(({ outcome }) => outcome === 'ok')).toBe(true);
  expect(told.gaps).toEqual(Array(12).fill(2));
  expect(told.targets).toEqual(['a up']);
  // The thread's clock is the host's: times count from the zero that the host chose.
  const times = told.records.map(({ sent_ms }) => sent_ms + plan.zero_ms);
  expect(Math.min(...times)).toBeGreaterThan(before);
  expect(Math.max(...times)).toBeLessThan(monotonicMs());
});

it('stopping lets requests finish and hands over all that was measured', async () => {
  llm.reply = answer({ first_ms: 150 });
  const { thread, told } = probe('sound', { limits: { conversations: null, seconds: null, requests: null } });
  for (let waited = 0; llm.requests.length < 2 && waited < 20_000; waited += 10) await pause(10);
  await thread.stop(20);
  expect(told.records).toHaveLength(llm.requests.length);
  expect(told.records.every(({ outcome }) => outcome === 'ok')).toBe(true);
});

it('stopping drops what hangs', async () => {
  llm.reply = (response) => openStream(response);
  const { thread, told } = probe('sound');
  for (let waited = 0; llm.requests.length < 2 && waited < 20_000; waited += 10) await pause(10);
  await thread.stop(0.05);
  await thread.done;
  expect(told.records).toEqual([]);
});

it('a plan that cannot be carried out is refused once, in one line', async () => {
  const workload = { ...probeConfig().workload, documents_dir: '/nowhere' };
  const { thread, told } = probe('sound', { config: { ...probeConfig(), workload } });
  await expect(thread.done).rejects.toThrow(/^documents_dir \/nowhere: cannot be read \(ENOENT\)/);
  expect(told.crashes).toEqual([]);
});

it('a thread that dies is started again, and repeats no conversation that it had begun', async () => {
  llm.reply = answer({ first_ms: 40 });
  const { thread, told } = probe('fragile', { limits: { conversations: 30, seconds: null, requests: null } });
  await thread.done;
  expect(told.crashes).toEqual([{ text: 'TypeError: invented bug', restart_in_seconds: 0.01 }]);
  const firsts = llm.requests.filter(({ body }) => body.messages.length === 1);
  expect(new Set(firsts.map(({ raw }) => raw)).size).toBe(firsts.length);
  // The two under way when it died had begun, whether or not they had sent something.
  expect([28, 29, 30]).toContain(firsts.length);
  expect(told.targets).toEqual(['a up', 'a up']);
});

it('a thread that dies again and again is given up', async () => {
  const { thread, told } = probe('hopeless');
  await expect(thread.done).rejects.toThrow(
    'the probing thread crashed 6 times in a row: TypeError: invented bug',
  );
  expect(told.crashes.map(({ restart_in_seconds }) => restart_in_seconds)).toEqual([
    0.01,
    0.02,
    0.04,
    0.08,
    0.16,
    null,
  ]);
});

it('a program that is not there is a crash like any other', async () => {
  const { thread, told } = probe('sound');
  await thread.stop(0);
  const lost = new ProbeThread(
    { ...probe('sound').plan },
    { ...({} as ProbeThreadEvents), onCrash: (crash) => told.crashes.push(crash) },
    { entryPath: join(folder, 'missing.cjs'), first_back_off_seconds: 0.001 },
  );
  lost.start();
  await expect(lost.done).rejects.toThrow(/crashed 6 times in a row: Error.*: Cannot find module/);
});

it('the delay of a blocked event loop is seen, that of an idle one is small', async () => {
  const delays: { p50_seconds: number; p99_seconds: number }[] = [];
  const end = watchLoopDelay((delay) => delays.push(delay), 300);
  await pause(450);
  const blockedUntil = monotonicMs() + 200;
  while (monotonicMs() < blockedUntil);
  await pause(300);
  end();
  const count = delays.length;
  await pause(350);
  expect(delays).toHaveLength(count);
  expect(Math.max(...delays.map(({ p99_seconds }) => p99_seconds))).toBeGreaterThan(0.15);
  expect(delays.every(({ p50_seconds }) => p50_seconds >= 0)).toBe(true);
});
