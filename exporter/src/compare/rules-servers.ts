/** Caveats about what the targets are: model, engine, hardware, and when they were measured. */
import type { TargetObservation } from '../model/observation';
import { clock, count, plural } from '../report/format';
import { aboutPair, eachTarget, nameOf, type PairContext } from './rule';
import { windowSpan } from './target-summary';
import { THRESHOLDS } from './thresholds';

/** Fires when both sides tell and tell different things. */
function differs(
  read: (observation: TargetObservation) => string | null,
  sentence: (baseline: string, candidate: string) => string,
) {
  return aboutPair(({ baseline, candidate }) => {
    const [before, after] = [read(baseline.input.observation), read(candidate.input.observation)];
    if (before === null || after === null || before === after) return null;
    return sentence(`${nameOf(baseline)} ${before}`, `${nameOf(candidate)} ${after}`);
  });
}

const engine = ({ engine: { name, version } }: TargetObservation) =>
  version === null ? null : [name, version].filter((part) => part !== null).join(' ');

const modelDiffers = differs(
  (observation) => observation.model,
  (before, after) => `The targets serve different models: ${before}, ${after}`,
);

/** The user may say that two names mean one model, as deployments often serve it under different names. */
export const modelRule = (context: PairContext) =>
  context.options.same_model === true ? [] : modelDiffers(context);

export const engineVersionRule = differs(
  engine,
  (before, after) => `The engines are of different versions: ${before}, ${after}`,
);

export const replicaCountRule = differs(
  ({ replica_count: replicas }) => (replicas === null ? null : `has ${plural(replicas, 'replica')}`),
  (before, after) => `The targets differ in size: ${before}, ${after}`,
);

export const gpuModelRule = differs(
  (observation) => observation.gpu_model,
  (before, after) => `The GPUs differ: ${before}, ${after}`,
);

export const kvCapacityRule = aboutPair(({ baseline, candidate }) => {
  const [before, after] = [baseline, candidate].map((side) => side.input.observation.kv_capacity_tokens);
  if (before === null || before === undefined || after === null || after === undefined) return null;
  if (Math.abs(before - after) <= THRESHOLDS.kv_capacity_differs * Math.max(before, after)) return null;
  const tokens = [
    `${nameOf(baseline)} ${count(before)} tokens`,
    `${nameOf(candidate)} ${count(after)} tokens`,
  ];
  return `The KV caches of a replica differ in size: ${tokens.join(', ')}`;
});

export const windowsApartRule = aboutPair(({ baseline, candidate }) => {
  const [before, after] = [windowSpan(baseline.records), windowSpan(candidate.records)];
  const [ofBaseline, ofCandidate] = [baseline.summary.window, candidate.summary.window];
  if (before === null || after === null || ofBaseline === null || ofCandidate === null) return null;
  // Until the last answer: a burst is sent in a moment.
  if (before.start <= after.start + after.wall_seconds && after.start <= before.start + before.wall_seconds)
    return null;
  const said = [
    `${nameOf(baseline)} ${clock(ofBaseline.start)} to ${clock(ofBaseline.end)}`,
    `${nameOf(candidate)} ${clock(ofCandidate.start)} to ${clock(ofCandidate.end)}`,
  ];
  return `The targets were measured at different times: ${said.join(', ')}`;
});

export const targetDownRule = eachTarget((side) =>
  side.input.observation.up ? null : `${nameOf(side)} does not answer`,
);
