import type { DataFrame } from '@grafana/data';
import type { PanelOptions } from '../options';
import type { ComparisonViewModel, PanelMessage, Prepared, SectionId, TargetView } from '../types';
import { seconds, type LatencyUnit } from './format';
import { METRIC, QUANTILE_LABEL } from './names';
import { blockingCaveats, noticesOf } from './notices';
import { percentileRows } from './percentiles';
import { recognise } from './recognise';
import { balances, hitRates } from './replicas';
import { buildStore, type Store } from './store';
import { tableRows } from './table';
import { findTargets } from './targets';
import { overTime, turnCurves } from './trends';
import { verdictViews } from './verdict';

export interface PrepareContext {
  /** `loading` and `error` matter only while there is no data. */
  state: 'loading' | 'streaming' | 'done' | 'error';
  error?: string;
  /** Unix milliseconds. */
  now: number;
  range: { from: number; to: number };
  timeZone: string;
  /** Colours by target name, from field overrides. */
  colors?: Record<string, string>;
  unit?: LatencyUnit;
}

const message = (view: PanelMessage): Prepared => ({ kind: 'message', ...view });

function emptyMessage(context: PrepareContext, framesPresent: boolean): Prepared {
  if (context.state === 'loading') {
    return message({ id: 'loading', title: 'Loading', text: 'Waiting for the first data.', remedy: '' });
  }
  if (context.state === 'error') {
    return message({
      id: 'error',
      title: 'The query failed',
      text: context.error ?? 'The data source gave no reason.',
      remedy: 'Check the data source and the queries of this panel.',
    });
  }
  if (framesPresent) {
    return message({
      id: 'foreign',
      title: 'No Taillight metrics in this data',
      text: 'The queries bring data, but no series whose name begins with taillight_.',
      remedy:
        'Use the default queries of this panel (README), and keep the name of each metric in the result.',
    });
  }
  return message({
    id: 'no_data',
    title: 'No data',
    text: 'No series of Taillight in this time range.',
    remedy: 'Check that the exporter runs, that Prometheus scrapes it, and that the time range holds data.',
  });
}

function oldExporter(store: Store): Prepared {
  const needed = [METRIC.ttft, METRIC.samples, METRIC.verdict];
  const missing = needed.filter((metric) => !store.metrics.has(metric));
  return message({
    id: 'old_exporter',
    title: 'The comparison is missing',
    text: `Taillight reports, but without ${missing.join(', ')}.`,
    remedy:
      "Either the exporter is older than this panel: update it. Or a query leaves these metrics out: use the panel's default queries.",
  });
}

function emptySections(view: Omit<ComparisonViewModel, 'empty'>, store: Store): ComparisonViewModel['empty'] {
  const empty: Partial<Record<SectionId, string>> = {};
  if (view.percentiles.length === 0) empty.percentiles = 'No answered request in the window yet.';
  if (view.hitRate.every((rate) => rate.measured === null && rate.fromProbes === null)) {
    empty.hitRate = store.metrics.has(METRIC.hitRatio)
      ? 'No hit rate yet.'
      : 'No hit rate: the replicas are not scraped, or their engine does not tell.';
  }
  if (view.balance.every(({ replicas }) => replicas.every(({ value }) => value === null))) {
    empty.balance = 'No load per replica: the replicas and their GPUs are not scraped.';
  }
  if (view.overTime.series.every(({ points }) => points.length === 0)) {
    empty.overTime = `No history: add a range query of ${METRIC.ttft}.`;
  }
  if (view.byTurn.every(({ points }) => points.length === 0)) {
    empty.byTurn = `No TTFT by turn: ${METRIC.byTurn} is not in the data.`;
  }
  if (view.table.length === 0) empty.table = 'Nothing more to tell yet.';
  return empty;
}

/** The option where it is set, else what the exporter's configuration promises of each target. */
function limitsOf(
  store: Store,
  targets: readonly TargetView[],
  { slo }: PanelOptions,
  unit: LatencyUnit,
): ComparisonViewModel['limits'] {
  if (slo !== null) return [{ value: slo, label: `objective ${seconds(slo, unit)}` }];
  const promised = targets.flatMap(({ name }) => {
    const value = store.value(METRIC.slo, { target: name });
    return value === null || value <= 0 ? [] : [{ name, value }];
  });
  return [...new Set(promised.map(({ value }) => value))].map((value) => {
    const names = promised.filter((one) => one.value === value).map(({ name }) => name);
    const whose = names.length === targets.length ? '' : ` of ${names.join(', ')}`;
    return { value, label: `objective${whose} ${seconds(value, unit)}` };
  });
}

function viewOf(
  store: Store,
  targets: TargetView[],
  options: PanelOptions,
  context: PrepareContext,
): ComparisonViewModel {
  const unit = context.unit ?? 'auto';
  const baseline = targets[0]?.name ?? '';
  const view = {
    baseline,
    turn: options.turn,
    quantile: options.headline,
    targets,
    verdicts: verdictViews(
      { store, options, unit, blocking: (candidate) => blockingCaveats(store, baseline, candidate) },
      targets,
    ),
    notices: noticesOf(
      store,
      targets,
      { now: context.now, rangeTo: context.range.to, timeZone: context.timeZone },
      ({ metric, turn, quantile }) =>
        metric === 'ttft' &&
        turn === options.turn &&
        Number(quantile) === Number(QUANTILE_LABEL[options.headline]),
    ),
    percentiles: percentileRows(store, targets, options),
    hitRate: hitRates(store, targets),
    balance: balances(store, targets),
    byTurn: turnCurves(store, targets),
    overTime: overTime(store, targets, options, context.range),
    table: tableRows({ store, targets, options, unit }),
    limits: limitsOf(store, targets, options, unit),
  };
  return { ...view, empty: emptySections(view, store) };
}

/**
 * Frames in, view model or message out; pure, and total: no frame makes it throw.
 * @param options complete options, see `completeOptions`
 */
export function prepare(
  frames: readonly DataFrame[],
  options: PanelOptions,
  context: PrepareContext,
): Prepared {
  const series = recognise(frames);
  if (series.length === 0)
    return emptyMessage(
      context,
      frames.some((frame) => (frame?.length ?? 0) > 0),
    );
  const store = buildStore(series);
  const targets = findTargets(store, options, context.colors ?? {});
  const compares = [...store.metrics].some((metric) => metric.startsWith('taillight_comparison_'));
  if (targets.length === 0 || !compares) return oldExporter(store);
  return { kind: 'view', view: viewOf(store, targets, options, context) };
}
