import { parseDuration } from '../config/specs';
import { LATENCY_METRICS, QUANTILE_NAMES } from '../model/comparison';
import { TURN_CLASSES } from '../model/record';
import { OPERATORS, PLAIN_GATES, type Gate, type GateSubject, type GateUnit, type PlainName } from './gate';

export type ParsedGate = { ok: true; gate: Gate } | { ok: false; mistake: string };

const STATISTICS = ['mean', 'min', 'max'] as const;

/** All that a gate may name, for people. */
export const KNOWN_GATES: readonly string[] = [
  `${LATENCY_METRICS.join('|')}[.${TURN_CLASSES.join('|')}].${[...QUANTILE_NAMES, ...STATISTICS].join('|')}`,
  `${LATENCY_METRICS.join('|')}[.${TURN_CLASSES.join('|')}].${QUANTILE_NAMES.join('|')}[.ratio][.lower|upper]`,
  ...Object.keys(PLAIN_GATES),
];

/**
 * Reads a gate: `[target:]name`, an operator, a value with its unit. `ttft.p95<=500ms`, `ttft.later.p99.ratio<=0.9`,
 * `llm-d:hit_rate>=80%`. Without a turn class it is all turns.
 */
export function parseGate(text: string): ParsedGate {
  const refuse = (why: string): ParsedGate => ({
    ok: false,
    mistake: `--gate ${JSON.stringify(text)}: ${why}`,
  });
  const parts = /^\s*(?:([a-z0-9.-]+):)?([a-z0-9_.]+)\s*(<=|>=|<|>)\s*(\S+)\s*$/i.exec(text);
  const operator = OPERATORS.find((known) => known === parts?.[3]);
  if (parts === null || operator === undefined)
    return refuse('is not NAME, one of <= >= < >, VALUE; write it like ttft.p95<=500ms');
  const [, target = null, name = '', , value = ''] = parts;
  const subject = readSubject(name);
  if (subject === null) return refuse(`"${name}" is not known; known are ${KNOWN_GATES.join(', ')}`);
  const unit = unitOf(subject);
  const limit = readValue(value, unit);
  if (limit === null) return refuse(`"${value}" is not ${VALUES[unit]}`);
  return { ok: true, gate: { text: text.trim(), target, subject, operator, limit, unit } };
}

function readSubject(name: string): GateSubject | null {
  if (Object.hasOwn(PLAIN_GATES, name)) return { kind: 'plain', name: name as PlainName };
  const words = name.split('.');
  const take = <T extends string>(known: readonly T[]): T | undefined => {
    const found = known.find((word) => word === words[0]);
    if (found !== undefined) words.shift();
    return found;
  };
  const metric = take(LATENCY_METRICS);
  const turn = take(TURN_CLASSES) ?? 'all';
  if (metric === undefined) return null;
  const statistic = take(STATISTICS);
  if (statistic !== undefined)
    return words.length === 0 ? { kind: 'statistic', metric, turn, statistic } : null;
  const quantile = take(QUANTILE_NAMES);
  const ratio = take(['ratio']) !== undefined;
  const bound = take(['estimate', 'lower', 'upper']) ?? 'estimate';
  if (quantile === undefined || words.length > 0) return null;
  return { kind: 'quantile', metric, turn, quantile, ratio, bound };
}

function unitOf(subject: GateSubject): GateUnit {
  if (subject.kind === 'plain') return PLAIN_GATES[subject.name];
  return subject.kind === 'quantile' && subject.ratio ? 'number' : 'seconds';
}

const VALUES: Readonly<Record<GateUnit, string>> = {
  seconds: 'a time with its unit; write it like 500ms or 2s',
  share: 'a share; write it like 1% or 0.01',
  number: 'a number; write it like 0.9',
};

function readValue(text: string, unit: GateUnit): number | null {
  if (unit === 'seconds') return parseDuration(text);
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (digits === undefined || (percent === '%' && unit !== 'share')) return null;
  const value = percent === '%' ? Number(digits) / 100 : Number(digits);
  return unit === 'share' && value > 1 ? null : value;
}
