/**
 * The view model: everything that is drawn, already decided. `prepare` makes it from frames, the components only draw it.
 * Times are seconds, ratios 0..1, instants Unix milliseconds; null means "not told", never zero.
 */

export const TURN_CLASSES = ['first', 'later', 'all'] as const;
export type TurnClass = (typeof TURN_CLASSES)[number];

export const QUANTILES = ['p50', 'p90', 'p95', 'p99'] as const;
export type Quantile = (typeof QUANTILES)[number];

export const VERDICTS = ['faster', 'slower', 'no_difference_shown', 'too_few', 'not_comparable'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** good and bad are judgements of the exporter; critical is a fault, warning wants care, neutral says nothing. */
export type Tone = 'good' | 'bad' | 'critical' | 'warning' | 'neutral';

export interface Interval {
  estimate: number;
  lower: number | null;
  upper: number | null;
}

export interface TargetView {
  name: string;
  role: 'baseline' | 'candidate';
  /** Position in the palette: the baseline is 0. */
  index: number;
  /** Colour set by a field override (a CSS colour or a Grafana colour name), else null. */
  color: string | null;
  up: boolean | null;
  model: string | null;
  engine: string | null;
  replicas: number | null;
  samples: Record<TurnClass, number | null>;
  window: { start: number; end: number } | null;
}

export interface RatioView {
  candidate: string;
  ratio: Interval | null;
  verdict: Verdict | null;
}

export interface VerdictView {
  candidate: string | null;
  verdict: Verdict | null;
  tone: Tone;
  /** "llm-d answers sooner" */
  headline: string;
  /** "P95 TTFT 272 ms vs 745 ms, 64 % less (55–70 %), n = 440 + 440", or what is missing. */
  facts: string;
  /** The two numbers for the big figures; null where there are none. */
  ratio: Interval | null;
}

export interface Notice {
  id: string;
  tone: Tone;
  /** Two or three words. */
  label: string;
  /** The whole sentence. */
  text: string;
}

export interface PercentileMark {
  target: string;
  value: Interval | null;
  n: number | null;
  /** Requests that the interval of this percentile needs. */
  needed: number;
  tooFew: boolean;
  /** The same percentile of the run saved as the reference. */
  reference: number | null;
}

export interface PercentileRow {
  turn: TurnClass;
  quantile: Quantile;
  marks: PercentileMark[];
  ratios: RatioView[];
}

export interface ReplicaValue {
  replica: string;
  value: number | null;
  up: boolean | null;
  link: ReplicaLink | null;
}

export interface ReplicaLink {
  href: string;
  title: string;
  newTab: boolean;
}

export interface HitRateView {
  target: string;
  measured: number | null;
  fromProbes: number | null;
  random: number | null;
  sticky: number | null;
  replicas: ReplicaValue[];
}

export type BalanceResource = 'gpu' | 'running' | 'tokens';

export interface BalanceView {
  target: string;
  resource: BalanceResource | null;
  cv: number | null;
  maxToMean: number | null;
  mean: number | null;
  replicas: ReplicaValue[];
}

export interface TurnPoint {
  turn: number;
  value: number;
}

export interface TimePoint {
  time: number;
  /** null is a gap. */
  value: number | null;
  lower: number | null;
  upper: number | null;
}

export interface TableRow {
  id: string;
  label: string;
  /** What the number is, for the tooltip. */
  meaning: string;
  cells: { target: string; text: string; tone: Tone }[];
}

export interface ComparisonViewModel {
  baseline: string;
  turn: TurnClass;
  quantile: Quantile;
  targets: TargetView[];
  verdicts: VerdictView[];
  notices: Notice[];
  percentiles: PercentileRow[];
  hitRate: HitRateView[];
  balance: BalanceView[];
  byTurn: { target: string; points: TurnPoint[] }[];
  overTime: {
    from: number;
    to: number;
    series: { target: string; points: TimePoint[] }[];
  };
  table: TableRow[];
  /** A sentence per section that has nothing to show. */
  empty: Partial<Record<SectionId, string>>;
  /** Dashed lines on TTFT axes, seconds. */
  limits: { value: number; label: string }[];
}

export const SECTIONS = [
  'verdict',
  'percentiles',
  'hitRate',
  'balance',
  'overTime',
  'byTurn',
  'table',
] as const;
export type SectionId = (typeof SECTIONS)[number];

export type MessageKind = 'loading' | 'error' | 'no_data' | 'foreign' | 'old_exporter';

export interface PanelMessage {
  id: MessageKind;
  title: string;
  text: string;
  /** What to do about it. */
  remedy: string;
}

export type Prepared = { kind: 'view'; view: ComparisonViewModel } | ({ kind: 'message' } & PanelMessage);
