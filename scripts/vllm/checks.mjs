// What must hold after a run against real servers. Pure: everything that was seen comes in, a list of checks goes out.
import { VLLM_VERSION } from './install.mjs';
import { WORKLOAD } from './exporter.mjs';
import { MODEL_NAME } from './servers.mjs';
import { engineCounts, recordCounts, series, total } from './figures.mjs';

/** So that a crawling machine is told from a working product. */
export const MIN_ANSWERS = 40;
/** A stop may wait 5 s for running requests; the rest is for a busy machine. */
const STOP_SECONDS = 20;
const BLOCK_TOKENS = 128;

/** Would mean that Taillight misread these servers: they are equal, cold at each start, and nothing is evicted. */
const WRONG_CAVEATS = [
  'model_differs',
  'prompts_differ',
  'output_tokens_differ',
  'errors',
  'error_rate_differs',
  'engine_version_differs',
  'replica_count_differs',
  'kv_capacity_differs',
  'unpaired',
  'warm_cache',
  'cache_overflow',
  'no_cache_hits',
  'hit_rate_unreliable',
  'target_down',
  'shed_load',
];

const REPLICA_SERIES = [
  'taillight_replica_up',
  'taillight_replica_requests_running',
  'taillight_replica_requests_waiting',
  'taillight_replica_kv_cache_usage_ratio',
  'taillight_replica_prefix_cache_hit_ratio',
  'taillight_replica_prompt_tokens_total',
  'taillight_replica_cached_prompt_tokens_total',
  'taillight_replica_generation_tokens_total',
  'taillight_replica_preemptions_total',
  'taillight_replica_requests_finished_total',
  'taillight_replica_ttft_seconds_count',
  'taillight_replica_itl_seconds_count',
  'taillight_replica_e2e_seconds_count',
  'taillight_replica_queue_seconds_count',
];

const near = (left, right, tolerance) =>
  Number.isFinite(left) && Number.isFinite(right) && Math.abs(left - right) <= tolerance;
/** promtool says the same of each series of a family. */
const distinct = (text) => [...new Set(text.split('\n').filter((line) => line !== ''))];
const show = (value) =>
  typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(4) : JSON.stringify(value);
const check = (name, ok, ...seen) => ({ name, ok: ok === true, seen: seen.map(show).join(', ') });

function answerChecks(target) {
  const { outcomes, samples } = target;
  const failed = Object.entries(outcomes).filter(([outcome]) => outcome !== 'ok');
  return [
    check('is up', target.up, target.up),
    check('model is told', target.model === MODEL_NAME, target.model),
    check(`engine is vLLM ${VLLM_VERSION}`, target.engine.version === VLLM_VERSION, target.engine),
    check(`at least ${MIN_ANSWERS} answers`, outcomes.ok >= MIN_ANSWERS, outcomes.ok),
    check('no other outcome than ok', failed.length === 0, outcomes),
    check(
      'first and later turns are told apart',
      samples.first > 0 && samples.later > 2 * samples.first,
      samples,
    ),
    check(
      'later turns answer sooner than first ones',
      target.ttft_seconds.later.mean < target.ttft_seconds.first.mean,
      target.ttft_seconds.first.mean,
      target.ttft_seconds.later.mean,
    ),
  ];
}

/** One replica per target: there is no other place to send a request to, so any routing is sticky. */
function hitRateChecks({ hit_rate: hit }) {
  if (hit === null) return [check('hit rate is known', false, hit)];
  return [
    check(
      'hit rate of the fleet = that of the probes (0.02)',
      near(hit.measured, hit.from_probes, 0.02),
      hit.measured,
      hit.from_probes,
    ),
    check(
      'hit rate of the probes = expected (0.03)',
      near(hit.from_probes, hit.expected_sticky, 0.03),
      hit.from_probes,
      hit.expected_sticky,
    ),
    check(
      'one replica: random routing is sticky',
      near(hit.expected_random, hit.expected_sticky, 1e-9),
      hit.expected_random,
    ),
    check(
      'hit rate is read from prompt_tokens_cached',
      /prompt_tokens_cached/.test(hit.source ?? ''),
      hit.source,
    ),
  ];
}

function recordChecks(records) {
  const answered = records.filter(({ outcome }) => outcome === 'ok');
  const every = (test) => answered.length > 0 && answered.every(test);
  const cold = answered.filter(({ turn }) => turn === 1);
  const later = answered.filter(({ turn }) => turn > 1);
  return [
    check(
      'every answer tells its cached tokens',
      every(({ cached_tokens }) => cached_tokens !== null),
      answered.length,
    ),
    check(
      `cached tokens are whole blocks of ${BLOCK_TOKENS}`,
      every(({ cached_tokens }) => cached_tokens % BLOCK_TOKENS === 0),
    ),
    check(
      'no first turn is warm',
      cold.length > 0 && cold.every(({ cached_tokens }) => cached_tokens === 0),
      cold.length,
    ),
    check(
      'every later turn is warm',
      later.length > 0 && later.every(({ cached_tokens }) => cached_tokens > 0),
      later.length,
    ),
    check(
      `every answer has ${WORKLOAD.max_tokens} tokens`,
      every(({ completion_tokens }) => completion_tokens === WORKLOAD.max_tokens),
    ),
    check(
      'every answer has TTFT and E2E in order',
      every(({ ttft_ms, e2e_ms }) => ttft_ms > 0 && e2e_ms >= ttft_ms),
    ),
  ];
}

