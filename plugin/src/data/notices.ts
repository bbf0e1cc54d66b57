import type { Notice, TargetView, TurnClass } from '../types';
import { TURN_NAMES } from '../options';
import { CAVEATS, caveatLabel, caveatMeaning, caveatTone } from './caveats';
import { age, clock } from './format';
import { METRIC } from './names';
import type { Store } from './store';

/** Older than this, the newest answer is no longer "now". */
const STALE_MS = 3 * 60_000;

/** Published for every target by every exporter that this panel fits. */
const ALWAYS = [METRIC.samples, METRIC.caveat, METRIC.up];
const ALWAYS_WITH_PAIR = [METRIC.verdict];

export interface Moment {
  /** Unix milliseconds. */
  now: number;
  /** End of the dashboard's time range. */
  rangeTo: number;
  timeZone: string;
}

const heldCaveats = (store: Store, targets: readonly TargetView[]) =>
  store
    .all(METRIC.caveat)
    .filter((entry) => entry.value > 0 && targets.some(({ name }) => name === entry.labels['target']));

/** Meanings of the caveats that forbid a verdict on `candidate`: its own and those of the baseline. */
export function blockingCaveats(store: Store, baseline: string, candidate: string): string[] {
  const reasons = store
    .all(METRIC.caveat)
    .filter((entry) => entry.value > 0 && [baseline, candidate].includes(entry.labels['target'] ?? ''))
    .map((entry) => entry.labels['reason'] ?? '')
    .filter((reason) => CAVEATS[reason]?.blocks === true);
  return [...new Set(reasons)].map(caveatMeaning);
}

function caveatNotices(store: Store, targets: readonly TargetView[]): Notice[] {
  return heldCaveats(store, targets).map(({ labels }) => {
    const { target = '', reason = 'unknown' } = labels;
    return {
      id: `caveat ${target} ${reason}`,
      tone: caveatTone(reason),
      label: `${target}: ${caveatLabel(reason)}`,
      text: `${target}: ${caveatMeaning(reason)}`,
    };
  });
}

function downNotices(targets: readonly TargetView[]): Notice[] {
  return targets
    .filter((target) => target.up === false)
    .map(({ name }) => ({
      id: `caveat ${name} target_down`,
      tone: 'critical',
      label: `${name} is down`,
      text: `${name} did not answer its latest probe; its numbers are of earlier answers`,
    }));
}

/** A replica that does not answer says more than the load of those that took over. */
function replicaNotices(store: Store, targets: readonly TargetView[]): Notice[] {
  return targets.flatMap(({ name, up }) => {
    const replicas = store.all(METRIC.replicaUp, { target: name });
    const down = replicas.filter(({ value }) => value === 0).map(({ labels }) => labels['replica'] ?? '');
    if (down.length === 0 || up === false) return [];
    return [
      {
        id: `replicas ${name}`,
        tone: 'critical' as const,
        label: `${name}: ${down.length} of ${replicas.length} replicas down`,
        text: `${name}: ${down.slice(0, 8).join(', ')}${down.length > 8 ? ' and more' : ''} did not answer the latest scrape`,
      },
    ];
  });
}

function windowNotices(targets: readonly TargetView[], moment: Moment): Notice[] {
  const [baseline, ...candidates] = targets;
  const own = baseline?.window;
  if (baseline === undefined || own === undefined || own === null) return [];
  const span = (window: { start: number; end: number }) =>
    `${clock(window.start, moment.timeZone)}–${clock(window.end, moment.timeZone)}`;
  return candidates.flatMap(({ name, window }) => {
    if (window === null || (window.start <= own.end && own.start <= window.end)) return [];
    return [
      {
        id: `caveat ${name} windows_apart`,
        tone: 'warning' as const,
        label: 'different times',
        text: `The targets were measured at different times: ${baseline.name} ${span(own)}, ${name} ${span(window)}`,
      },
    ];
  });
}

const WORSE_NAMES: Record<string, string> = { ttft: 'TTFT', e2e: 'E2E', tpot: 'TPOT', itl: 'ITL' };

