import type { ProbePlan } from './probe-plan';
import { remainingPlan } from './remaining-plan';

const PLAN = {
  run: 'r',
  first_sequence: 4,
  limits: { conversations: 20, seconds: 60, requests: 100 },
} as unknown as ProbePlan;

it('all targets go on with the first conversation that none had begun, within what is left of the limits', () => {
  const progress = [
    { due: 3, requests: 25 },
    { due: 5, requests: 40 },
  ];
  expect(remainingPlan(PLAN, progress, 12.5)).toEqual({
    run: 'r',
    first_sequence: 9,
    limits: { conversations: 20, seconds: 47.5, requests: 60 },
  });
});

it('a plan without limits keeps none, one that had not begun starts at its beginning', () => {
  const endless = { ...PLAN, limits: { conversations: null, seconds: null, requests: null } };
  expect(remainingPlan(endless, [], 1e6)).toEqual({ ...endless, first_sequence: 4 });
});

it('a shard goes on with the next conversation of its own share', () => {
  const shard = { ...PLAN, shard: { index: 1, count: 3 } };
  expect(remainingPlan(shard, [{ due: 2, requests: 10 }], 0).first_sequence).toBe(4 + 2 * 3);
});

it('nothing is left beyond a limit', () => {
  expect(remainingPlan(PLAN, [{ due: 9, requests: 130 }], 61).limits).toEqual({
    conversations: 20,
    seconds: 0,
    requests: 0,
  });
});
