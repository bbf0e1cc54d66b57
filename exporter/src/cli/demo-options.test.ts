import { join } from 'node:path';
import { configFromTargets } from '../config/load-config';
import { demoConfig, demoOptions, type DemoOptions } from './demo-options';

function read(...argv: string[]) {
  const printed = { out: '', err: '' };
  const io = {
    stdout: (text: string) => void (printed.out += text),
    stderr: (text: string) => void (printed.err += text),
  };
  return { result: demoOptions(argv, io), ...printed, printed };
}

const options = (...argv: string[]) => {
  const { result } = read(...argv);
  if (typeof result === 'number') throw new Error(`refused with ${result}`);
  return result;
};

test('without options it is the endless multi-turn demo on a free port', () => {
  expect(options()).toMatchObject({
    once: false,
    json: null,
    scenario: 'multi-turn',
    seconds: null,
    port: 0,
    companions: [],
    grafana_home: null,
    walkthrough: null,
  });
});

test('the walkthrough keeps its results where it is told, as an absolute path', () => {
  expect(options('--walkthrough').walkthrough).toEqual({ out: null });
  expect(options('--walkthrough', '--out', 'kept').walkthrough).toEqual({ out: join(process.cwd(), 'kept') });
});

test('a run of the default size has the 368 later turns that a P99 needs', () => {
  const { conversations, turns } = options('--once').workload;
  expect(conversations * (turns - 1)).toBeGreaterThanOrEqual(368);
});

test('options reach the workload, and the scenario changes what is asked', () => {
  const { workload, conversations } = options(
    '--scenario',
    'hot-prefix',
    '--conversations',
    '7',
    '--seed',
    '3',
  );
  expect(conversations).toBe(7);
  expect(workload).toMatchObject({ conversations: 7, seed: 3 });
  expect(workload.shared_prefix_tokens).toBeGreaterThan(0);
});

test.each([
  [['--with', 'prometheus'], ['prometheus']],
  [
    ['--with', 'grafana'],
    ['prometheus', 'grafana'],
  ],
  [
    ['--with', 'alertmanager'],
    ['alertmanager', 'prometheus'],
  ],
  [
    ['--with', 'grafana, prometheus', '--with', 'alertmanager'],
    ['alertmanager', 'prometheus', 'grafana'],
  ],
])('%j starts %j, those before that others need', (argv, companions) => {
  expect(options(...argv).companions).toEqual(companions);
});

test('the folder of Grafana is made absolute, as programs are started elsewhere', () => {
  expect(options('--with', 'grafana', '--grafana-home', 'grafana-12').grafana_home).toBe(
    join(process.cwd(), 'grafana-12'),
  );
});

test.each([
  [['--with', 'grafana,loki'], '--with: "loki" is not known; known are alertmanager, grafana, prometheus'],
  [['--with', ''], '--with: "" is not known'],
  [['--scenario', 'calm'], '"calm" is not known; known are multi-turn, hot-prefix, kv-pressure, overload'],
  [['--conversations', '1.5'], '--conversations: "1.5" is not a whole number from 1 to 10000'],
  [['--seconds', '-1'], "Option '--seconds' argument is ambiguous."],
  [['--out', 'kept'], '--out: only a walkthrough keeps results; give --walkthrough too'],
  [['--port', '70000'], '--port: "70000" is not a whole number from 0 to 65535'],
  [['--onec'], "Unknown option '--onec'"],
])('%j is refused in one line', (argv, text) => {
  const { result, printed } = read(...argv);
  expect([result, printed.out]).toEqual([2, '']);
  expect(printed.err).toMatch(/^taillight demo: [^\n]+\n$/);
  expect(printed.err).toContain(text);
});

test.each(['--conversations', '--seconds'])('%s 0 asks for nothing and is refused', (option) => {
  expect(read(option, '0').result).toBe(2);
});

test('help is no failure', () => {
  const { result, printed } = read('--help');
  expect([result, printed.err]).toEqual([0, '']);
  expect(printed.out).toContain('--scenario');
});

test('the configuration scrapes every replica, the router and the GPUs, and keeps nothing on disk', () => {
  const base = configFromTargets(['vllm=http://127.0.0.1:1/v1', 'llm-d=http://127.0.0.1:2/v1']);
  if (!base.ok) throw new Error(base.mistakes.join());
  const replicas = (name: string) => [{ name: `${name}-0`, url: 'http://127.0.0.1:3' }];
  const fleet = {
    baseline: { url: 'http://127.0.0.1:1/v1', replicas: replicas('vllm') },
    candidate: {
      url: 'http://127.0.0.1:2/v1',
      replicas: replicas('llm-d'),
      router_metrics_url: 'http://127.0.0.1:4/metrics',
    },
    gpu_metrics_url: 'http://127.0.0.1:5/metrics',
    control_url: 'http://127.0.0.1:6',
  };
  const verbose: DemoOptions = { ...options('--verbose'), port: 1234 };
  const config = demoConfig(base.config, fleet, verbose);
  expect(config).toMatchObject({
    listen: { host: '127.0.0.1', port: 1234 },
    data_dir: null,
    log: { level: 'info' },
    gpus: [{ discovery: { endpoints: [{ url: 'http://127.0.0.1:5/metrics' }] } }],
  });
  expect(config.targets).toMatchObject([
    { replicas: { discovery: { endpoints: [{ url: 'http://127.0.0.1:3/metrics' }] } }, router: null },
    { router: { url: 'http://127.0.0.1:4/metrics' } },
  ]);
});
