import { QUANTILE_NAMES, QUANTILES, type Comparison, type TargetSummary } from '../model/comparison';
import { TURN_CLASSES } from '../model/record';
import type { ScrapeSnapshot } from '../scrape/scraper';
import { LiveHistory, type LiveSample, type LiveSeries } from './live-history';
import { LiveRates } from './live-rates';
import type { Row } from './page';
import { comparisonRows } from './rows-comparison';
import { serverRows, type TargetFacts } from './rows-servers';

/** `/api/v1/live`: what the live page draws. Seconds and ratios as on the metrics page; instants are Unix milliseconds. */
export interface LiveAnswer {
  schema: 'taillight.live/1';
  version: string;
  run: string;
  started: number;
  now: number;
  /** The comparison that all values belong to, `generated` as in `/api/v1/comparison`; null before the first one. */
  generated: string | null;
  window_seconds: number;
  /** Present values by metric and labels. A name `taillight:x` is a value that Prometheus would derive by a query. */
  instant: LiveSample[];
  /** The past of the asked percentile, its interval with it. */
  series: LiveSeries[];
}

const HISTORY = 'taillight_comparison_ttft_seconds';

/** What the panel reads of the metrics page. */
const SHOWN =
  /^taillight_(comparison_(ttft|e2e|tpot|turn_ttft|window|samples|caveat|verdict).*|target_.+|(reference|slo)_ttft_seconds|replica_(up|prefix_cache_hit_ratio))$/;

const isShown = ({ metric, value }: Row) =>
  SHOWN.test(metric) && !(metric === 'taillight_comparison_verdict' && value !== 1);

const toSample = ({ metric, labels, value }: Row): LiveSample => [metric, labels, value];

function derived(
  name: string,
  labels: Record<string, string>,
  value: number | null | undefined,
): LiveSample[] {
  return value === null || value === undefined ? [] : [[`taillight:${name}`, labels, value]];
}

const replicaKey = (target: string, replica: string) => JSON.stringify([target, replica]);

/** What the panel's queries would derive from the counters of the window; here the window itself is at hand. */
function targetSamples({ name: target, outcomes, tokens, replicas }: TargetSummary): LiveSample[] {
  const kinds = Object.entries(tokens).flatMap(([kind, value]) =>
    derived('probe_tokens:increase', { target, kind }, value),
  );
  const requests = Object.entries(outcomes).flatMap(([outcome, value]) =>
    derived('probe_requests:increase', { target, outcome }, value),
  );
  const load = replicas.flatMap(({ name: replica, gpu_utilization, running }) => [
    ...derived('replica_gpu_utilization:mean', { target, replica }, gpu_utilization),
    ...derived('replica_requests_running:mean', { target, replica }, running),
  ]);
  return [...kinds, ...requests, ...load];
}

function generatedTokens({ targets }: ScrapeSnapshot): Map<string, number> {
  return new Map(
    targets.flatMap(({ name, replicas }) =>
      replicas.flatMap((replica): [string, number][] => {
        const total = replica.reading?.values.generation_tokens_total;
        return total === null || total === undefined ? [] : [[replicaKey(name, replica.name), total]];
      }),
    ),
  );
}

export interface LiveQuery {
  turn: string;
  /** As the label is spelled: 0.95. */
  quantile: string;
}

/** A query of known words only: null says that they are not. */
export function liveQuery(turn: unknown = 'all', quantile: unknown = '0.95'): LiveQuery | null {
  const knownTurn = TURN_CLASSES.find((one) => one === turn);
  const knownQuantile = QUANTILE_NAMES.map((name) => String(QUANTILES[name])).find((one) => one === quantile);
  return knownTurn === undefined || knownQuantile === undefined
    ? null
    : { turn: knownTurn, quantile: knownQuantile };
}

/** The present state and the past of the window, for the live page; refreshed with every comparison. */
export class LiveFeed {
  private readonly history: LiveHistory;
  private readonly rates: LiveRates;
  private instant: LiveSample[] = [];
  private generated: string | null = null;

  constructor(
    private readonly facts: { version: string; run: string; started: number; window_seconds: number },
  ) {
    this.history = new LiveHistory(HISTORY, facts.window_seconds);
    this.rates = new LiveRates(facts.window_seconds);
  }

  /** Takes in a comparison and the scrapes that it was made from. */
  update(comparison: Comparison, snapshot: ScrapeSnapshot, facts: readonly TargetFacts[]): void {
    const at = Date.parse(comparison.generated);
    const compared = comparisonRows(comparison);
    this.history.add(at, compared);
    this.rates.add(at / 1000, generatedTokens(snapshot));
    const rows = [...serverRows(snapshot, facts), ...compared].filter(isShown);
    this.generated = comparison.generated;
    this.instant = [
      ...rows.map(toSample),
      ...comparison.targets.flatMap(targetSamples),
      ...comparison.targets.flatMap(({ name: target, replicas }) =>
        replicas.flatMap(({ name: replica }) =>
          derived(
            'replica_generation_tokens:rate',
            { target, replica },
            this.rates.rate(replicaKey(target, replica)),
          ),
        ),
      ),
    ];
  }

  answer({ turn, quantile }: LiveQuery, now: number): LiveAnswer {
    return {
      schema: 'taillight.live/1',
      ...this.facts,
      now,
      generated: this.generated,
      instant: this.instant,
      series: this.history.series({ turn, quantile }),
    };
  }
}
