/** Do two results mean the same by a metric? */
import { LATENCY_METRICS, type LatencyMetric } from '../model/comparison';
import { DEFINITIONS, type Definition, type Definitions } from '../model/result';

/** Pairs that differ by little or only for some models: told, but compared. */
const CLOSE: readonly (readonly [Definition, Definition, string])[] = [
  ['first_token', 'first_content', 'the same unless the model reasons before it answers'],
  ['first_content', 'first_chunk', 'the same unless the first chunk bears no text'],
  ['first_token', 'first_chunk', 'the same unless the first chunk bears no text'],
  ['last_token', 'stream_end', 'apart by the closing of the stream'],
];

/** What no result may be judged by, whatever the other side means. */
const USELESS: readonly Definition[] = ['role_chunk'];

export interface DefinitionFindings {
  /** Metrics that get no verdict. */
  unlike: LatencyMetric[];
  /** One sentence per metric whose meanings differ at all, without a full stop. */
  texts: string[];
}

export function compareDefinitions(
  baseline: Definitions,
  candidate: Definitions,
  names: readonly [string, string],
): DefinitionFindings {
  const found: DefinitionFindings = { unlike: [], texts: [] };
  for (const metric of LATENCY_METRICS) {
    const [left, right] = [baseline[metric], candidate[metric]];
    if (left === undefined || right === undefined) continue;
    const useless = USELESS.includes(left) || USELESS.includes(right);
    if (left === right && !useless) continue;
    const close = CLOSE.find(([one, two]) => [one, two].includes(left) && [one, two].includes(right));
    const said =
      left === right
        ? `both results mean ${DEFINITIONS[left]}`
        : `${names[0]} means ${DEFINITIONS[left]}, ${names[1]} ${DEFINITIONS[right]}`;
    const comparable = close !== undefined && !useless;
    if (!comparable) found.unlike.push(metric);
    found.texts.push(`${metric.toUpperCase()}: ${said} (${comparable ? close[2] : 'not comparable'})`);
  }
  return found;
}
