import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { configFromTargets, loadConfig, withWorkload } from '../../exporter/src/config/load-config';
import type { Config } from '../../exporter/src/model/config';
import { PRESETS } from '../../exporter/src/probe/presets';
import { INVALID } from './invalid-files';

const FIXTURES = join(__dirname, '../fixtures/config');
const SECRETS = /s3cret|hunter2|Sup3r/;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taillight-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(yaml: string, env: Record<string, string> = {}) {
  const path = join(folder, 'taillight.yaml');
  writeFileSync(path, yaml);
  return loadConfig(path, env);
}

function loaded(yaml: string, env: Record<string, string> = {}): { config: Config; warnings: string[] } {
  const result = load(yaml, env);
  if (!result.ok) throw new Error(result.mistakes.join('\n'));
  return result;
}

const TWO = `
targets:
  - { name: vllm, url: "http://vllm:8000" }
  - { name: llm-d, url: "http://llm-d/v1/" }
`;

describe('wrong files', () => {
  const names = readdirSync(join(FIXTURES, 'invalid')).map((file) => basename(file, '.yaml'));

  test('the table tells of every file and of no other', () => {
    expect(Object.keys(INVALID).sort()).toEqual(names.sort());
    expect(names.length).toBeGreaterThanOrEqual(30);
  });

  test.each(names)('%s', (name) => {
    const result = loadConfig(join(FIXTURES, 'invalid', `${name}.yaml`), { SECRET_NAME: 'Sup3r Secret' });
    const mistakes = result.ok ? [] : result.mistakes;
    expect(mistakes).toEqual(INVALID[name]?.map((mistake) => `${name}.yaml${mistake}`));
    expect(mistakes.join('\n')).not.toMatch(SECRETS);
  });

  test('a file that is not there', () => {
    expect(loadConfig('/no/such/taillight.yaml', {})).toEqual({
      ok: false,
      mistakes: [
        '/no/such/taillight.yaml: cannot be read (ENOENT); give the path of the configuration with --config',
      ],
    });
  });

  test('a file of megabytes is not even parsed', () => {
    expect(load(`# ${'x'.repeat(2 ** 20)}\n${TWO}`)).toEqual({
      ok: false,
      mistakes: ['taillight.yaml: is larger than 1 MiB; it is not a configuration of Taillight'],
    });
  });

  test.each([
    ['lists within lists', '['.repeat(100_000)],
    ['mappings within mappings', `targets: ${'{a: '.repeat(20_000)}`],
    ['a merge into the prototype', `${TWO}__proto__: { listen: 1 }`],
    ['binary', '\u0000\u0001\u0002'],
    ['another YAML version', `%YAML 1.1\n---\n${TWO}window: 2001-12-14\n`],
  ])('%s end as a mistake', (_, yaml) => {
    const result = load(yaml);
    expect(result.ok).toBe(false);
    expect(!result.ok && result.mistakes.length).toBeGreaterThan(0);
  });
});

test.each([
  '*s3cret',
  '!s3cret x',
  '&s3cret',
  '@s3cret',
  '|s3cret',
  '{s3cret',
  '[s3cret}',
  '- s3cret',
  's3cret: b',
  '"s3\\qcret"',
  '!<s3cret',
  '[s3cret]',
])('a token that is written as %s is in no mistake', (token) => {
  const result = load(
    `targets:\n  - name: a\n    url: https://a\n    auth:\n      bearer_token: ${token}\n      token: s3cret\n    tls: s3cret\n`,
  );
  expect(result.ok).toBe(false);
  expect(JSON.stringify(result)).not.toMatch(/s3|cret/);
});

describe('a minimal file', () => {
  test('has every default filled in', () => {
    expect(loaded(TWO)).toMatchObject({
      config: {
        listen: { host: '0.0.0.0', port: 9108 },
        data_dir: join(folder, 'taillight-data'),
        window_seconds: 900,
        lifecycle_token_file: null,
        targets: [
          {
            name: 'vllm',
            role: 'baseline',
            url: 'http://vllm:8000/v1',
            model: null,
            http: NO_HTTP,
            replicas: null,
            router: null,
          },
          {
            name: 'llm-d',
            role: 'candidate',
            url: 'http://llm-d/v1',
            model: null,
            http: NO_HTTP,
            replicas: null,
            router: null,
          },
        ],
        gpus: [],
        probe: {
          enabled: true,
          workload: PRESETS.live,
          timeout_seconds: 120,
          idle_timeout_seconds: 60,
          keep_alive: false,
          interleave: 'none',
          max_answer_bytes: 16_777_216,
          extra_body: {},
        },
        scrape: {
          interval_seconds: 5,
          timeout_seconds: 4,
          max_body_bytes: 67_108_864,
          max_line_bytes: 1_048_576,
          max_series: 200_000,
          concurrency: 32,
        },
        comparison: { interval_seconds: 5, min_effect: 0.05, resamples: 2000, seed: 1 },
        log: { level: 'info', format: 'logfmt' },
      },
      warnings: [],
    });
  });

  test('is frozen in every part', () => {
    const { config } = loaded(TWO);
    expect(() => {
      config.targets[0]!.http.headers['x'] = 'y';
    }).toThrow(TypeError);
    expect(Object.isFrozen(config.probe.workload.think_time)).toBe(true);
  });
});

