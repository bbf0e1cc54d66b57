import { TURN_NAMES, type PanelOptions } from '../options';
import type { TargetView, Tone, Verdict, VerdictView } from '../types';
import { count, intervalText, ratioInWords, seconds, type LatencyUnit } from './format';
import { METRIC, NEEDED } from './names';
import { intervalOf, ratioOf } from './percentiles';
import type { Store } from './store';

const TONES: Record<Verdict, Tone> = {
  faster: 'good',
  slower: 'bad',
  no_difference_shown: 'neutral',
  too_few: 'neutral',
  not_comparable: 'warning',
};

function headline(verdict: Verdict | null, candidate: string, baseline: string): string {
  switch (verdict) {
    case 'faster':
      return `${candidate} answers sooner`;
    case 'slower':
      return `${candidate} answers later`;
    case 'no_difference_shown':
      return `No difference shown between ${candidate} and ${baseline}`;
    case 'too_few':
      return 'Too few requests for a verdict yet';
    case 'not_comparable':
      return `${candidate} and ${baseline} are not comparable`;
    default:
      return `No verdict on ${candidate} against ${baseline}`;
  }
}

interface Context {
  store: Store;
  options: PanelOptions;
  unit: LatencyUnit;
  /** Sentences of the caveats that forbid a verdict, by candidate. */
  blocking: (candidate: string) => string[];
}

/** "P95 TTFT" or "P95 TTFT of later turns". */
function subject(options: PanelOptions): string {
  const name = `${options.headline.toUpperCase()} TTFT`;
  return options.turn === 'all' ? name : `${name} of ${TURN_NAMES[options.turn]}`;
}

/** "P95 needs 72 requests: vllm has 40, llm-d has 41". */
function shortage(options: PanelOptions, targets: readonly TargetView[]): string {
  const have = targets.map(({ name, samples }) => `${name} has ${count(samples[options.turn])}`);
  const which = options.turn === 'all' ? '' : ` of ${TURN_NAMES[options.turn]}`;
  return `${options.headline.toUpperCase()} needs ${NEEDED[options.headline]} requests${which}: ${have.join(', ')}`;
}

function pairVerdict(context: Context, baseline: TargetView, candidate: TargetView): VerdictView {
  const { store, options, unit } = context;
  const key = { turn: options.turn, quantile: options.headline };
  const { ratio, verdict } = ratioOf(store, { ...key, target: candidate.name });
  const own = intervalOf(store, METRIC.ttft, { ...key, target: candidate.name })?.estimate ?? null;
  const other = intervalOf(store, METRIC.ttft, { ...key, target: baseline.name })?.estimate ?? null;
  const base = { candidate: candidate.name, verdict, ratio };
  const down = [candidate, baseline].filter((target) => target.up === false);
  const numbers = [
    `${subject(options)} ${seconds(own, unit)} vs ${seconds(other, unit)}`,
    ...(ratio === null ? [] : [ratioInWords(ratio)]),
    `n = ${count(candidate.samples[options.turn])} + ${count(baseline.samples[options.turn])}`,
  ].join(', ');
  const known = own !== null || other !== null;
  if (down.length > 0) {
    const names = down.map((target) => target.name).join(' and ');
    const last = known ? `Until then: ${numbers}` : 'It has not answered in the window';
    return {
      ...base,
      tone: 'critical',
      headline: `${names} ${down.length === 1 ? 'does' : 'do'} not answer`,
      facts: last,
    };
  }
  const tone = verdict === null ? 'neutral' : TONES[verdict];
  const result = { ...base, tone, headline: headline(verdict, candidate.name, baseline.name) };
  if (verdict === 'too_few') return { ...result, facts: shortage(options, [candidate, baseline]) };
  if (verdict === 'not_comparable') {
    const why = context.blocking(candidate.name);
    return { ...result, facts: why.length > 0 ? `Because ${why.join('; ')}` : numbers };
  }
  if (!known)
    return {
      ...result,
      headline: 'Waiting for the first answers',
      facts: shortage(options, [candidate, baseline]),
    };
  return { ...result, facts: numbers };
}

/** One target alone has no verdict; its own numbers still tell something. */
function singleVerdict(context: Context, target: TargetView): VerdictView {
  const { store, options, unit } = context;
  const value = intervalOf(store, METRIC.ttft, {
    target: target.name,
    turn: options.turn,
    quantile: options.headline,
  });
  const range = intervalText(value, unit);
  const facts =
    value === null
      ? 'No answer in the window yet'
      : `${subject(options)} ${seconds(value.estimate, unit)}${range === null ? '' : ` (${range})`}, n = ${count(target.samples[options.turn])}`;
  const base = { candidate: null, verdict: null, ratio: null };
  if (target.up === false) {
    return { ...base, tone: 'critical', headline: `${target.name} does not answer`, facts };
  }
  return { ...base, tone: 'neutral', headline: `Only ${target.name} reports, nothing to compare`, facts };
}

/** One verdict per candidate, as the exporter published it, put into words. */
export function verdictViews(context: Context, targets: readonly TargetView[]): VerdictView[] {
  const [baseline, ...candidates] = targets;
  if (baseline === undefined) return [];
  if (candidates.length === 0) return [singleVerdict(context, baseline)];
  return candidates.map((candidate) => pairVerdict(context, baseline, candidate));
}