/** "P99 E2E of later turns" */
function verdictName({ metric = '', turn = '', quantile = '' }: Record<string, string>): string {
  const percentile = `P${Number((Number(quantile) * 100).toPrecision(6))}`;
  return `${percentile} ${WORSE_NAMES[metric] ?? metric} of ${TURN_NAMES[turn as TurnClass] ?? turn}`;
}

/** What got worse beside the headline, by the exporter's own verdicts on every metric: one notice per candidate. */
function worseNotices(
  store: Store,
  targets: readonly TargetView[],
  isHeadline: (labels: Record<string, string>) => boolean,
): Notice[] {
  return targets.slice(1).flatMap(({ name }) => {
    const worse = store
      .all(METRIC.verdict, { target: name, verdict: 'slower' })
      .filter((entry) => entry.value === 1 && !isHeadline(entry.labels))
      .map((entry) => verdictName(entry.labels));
    if (worse.length === 0) return [];
    const label =
      worse.length === 1 ? `${name}: ${worse[0]} worse` : `${name}: ${worse.length} figures worse`;
    return [{ id: `worse ${name}`, tone: 'bad', label, text: `${name} got worse: ${worse.join(', ')}` }];
  });
}

function timeNotices(targets: readonly TargetView[], moment: Moment): Notice[] {
  const ends = targets.flatMap((target) => (target.window === null ? [] : [target.window.end]));
  const end = ends.length === 0 ? null : Math.max(...ends);
  if (moment.now - moment.rangeTo > STALE_MS) {
    const at = clock(moment.rangeTo, moment.timeZone, 'date');
    return [
      {
        id: 'past',
        tone: 'neutral',
        label: `as of ${at}`,
        text: `The time range ends in the past: this is the comparison as it stood at ${at}`,
      },
    ];
  }
  if (end === null || moment.now - end <= STALE_MS) return [];
  const old = age(moment.now - end);
  return [
    {
      id: 'stale',
      tone: 'warning',
      label: `${old} old`,
      text: `The newest answer is ${old} old: check that the exporter still probes`,
    },
  ];
}

/** Names what a whole, current exporter would publish and the queries do not bring. */
function missingNotices(store: Store, targets: readonly TargetView[]): Notice[] {
  const wanted = [...ALWAYS, ...(targets.length > 1 ? ALWAYS_WITH_PAIR : [])];
  const missing = wanted.filter((metric) => !store.metrics.has(metric));
  if (missing.length === 0) return [];
  return [
    {
      id: 'missing',
      tone: 'warning',
      label: 'metrics missing',
      text: `Not in the data: ${missing.join(', ')}. Either the exporter is older than this panel: update it; or a query leaves them out: use the panel's default queries`,
    },
  ];
}

function contestedNotices(store: Store, targets: readonly TargetView[]): Notice[] {
  return targets
    .filter(({ name }) => store.contested.has(name))
    .map(({ name }) => ({
      id: `contested ${name}`,
      tone: 'warning',
      label: 'two sources',
      text: `More than one exporter reports on ${name} with different numbers; the newest are shown. Choose one with a label in the queries`,
    }));
}

const ORDER = { critical: 0, bad: 1, warning: 2, good: 3, neutral: 4 } as const;

/** Everything that the reader must know beside the numbers, the gravest first, each once. */
export function noticesOf(
  store: Store,
  targets: readonly TargetView[],
  moment: Moment,
  isHeadline: (labels: Record<string, string>) => boolean,
): Notice[] {
  const all = [
    ...downNotices(targets),
    ...replicaNotices(store, targets),
    ...windowNotices(targets, moment),
    ...caveatNotices(store, targets),
    ...worseNotices(store, targets, isHeadline),
    ...timeNotices(targets, moment),
    ...missingNotices(store, targets),
    ...contestedNotices(store, targets),
  ];
  const first = new Map<string, Notice>();
  for (const notice of all) if (!first.has(notice.id)) first.set(notice.id, notice);
  return [...first.values()].sort((a, b) => ORDER[a.tone] - ORDER[b.tone]);
}
