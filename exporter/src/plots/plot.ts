/** What a plot is before it is drawn. */
import { hasTurns, measured, type Measure } from './samples';
import { count } from '../report/format';
import type { CardText, LegendItem } from './card';
import type { PlotData, TargetView } from './input';
import type { Spec } from './spec';

/** The first three have the names and subjects of llm-d-benchmark's comparison. */
export const PLOT_NAMES = [
  'latency_comparison',
  'throughput_comparison',
  'qps_comparison',
  'ttft_ecdf',
  'ttft_by_turn',
  'ratio_forest',
] as const;
export type PlotName = (typeof PLOT_NAMES)[number];

export interface PlannedPlot {
  spec: Spec;
  text: CardText;
}

/** A plot, or the reason why these data have none. */
export type Plan = PlannedPlot | { skipped: string };

/** Legend of all targets; `detail` follows the role. */
export const legendOf = (
  targets: readonly TargetView[],
  detail: (target: TargetView) => string | null,
): LegendItem[] =>
  targets.map((target) => {
    const more = detail(target);
    return {
      color: target.color,
      name: target.name,
      detail: [target.role, ...(more === null ? [] : [more])].join(', '),
    };
  });

/** `252`, or `55–248` where groups differ in size. */
export function rangeText(sizes: readonly number[]): string {
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  return low === high ? count(low) : `${count(low)}–${count(high)}`;
}

/** `n = 55–248 per level` */
export const sizesText = (sizes: readonly number[], per: string): string =>
  `n = ${rangeText(sizes)}${sizes.length > 1 ? ` per ${per}` : ''}`;

export const NO_RECORDS = 'only summaries are known, not single requests';

/** What is drawn faded, and why. */
export const fadedNotes = (reasons: readonly string[]) => reasons.map((reason) => `Faded: ${reason}`);

/** How solid something is drawn that takes part in no verdict. */
export const FADED = 0.3;

/** The counted requests of every target: one list each, as together they may be very many. */
const allRecords = (data: PlotData) => data.targets.map(({ name }) => data.records(name, null));

export const isEmpty = (data: PlotData) => allRecords(data).every((records) => records.length === 0);

/** Whether any request was given what is measured. */
export const isMeasured = (data: PlotData, measure: Measure) =>
  allRecords(data).some((records) => records.some((record) => measured(record, measure) !== null));

/** `hasTurns` of all requests together. */
export const turnsApart = (data: PlotData) => hasTurns(allRecords(data));
