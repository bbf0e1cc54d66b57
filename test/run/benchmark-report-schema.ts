import Ajv from 'ajv';

/*
 * The parts of llm-d's Benchmark Report 0.2.1 that Taillight writes, from the documented structure: what is required there is
 * required here, and no other key is allowed, as there.
 */

type Schema = Record<string, unknown>;
const text: Schema = { type: 'string', minLength: 1 };
const number: Schema = { type: 'number' };
const count: Schema = { type: 'integer', minimum: 0 };
const only = (properties: Record<string, Schema>, ...required: string[]): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const quantiles = ['p0p1', 'p1', 'p5', 'p10', 'p25', 'p50', 'p75', 'p90', 'p95', 'p99', 'p99p9'];
const statistics = (units: string): Schema =>
  only(
    {
      units: { const: units },
      mean: number,
      stddev: { type: 'number', minimum: 0 },
      min: number,
      ...Object.fromEntries(quantiles.map((name) => [name, number])),
      max: number,
    },
    'units',
    'mean',
  );

const length = only(
  {
    distribution: { enum: ['fixed', 'gaussian', 'uniform', 'other'] },
    value: number,
    min: count,
    max: count,
  },
  'distribution',
  'value',
);

const component = only(
  {
    metadata: only({ label: text, cfg_id: text }, 'label', 'cfg_id'),
    // The generic kind is open: it may have more.
    standardized: only(
      {
        kind: { const: 'generic' },
        tool: text,
        tool_version: text,
        model: only({ name: text }, 'name'),
        replicas: { type: 'integer', minimum: 1 },
      },
      'kind',
      'tool',
      'tool_version',
    ),
    native: only({}),
  },
  'metadata',
  'standardized',
  'native',
);

const load = only(
  {
    metadata: only({ cfg_id: text, description: text }),
    standardized: only(
      {
        tool: text,
        tool_version: text,
        source: { enum: ['random', 'sampled', 'unknown'] },
        stage: count,
        input_seq_len: length,
        output_seq_len: length,
        multi_turn: only({ enabled: { type: 'boolean' }, max_turns: length }),
        rate_qps: { type: 'number', exclusiveMinimum: 0 },
        concurrency: { type: 'integer', minimum: 1 },
      },
      'tool',
      'tool_version',
      'source',
      'input_seq_len',
    ),
    native: only({ config: { type: 'object' } }),
  },
  'metadata',
  'standardized',
  'native',
);

const aggregate = only({
  requests: only(
    { total: count, failures: count, input_length: statistics('count'), output_length: statistics('count') },
    'total',
  ),
  latency: only({
    time_to_first_token: statistics('s'),
    time_per_output_token: statistics('s/token'),
    inter_token_latency: statistics('s/token'),
    request_latency: statistics('s'),
  }),
  throughput: only({ output_token_rate: statistics('tokens/s'), request_rate: statistics('queries/s') }),
});

const REPORT = only(
  {
    version: { const: '0.2.1' },
    run: only(
      {
        uid: text,
        eid: text,
        description: text,
        time: only({
          start: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' },
          end: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' },
          duration: { type: 'string', pattern: '^PT\\d+(\\.\\d+)?S$' },
        }),
      },
      'uid',
    ),
    scenario: only({ stack: { type: 'array', items: component }, load }),
    results: only({
      request_performance: only({ aggregate }),
      observability: only({
        vllm_prefix_cache_hit_rate: only({
          aggregated: only({
            mean: { type: 'number', minimum: 0, maximum: 1 },
            units: { const: 'fraction' },
          }),
        }),
      }),
    }),
  },
  'run',
  'results',
);

const validate = new Ajv({ allErrors: true }).compile(REPORT);

/** What is wrong with a report; empty for nothing. */
export function reportMistakes(report: unknown): string[] {
  validate(report);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