const NO_HTTP = {
  bearer_token_file: null,
  bearer_token: null,
  headers: {},
  tls: { ca_file: null, cert_file: null, key_file: null, server_name: null, insecure_skip_verify: false },
};

test('a full file says everything', () => {
  const { config, warnings } = loadedFixture();
  expect(warnings).toEqual([]);
  expect(config).toMatchObject({
    listen: { host: '::', port: 9109 },
    data_dir: null,
    window_seconds: 5400,
    targets: [
      {
        name: 'plain',
        role: 'candidate',
        model: 'qwen-vllm',
        replicas: {
          discovery: {
            kind: 'static',
            endpoints: [
              { name: '10.0.0.1:8000', url: 'http://10.0.0.1:8000/metrics' },
              { name: 'pod-a', url: 'http://10.0.0.2:8000/other?x=1' },
              { name: '[fd00::1]:8000', url: 'http://[fd00::1]:8000/metrics' },
            ],
          },
        },
      },
      {
        name: 'llm-d',
        role: 'baseline',
        http: {
          bearer_token: 'token-of-env',
          headers: { 'x-api-key': 'key-${HOME}' },
          tls: { ca_file: join(__dirname, '../fixtures/tls/ca.crt') },
        },
        replicas: {
          discovery: {
            kind: 'kubernetes',
            namespace: 'demo-llm',
            selector: 'app=x,role in (decode)',
            port: 'http-metrics',
            scheme: 'https',
            path: '/metrics',
            api_server: null,
            token_file: '/var/run/secrets/kubernetes.io/serviceaccount/token',
            ca_file: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
          },
          http: { tls: { insecure_skip_verify: false, server_name: 'pods.demo-llm.svc' } },
        },
        router: {
          url: 'https://qwen-epp:9090/metrics',
          http: { bearer_token_file: join(__dirname, '../fixtures/config/token') },
        },
      },
    ],
    gpus: [
      {
        discovery: { kind: 'dns', host: 'dcgm.gpu.svc', port: 9400, scheme: 'https', path: '/metrics' },
        http: { tls: { server_name: 'dcgm.gpu.svc' } },
      },
    ],
    probe: {
      workload: {
        preset: 'multi-turn',
        conversations: 20,
        turns: 10,
        document_tokens: { min: 2000, max: 6000 },
        think_time: { min_seconds: 0.5, max_seconds: 2 },
        rate: 0.05,
        max_tokens: 64,
      },
      timeout_seconds: 30,
      idle_timeout_seconds: 30,
      extra_body: { top_p: 0.9, chat_template_kwargs: { ca_file: 'just a word' } },
    },
    scrape: { interval_seconds: 10, timeout_seconds: 8, max_body_bytes: 1024 * 1024 },
    comparison: { min_effect: 0.1 },
    log: { level: 'debug', format: 'json' },
  });
});

function loadedFixture() {
  const result = loadConfig(join(FIXTURES, 'full.yaml'), { LLMD_TOKEN: 'token-of-env', TURNS: '10' });
  if (!result.ok) throw new Error(result.mistakes.join('\n'));
  return result;
}

