/** What can be said against a comparison of summaries; the rules for records need records. */
import type { Caveat, TargetSummary } from '../model/comparison';
import { failedCount, failedShare, requestCount } from '../compare/target-summary';
import { THRESHOLDS } from '../compare/thresholds';
import { count, milliseconds, percent, plural, points } from '../report/format';
import type { ResultPart } from '../model/result';
import { runSpread } from './summary-target';

type Targets = readonly [baseline: TargetSummary, candidate: TargetSummary];

/** Where the two tell means per request that differ by more than the limit. */
function meansDiffer(
  targets: Targets,
  kind: 'prompt' | 'completion',
  reason: Caveat['reason'],
  words: string,
): Caveat[] {
  const means = targets.map(({ tokens, samples }) => {
    const total = tokens[kind];
    return total === null || samples.all === 0 ? null : total / samples.all;
  });
  const [before, after] = means;
  if (before === null || after === null || before === undefined || after === undefined) return [];
  const difference = Math.abs(before - after) / Math.max(before, after, 1);
  if (difference <= THRESHOLDS.output_tokens_differ) return [];
  const said = targets.map(
    ({ name }, index) => `${name} ${means[index]?.toFixed(1) ?? ''} tokens on average`,
  );
  return [{ reason, target: null, text: `${words}: ${said.join(', ')} (${percent(difference, 1)})` }];
}

function errorCaveats(targets: Targets): Caveat[] {
  const [before, after] = targets.map(failedShare);
  const failed = targets.flatMap((target): Caveat[] => {
    const n = failedCount(target);
    if (n === 0) return [];
    const text = `${target.name}: ${count(n)} of ${plural(requestCount(target), 'request')} failed`;
    return [{ reason: 'errors', target: target.name, text }];
  });
  if (before === null || after === null || before === undefined || after === undefined) return failed;
  if (Math.abs(after - before) <= THRESHOLDS.error_rate_differs) return failed;
  const text = `The shares of failed requests differ by ${points(after - before)}: ${targets
    .map((target) => `${target.name} ${percent(failedShare(target), 1)}`)
    .join(', ')}`;
  return [{ reason: 'error_rate_differs', target: null, text }, ...failed];
}

/** `parts`: what each side's summary was made from; empty where the side has records. */
export function summaryCaveats(
  targets: Targets,
  parts: readonly [readonly ResultPart[], readonly ResultPart[]],
): Caveat[] {
  const only = targets.flatMap((target, index): Caveat[] => {
    const own = parts[index] ?? [];
    if (own.length === 0) return [];
    const spread = runSpread(own);
    const runs =
      spread === null
        ? ''
        : `; its values are the medians of ${spread.runs} runs, whose TTFT P95 lie between ${milliseconds(spread.least)} and ${milliseconds(spread.most)}`;
    const text = `${target.name} tells percentiles and no single requests: no interval, no verdict${runs}`;
    return [{ reason: 'summary_only', target: target.name, text }];
  });
  return [
    ...only,
    ...meansDiffer(targets, 'prompt', 'prompts_differ', 'The prompts differ in length'),
    ...meansDiffer(targets, 'completion', 'output_tokens_differ', 'The answers differ in length'),
    ...errorCaveats(targets),
  ];
}
