/** From requests to the numbers that a plot draws: one value per request, order statistics of many. */
import { turnClass, type ProbeRecord, type TurnClass } from '../model/record';
import { quantile, sortedFinite } from '../stats/quantile';

/** What is measured of a request: seconds, and for `rate` tokens per second after the first token. */
export const MEASURES = ['ttft', 'generation', 'total', 'rate'] as const;
export type Measure = (typeof MEASURES)[number];

/**
 * The value of a request; null where it has none. Only answered requests have values, as everywhere in a comparison.
 * generation = E2E - TTFT; rate = 1 / TPOT = (completion tokens - 1) / generation.
 */
export function measured(record: ProbeRecord, measure: Measure): number | null {
  const { outcome, ttft_ms: ttft, e2e_ms: e2e, tpot_ms: tpot } = record;
  if (outcome !== 'ok') return null;
  switch (measure) {
    case 'ttft':
      return usable(ttft);
    case 'total':
      return usable(e2e);
    case 'generation':
      return ttft === null || e2e === null ? null : usable(e2e - ttft);
    case 'rate':
      return tpot === null || !(tpot > 0) || !Number.isFinite(tpot) ? null : 1000 / tpot;
  }
}

const usable = (ms: number | null) => (ms !== null && Number.isFinite(ms) && ms >= 0 ? ms / 1000 : null);

export const ofClass = (records: readonly ProbeRecord[], turn: TurnClass) =>
  turn === 'all' ? records : records.filter((record) => record.turn > 0 && turnClass(record.turn) === turn);

/** All values of a measure, ascending. */
export function sample(records: readonly ProbeRecord[], measure: Measure): Float64Array {
  const values: number[] = [];
  for (const record of records) {
    const value = measured(record, measure);
    if (value !== null) values.push(value);
  }
  return sortedFinite(values);
}

export interface Box {
  n: number;
  p5: number;
  p25: number;
  p50: number;
  p75: number;
  p95: number;
  min: number;
  max: number;
}

/** The quantiles that a box shows, by the definition of the tables (type 7); null for no values. */
export function boxOf(sorted: Float64Array): Box | null {
  const at = (q: number) => quantile(sorted, q) ?? NaN;
  if (sorted.length === 0) return null;
  return {
    n: sorted.length,
    p5: at(0.05),
    p25: at(0.25),
    p50: at(0.5),
    p75: at(0.75),
    p95: at(0.95),
    min: at(0),
    max: at(1),
  };
}

/**
 * Whether first and later turns both occur, so that they must be shown apart. Not where the turn of some is unknown (0): these
 * would be left out of both.
 */
export function hasTurns(lists: readonly (readonly ProbeRecord[])[]): boolean {
  let [first, later] = [false, false];
  for (const records of lists) {
    for (const { turn } of records) {
      if (turn <= 0) return false;
      if (turn === 1) first = true;
      else later = true;
    }
  }
  return first && later;
}