describe('values', () => {
  test.each([
    ['think_time: 2s', { min_seconds: 2, max_seconds: 2 }],
    ['think_time: 500ms..1m', { min_seconds: 0.5, max_seconds: 60 }],
    ['think_time: 0..2s', { min_seconds: 0, max_seconds: 2 }],
    ['think_time: { min: 1s, max: 1m30s }', { min_seconds: 1, max_seconds: 90 }],
  ])('%s', (line, expected) => {
    expect(loaded(`${TWO}probe: { ${line} }`).config.probe.workload.think_time).toEqual(expected);
  });

  test('a rate may be a number, per minute, or none', () => {
    const rateOf = (rate: string) => loaded(`${TWO}probe: { rate: ${rate} }`).config.probe.workload.rate;
    expect(rateOf('0.5')).toBe(0.5);
    expect(rateOf('3/m')).toBeCloseTo(0.05, 12);
    expect(rateOf('null')).toBeNull();
  });

  test('a variable is used within strings, also for numbers; $${ stands for itself', () => {
    const { config } = loaded(
      `${TWO.replace('http://vllm:8000', 'http://${HOST}:${PORT}')}\nprobe: { turns: "\${TURNS}", extra_body: { a: "$\${HOST}" } }`,
      { HOST: 'gpu-1', PORT: '81', TURNS: '3' },
    );
    expect(config.targets[0]?.url).toBe('http://gpu-1:81/v1');
    expect(config.probe.workload.turns).toBe(3);
    expect(config.probe.extra_body).toEqual({ a: '${HOST}' });
  });
});

test('what is allowed and yet should be known is a warning', () => {
  const { warnings } = loaded(
    `
targets:
  - { name: vllm, url: "http://vllm:8000", auth: { bearer_token: abc } }
  - name: llm-d
    url: https://llm-d/v1
    tls: { insecure_skip_verify: true }
    auth: { bearer_token: "\${TOKEN}" }
`,
    { TOKEN: 'abc' },
  );
  expect(warnings).toEqual([
    'taillight.yaml: targets[0].auth: the token is sent over plain http, where it can be read on the way; use https where you can',
    'taillight.yaml: targets[1].tls.insecure_skip_verify: any certificate is accepted there; set ca_file instead where you can',
    'taillight.yaml: targets[0].auth.bearer_token: the token stands in the file; use bearer_token_file or ${NAME} where others read the file',
  ]);
});

describe('--target NAME=URL', () => {
  test('stands in for a file', () => {
    const result = configFromTargets(['vllm=http://a:8000/v1', 'llm-d=http://b'], { turns: 3 }, '/somewhere');
    expect(result).toMatchObject({
      ok: true,
      config: {
        data_dir: '/somewhere/taillight-data',
        targets: [
          { name: 'vllm', role: 'baseline', url: 'http://a:8000/v1' },
          { name: 'llm-d', role: 'candidate', url: 'http://b/v1' },
        ],
        probe: { workload: { ...PRESETS.live, turns: 3 } },
      },
    });
  });

  test('every mistake is told', () => {
    expect(
      configFromTargets(['http://user:hunter2@a', 'V=http://b', 'x=b:8000', 'y=http://c', 'y=http://d']),
    ).toEqual({
      ok: false,
      mistakes: [
        '--target "http://***@a": is not NAME=URL; write it like vllm=http://host:8000/v1',
        '--target "V": is not a name; use up to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends',
        '--target "x": its URL is not the http or https URL of an API, without credentials, query and fragment; write it like http://host:8000/v1',
        '--target: the name "y" is given twice; give each target its own',
      ],
    });
    expect(configFromTargets(['vllm=http://a'])).toEqual({
      ok: false,
      mistakes: ['--target: is given once only; add the deployment to compare it with'],
    });
  });
});

test('a workload may be changed afterwards, key by key or from another preset', () => {
  const { config } = loaded(`${TWO}probe: { turns: 4 }`);
  expect(withWorkload(config, { max_tokens: 7, rate: undefined }).probe.workload).toEqual({
    ...PRESETS.live,
    turns: 4,
    max_tokens: 7,
  });
  expect(withWorkload(config, { preset: 'multi-turn', warmup: 1 }).probe.workload).toEqual({
    ...PRESETS['multi-turn'],
    warmup: 1,
  });
  expect(config.probe.workload.max_tokens).toBe(PRESETS.live.max_tokens);
});

test('whatever YAML can say ends as a configuration or as lines', () => {
  const key = fc.constantFrom(
    'targets',
    'name',
    'url',
    'probe',
    'replicas',
    'static',
    'dns',
    'auth',
    'tls',
    'headers',
    'gpus',
    'scrape',
    'ca_file',
    'x',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constant('${A}')),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(key, fc.string()), tie('tree'), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, tree), (value) => {
      const result = load(stringify(value));
      if (result.ok) return;
      expect(result.mistakes.length).toBeGreaterThan(0);
      for (const mistake of result.mistakes) expect(mistake).toMatch(/^taillight\.yaml:[^\n\r]+$/);
    }),
    { numRuns: 300 },
  );
});

test('whatever bytes are in the file, they end as lines', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(load(text).ok).toBe(false);
    }),
    { numRuns: 300 },
  );
});
