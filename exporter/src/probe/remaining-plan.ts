import type { ProbePlan, ProbeProgress } from './probe-plan';

/**
 * What is left of a plan when its thread died after `elapsed_seconds`. All targets go on with the first conversation that none
 * of them had begun, so that they stay paired and nothing is asked again that a cache may know. Pure.
 */
export function remainingPlan(
  plan: ProbePlan,
  progress: readonly Pick<ProbeProgress, 'due' | 'requests'>[],
  elapsed_seconds: number,
): ProbePlan {
  const { seconds, requests } = plan.limits;
  const most = (values: number[]) => Math.max(0, ...values);
  return {
    ...plan,
    first_sequence:
      (plan.first_sequence ?? 0) + most(progress.map(({ due }) => due)) * (plan.shard?.count ?? 1),
    limits: {
      ...plan.limits,
      seconds: seconds === null ? null : Math.max(0, seconds - elapsed_seconds),
      requests:
        requests === null ? null : Math.max(0, requests - most(progress.map((target) => target.requests))),
    },
  };
}
