import { blocks } from '../model/caveat';
import {
  QUANTILES,
  type Comparison,
  type Estimate,
  type PairComparison,
  type QuantileName,
  type TargetSummary,
} from '../model/comparison';
import { milliseconds, percent } from '../report/format';
import { minimumSamples } from '../stats/enough';
import type { Gate, GateSubject, GateUnit, PlainName } from './gate';

export interface GateResult {
  gate: string;
  target: string;
  /** `4 qps`; null where the run has no load levels. */
  level: string | null;
  passed: boolean;
  /** null: not known, or too few requests for it; such a gate fails. */
  value: number | null;
  /** Why there is no value. */
  reason: string | null;
  /** One line for people. */
  text: string;
}

type Read = { value: number } | { reason: string };
type Part = Pick<Comparison, 'targets' | 'comparisons'>;

/** Targets that gates name and the run has not; one line each. */
export function unknownGateTargets(gates: readonly Gate[], targets: readonly string[]): string[] {
  return gates.flatMap(({ text, target }) =>
    target === null || targets.includes(target)
      ? []
      : [`--gate ${JSON.stringify(text)}: there is no target "${target}"; there are ${targets.join(', ')}`],
  );
}

/** Every gate for every target that it speaks of; where a run has load levels, at each of them. */
export function evaluateGates(gates: readonly Gate[], comparison: Comparison): GateResult[] {
  const { levels } = comparison;
  const parts: { level: string | null; part: Part }[] =
    levels === undefined
      ? [{ level: null, part: comparison }]
      : levels.map((part) => ({ level: `${part.level} ${part.unit}`, part }));
  return gates.flatMap((gate) => parts.flatMap(({ level, part }) => evaluate(gate, part, level)));
}

function evaluate(gate: Gate, part: Part, level: string | null): GateResult[] {
  return subjectsOf(gate, part.targets).map((target) => {
    const read = readValue(gate.subject, target, part);
    const value = 'value' in read ? read.value : null;
    const reason = 'reason' in read ? read.reason : null;
    const passed = value !== null && holds(value, gate);
    const where = [target.name, level].filter((word) => word !== null).join(' at ');
    const shown = value === null ? `no value: ${reason ?? 'not known'}` : display(value, gate.unit);
    const text = `${passed ? 'pass' : 'FAIL'}  ${gate.text}  ${where}: ${shown}`;
    return { gate: gate.text, target: target.name, level, passed, value, reason, text };
  });
}

/** A gate without a target speaks of the candidates; of all where there is none. */
function subjectsOf({ target }: Gate, targets: readonly TargetSummary[]): TargetSummary[] {
  if (target !== null) return targets.filter(({ name }) => name === target);
  const candidates = targets.filter(({ role }) => role === 'candidate');
  return candidates.length > 0 ? candidates : [...targets];
}

function holds(value: number, { operator, limit }: Gate): boolean {
  switch (operator) {
    case '<=':
      return value <= limit;
    case '>=':
      return value >= limit;
    case '<':
      return value < limit;
    case '>':
      return value > limit;
  }
}

function readValue(subject: GateSubject, target: TargetSummary, part: Part): Read {
  if (subject.kind === 'plain') return known(PLAIN[subject.name](target), 'not known of this target');
  const summary = target[`${subject.metric}_seconds`][subject.turn];
  if (subject.kind === 'statistic') return known(summary[subject.statistic], 'no request was answered');
  if (!subject.ratio) return ofEstimate(summary[subject.quantile], subject.quantile, subject.bound);
  const pair = part.comparisons.find(({ candidate }) => candidate === target.name);
  return pair === undefined ? { reason: 'there is no baseline to divide by' } : ofRatio(pair, subject);
}

function ofEstimate(
  estimate: Estimate | null,
  quantile: QuantileName,
  bound: 'estimate' | 'lower' | 'upper',
): Read {
  if (estimate === null) return { reason: 'no request was answered' };
  const needed = minimumSamples(QUANTILES[quantile]);
  const value = estimate[bound];
  if (estimate.n >= needed) return value === null ? { reason: 'its interval is not known' } : { value };
  return { reason: `n = ${estimate.n} is too few for ${quantile.toUpperCase()}, which needs ${needed}` };
}

function ofRatio(pair: PairComparison, subject: Extract<GateSubject, { kind: 'quantile' }>): Read {
  const ratio = pair.ratios.find(
    ({ metric, turn, quantile }) =>
      metric === subject.metric && turn === subject.turn && quantile === subject.quantile,
  );
  if (ratio === undefined || ratio.verdict === 'too_few') return { reason: 'too few matched requests' };
  if (ratio.verdict === 'not_comparable') {
    const blocking = pair.caveats.map(({ reason }) => reason).filter((reason) => blocks(reason));
    const why = blocking.length > 0 ? blocking : pair.caveats.map(({ reason }) => reason);
    return { reason: `the targets are not comparable (${[...new Set(why)].join(', ')})` };
  }
  return known(ratio[subject.bound], 'not known');
}

const known = (value: number | null, reason: string): Read => (value === null ? { reason } : { value });

function requests({ outcomes }: TargetSummary): number {
  return Object.values(outcomes).reduce((sum, n) => sum + n, 0);
}

function balance({ balance: { gpu, running, tokens } }: TargetSummary) {
  return gpu ?? running ?? tokens;
}

const PLAIN: Readonly<Record<PlainName, (target: TargetSummary) => number | null>> = {
  errors: (target) => {
    const all = requests(target);
    return all === 0 ? null : (all - (target.outcomes.ok ?? 0)) / all;
  },
  hit_rate: ({ hit_rate: rate }) => rate?.from_probes ?? rate?.measured ?? null,
  requests,
  conversations: ({ conversations }) => conversations,
  requests_per_second: ({ requests_per_second }) => requests_per_second,
  output_tokens_per_second: ({ output_tokens_per_second }) => output_tokens_per_second,
  'balance.cv': (target) => balance(target)?.cv ?? null,
  'balance.max_to_mean': (target) => balance(target)?.max_to_mean ?? null,
};

function display(value: number, unit: GateUnit): string {
  if (unit === 'seconds') return milliseconds(value);
  return unit === 'share' ? percent(value, 1) : String(Number(value.toPrecision(4)));
}