/** Nobody else asks these servers, so their own counters and our records must tell the same story. */
function countChecks(engine, own) {
  const same = (name, left, right) => check(`${name}: engine = records`, left === right, left, right);
  return [
    same('requests', engine.requests, own.requests),
    same('prompt tokens', engine.prompt, own.prompt),
    same('cached tokens', engine.cached, own.cached),
    same('prefix cache queries', engine.queries, own.prompt),
    same('prefix cache hits', engine.hits, own.cached),
    same('generated tokens', engine.generation, own.generation),
    // Ours begins before and ends after the engine's; the rest is the way there and back on a busy machine.
    check('mean TTFT: client >= engine', own.ttft_mean >= engine.ttft_mean, own.ttft_mean, engine.ttft_mean),
    check(
      'mean TTFT: client <= 1.5 x engine + 0.1 s',
      own.ttft_mean <= 1.5 * engine.ttft_mean + 0.1,
      own.ttft_mean,
      engine.ttft_mean,
    ),
  ];
}

function pageChecks(name, page, before, after) {
  const replica = { target: name, replica: `${name}-0` };
  const absent = REPLICA_SERIES.filter((name) => series(page, name, replica).length === 0);
  const missing = series(page, 'taillight_scrape_missing', replica).map(({ labels }) => labels.family);
  const mirrored = total(page, 'taillight_replica_prompt_tokens_total', replica);
  const engine = [total(before, 'vllm:prompt_tokens_total'), total(after, 'vllm:prompt_tokens_total')];
  return [
    check('all replica metrics are on the page', absent.length === 0, absent),
    check('nothing wanted is missing on the page of vLLM', missing.length === 0, missing),
    check('scrapes succeed', total(page, 'taillight_scrape_success', replica) === 1),
    check(
      "the mirrored counter is the engine's",
      mirrored > engine[0] && mirrored <= engine[1],
      engine[0],
      mirrored,
      engine[1],
    ),
    check(
      'nearly all traffic is ours',
      total(page, 'taillight_probe_traffic_share_ratio', { target: name }) > 0.8,
      total(page, 'taillight_probe_traffic_share_ratio', { target: name }),
    ),
    check(
      'target info tells the version',
      series(page, 'taillight_target_info', { target: name, version: VLLM_VERSION }).length === 1,
    ),
  ];
}

function inspectChecks(inspected) {
  const { source, model, engine_generation, values, missing } = inspected;
  const unknown = Object.keys(values).filter((key) => values[key] === null);
  return [
    check(
      'inspect reads the page',
      source === 'vllm' && model === MODEL_NAME,
      source,
      model,
      engine_generation,
    ),
    check('inspect finds every value', unknown.length === 0 && missing.length === 0, unknown, missing),
    check('inspect tells the KV capacity', values.kv_capacity_tokens > 0, values.kv_capacity_tokens),
  ];
}

function pairChecks({ comparisons }) {
  const [pair] = comparisons;
  if (pair === undefined) return [check('there is a comparison', false)];
  const wrong = pair.caveats.filter(({ reason }) => WRONG_CAVEATS.includes(reason));
  return [
    check(
      'targets are paired by conversation',
      pair.method === 'paired' && pair.conversations >= 10,
      pair.method,
      pair.conversations,
    ),
    check(
      'no caveat that equal servers cannot have',
      wrong.length === 0,
      pair.caveats.map(({ reason }) => reason),
    ),
  ];
}

function endChecks({ stopped, results, page, log, promtool, check: checked }) {
  const counted = total(page, 'taillight_probe_requests_total');
  const errors = log.split('\n').filter((line) => /level=error/.test(line));
  return [
    check('taillight check accepts configuration and servers', checked.status === 0, checked.status),
    check(
      'promtool finds nothing',
      promtool.status === 0 && promtool.text === '',
      ...distinct(promtool.text),
    ),
    check('no error in the log', errors.length === 0, errors),
    check(
      `SIGTERM ends it with 0 within ${STOP_SECONDS} s`,
      stopped.exit === 0 && stopped.seconds <= STOP_SECONDS,
      stopped.exit,
      stopped.seconds,
    ),
    check(
      'one results file with a header',
      results.files.length === 1 && results.headers.length === 1,
      results.files,
    ),
    check(
      'every counted request is in the results',
      results.records.length >= counted && counted > 0,
      results.records.length,
      counted,
    ),
  ];
}

/**
 * @param seen.servers [{ name, before, after, inspected }], pages parsed
 * @returns [{ name, ok, seen }]
 */
export function allChecks(seen) {
  const perTarget = seen.servers.flatMap(({ name, before, after, inspected }) => {
    const target = seen.comparison.targets.find((one) => one.name === name);
    if (target === undefined) return [check(`${name} is in the comparison`, false)];
    const records = seen.results.records.filter((record) => record.target === name);
    return [
      ...answerChecks(target),
      ...hitRateChecks(target),
      ...recordChecks(records),
      ...countChecks(engineCounts(before, after), recordCounts(records)),
      ...pageChecks(name, seen.page, before, after),
      ...inspectChecks(inspected),
    ].map((one) => ({ ...one, name: `${name}: ${one.name}` }));
  });
  return [...perTarget, ...pairChecks(seen.comparison), ...endChecks(seen)];
}
