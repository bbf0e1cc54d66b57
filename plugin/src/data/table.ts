import { TURN_NAMES, type PanelOptions } from '../options';
import type { Quantile, TableRow, TargetView, Tone } from '../types';
import { count, NONE, percent, seconds, type LatencyUnit } from './format';
import { METRIC } from './names';
import { intervalOf, verdictOf } from './percentiles';
import type { Store } from './store';

interface Context {
  store: Store;
  targets: readonly TargetView[];
  options: PanelOptions;
  unit: LatencyUnit;
}

const LATENCIES = [
  { id: 'ttft', name: 'TTFT', metric: METRIC.ttft, meaning: 'time to first token' },
  { id: 'e2e', name: 'E2E', metric: METRIC.e2e, meaning: 'time to the last token' },
  { id: 'tpot', name: 'TPOT', metric: METRIC.tpot, meaning: 'time per output token after the first' },
] as const;

const VERDICT_TONE: Partial<Record<string, Tone>> = { faster: 'good', slower: 'bad' };

function latencyRow(context: Context, which: (typeof LATENCIES)[number], quantile: Quantile): TableRow {
  const { store, targets, options, unit } = context;
  return {
    id: `${which.id} ${quantile}`,
    label: `${quantile.toUpperCase()} ${which.name}`,
    meaning: `${quantile.toUpperCase()} of the ${which.meaning}, ${TURN_NAMES[options.turn]}`,
    cells: targets.map(({ name: target, role }) => {
      const key = { target, turn: options.turn, quantile };
      const verdict = role === 'candidate' ? verdictOf(store, which.id, key) : null;
      return {
        target,
        text: seconds(intervalOf(store, which.metric, key)?.estimate ?? null, unit),
        tone: VERDICT_TONE[verdict ?? ''] ?? 'neutral',
      };
    }),
  };
}

interface Outcomes {
  total: number;
  failed: number;
}

/** Probe requests over the window by how they ended; null where no query brings them. */
function outcomesOf(store: Store, target: string): Outcomes | null {
  const entries = store.all(METRIC.probeRequests, { target });
  if (entries.length === 0) return null;
  const sum = (list: typeof entries) => list.reduce((total, entry) => total + Math.max(0, entry.value), 0);
  return { total: sum(entries), failed: sum(entries.filter((e) => e.labels['outcome'] !== 'ok')) };
}

function errorRow({ store, targets }: Context): TableRow {
  const worse = (target: string) =>
    store.value(METRIC.caveat, { target, reason: 'error_rate_differs' }) === 1 ||
    store.value(METRIC.caveat, { target, reason: 'shed_load' }) === 1;
  return {
    id: 'errors',
    label: 'Errors',
    meaning: 'share of probe requests that failed, over the window',
    cells: targets.map(({ name: target }) => {
      const outcomes = outcomesOf(store, target);
      const share = outcomes === null || outcomes.total <= 0 ? null : outcomes.failed / outcomes.total;
      return {
        target,
        text: percent(share),
        tone: share !== null && share > 0 && worse(target) ? 'bad' : 'neutral',
      };
    }),
  };
}

function sumOf(store: Store, metric: string, target: string): number | null {
  const entries = store.all(metric, { target });
  return entries.length === 0 ? null : entries.reduce((total, entry) => total + entry.value, 0);
}

function throughputRow({ store, targets }: Context): TableRow {
  return {
    id: 'throughput',
    label: 'Output tokens/s',
    meaning: 'generated tokens per second of all replicas together, all traffic',
    cells: targets.map(({ name: target }) => ({
      target,
      text: count(sumOf(store, METRIC.replicaTokens, target)),
      tone: 'neutral' as const,
    })),
  };
}

function tokenRow({ store, targets }: Context): TableRow {
  const of = (target: string, kind: string) =>
    store.all(METRIC.probeTokens, { target }).find((entry) => entry.labels['kind'] === kind)?.value ?? null;
  return {
    id: 'tokens',
    label: 'Probe tokens in / out',
    meaning: 'prompt and completion tokens of answered probes, over the window',
    cells: targets.map(({ name: target }) => ({
      target,
      text: `${short(of(target, 'prompt'))} / ${short(of(target, 'completion'))}`,
      tone: 'neutral' as const,
    })),
  };
}

/** "1.2 M", "340 k". */
function short(value: number | null): string {
  if (value === null) return NONE;
  if (value >= 999_500) return `${count(Number((value / 1e6).toPrecision(3)))} M`;
  return value >= 999.5 ? `${count(Number((value / 1e3).toPrecision(3)))} k` : count(Math.round(value));
}

const isEmpty = (row: TableRow) =>
  row.cells.every(({ text }) => text === NONE || text === `${NONE} / ${NONE}`);

/** "Everything else": rows that nobody tells about are left out. */
export function tableRows(context: Context): TableRow[] {
  const [ttft, e2e, tpot] = LATENCIES;
  return [
    latencyRow(context, ttft, 'p99'),
    latencyRow(context, e2e, 'p95'),
    latencyRow(context, tpot, 'p95'),
    errorRow(context),
    throughputRow(context),
    tokenRow(context),
  ].filter((row) => !isEmpty(row));
}
