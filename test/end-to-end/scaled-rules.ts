import { parser } from '@prometheus-io/lezer-promql';

/** A file of rules as Prometheus reads it. */
export interface RuleFile {
  groups: { name: string; interval?: string; rules: Rule[] }[];
}

export interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  for?: string;
  keep_firing_for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

const MILLISECONDS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** `1h30m` in milliseconds. */
function parseDuration(text: string): number {
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (MILLISECONDS[unit] ?? NaN),
    0,
  );
}

/** Prometheus knows whole milliseconds and no fractions. */
const shortened = (text: string, factor: number) => `${Math.round(parseDuration(text) / factor)}ms`;

interface Span {
  from: number;
  to: number;
}

/** Where nodes of a kind stand in an expression. Throws where it does not parse. */
export function nodes(expr: string, kind: string): Span[] {
  const found: Span[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) throw new Error(`not PromQL at ${from}: ${expr}`);
      if (type.name === kind) found.push({ from, to });
    },
  });
  return found;
}

/** An expression whose ranges and offsets are `factor` times shorter; everything else is untouched. */
export function scaledExpression(expr: string, factor: number): string {
  return nodes(expr, 'NumberDurationLiteralInDurationContext')
    .reverse()
    .reduce(
      (text, { from, to }) => text.slice(0, from) + shortened(text.slice(from, to), factor) + text.slice(to),
      expr,
    );
}

/**
 * The shipped rules in quick motion: ranges, offsets, `for` and intervals are `factor` times shorter. Names, labels,
 * thresholds, numbers of requests, conditions and texts stay as they are.
 */
export function scaledRules(file: RuleFile, factor: number): RuleFile {
  const duration = (key: 'for' | 'keep_firing_for' | 'interval', text: string | undefined) =>
    text === undefined ? {} : { [key]: shortened(text, factor) };
  return {
    groups: file.groups.map((group) => ({
      ...group,
      ...duration('interval', group.interval),
      rules: group.rules.map((rule) => ({
        ...rule,
        expr: scaledExpression(rule.expr, factor),
        ...duration('for', rule.for),
        ...duration('keep_firing_for', rule.keep_firing_for),
      })),
    })),
  };
}

/** Every selector of an expression, without its range and offset: what has to be there for it to mean anything. */
export function selectors(expr: string): string[] {
  return nodes(expr, 'VectorSelector').map(({ from, to }) => expr.slice(from, to));
}
