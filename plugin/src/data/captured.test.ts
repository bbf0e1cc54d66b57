import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { view } from '../testing/prepared';
import { framesOf, type PrometheusAnswer } from '../testing/prometheus-answers';
import type { Quantile, TurnClass } from '../types';

/** The parts of `/api/v1/comparison` that the picture must agree with. */
interface Capture {
  prometheus: string;
  range: { from: number; to: number };
  answers: PrometheusAnswer[];
  comparison: {
    targets: {
      name: string;
      samples: Record<TurnClass, number>;
      ttft_seconds: Record<TurnClass, Record<Quantile, { estimate: number } | null>>;
      hit_rate: { expected_random: number; expected_sticky: number };
      replicas: { name: string }[];
    }[];
  };
}

const capture = JSON.parse(
  gunzipSync(readFileSync(join(__dirname, '../../../test/fixtures/frames/demo.json.gz'))).toString('utf8'),
) as Capture;

const range = { from: capture.range.from * 1000, to: capture.range.to * 1000 };
const context = { now: range.to, range };
const later = { turn: 'later' } as const;
const { targets } = capture.comparison;

/** Prometheus scraped up to two seconds before the comparison was asked for: a few more requests may have come. */
const near = (value: number | null | undefined, wanted: number) =>
  expect(Math.abs((value ?? NaN) / wanted - 1)).toBeLessThan(0.1);

test('the frames come from a real Prometheus, instant and range', () => {
  expect(capture.prometheus).toMatch(/^2\.42/);
  expect(capture.answers.map(({ resultType }) => resultType)).toEqual([
    'vector',
    'vector',
    'vector',
    'matrix',
  ]);
});

describe.each(['table', 'series'] as const)(
  'what Prometheus told of a demo, instant answers as %s',
  (shape) => {
    const prepared = view(
      capture.answers.flatMap((answer) => framesOf(answer, shape)),
      later,
      context,
    );

    test('names both targets with their roles, models and replicas', () => {
      expect(
        prepared.targets.map(({ name, role, up, model, replicas }) => [name, role, up, model, replicas]),
      ).toEqual([
        ['vllm', 'baseline', true, 'Qwen/Qwen3-0.6B', 4],
        ['llm-d', 'candidate', true, 'Qwen/Qwen3-0.6B', 4],
      ]);
      expect(prepared.empty).toEqual({});
    });

    test('gives the percentiles of the comparison', () => {
      let checked = 0;
      for (const { turn, quantile, marks } of prepared.percentiles) {
        for (const { target, value, n } of marks) {
          const wanted = targets.find(({ name }) => name === target)!;
          near(value?.estimate, wanted.ttft_seconds[turn][quantile]!.estimate);
          near(n, wanted.samples[turn]);
          checked += 1;
        }
      }
      expect(checked).toBe(2 * 9);
    });

    test('says who answers sooner, by the verdict of the exporter', () => {
      expect(prepared.verdicts).toMatchObject([
        { candidate: 'llm-d', verdict: 'faster', headline: 'llm-d answers sooner' },
      ]);
      expect(prepared.verdicts[0]!.facts).toMatch(/^P95 TTFT of later turns \d+ ms vs \d+ ms, \d+ % less/);
    });

    test('shows hit rates beside their bounds, with a dot per replica', () => {
      prepared.hitRate.forEach((rate, index) => {
        const wanted = targets[index]!;
        expect(rate.target).toBe(wanted.name);
        near(rate.random, wanted.hit_rate.expected_random);
        near(rate.sticky, wanted.hit_rate.expected_sticky);
        expect(rate.measured).toBeGreaterThan(0.3);
        expect(rate.replicas.map(({ replica }) => replica).sort()).toEqual(
          wanted.replicas.map(({ name }) => name).sort(),
        );
      });
      expect(prepared.hitRate).toHaveLength(2);
    });

    test('shows the GPU activity of four replicas each, ten turns, and history within the range', () => {
      expect(prepared.balance.map(({ resource, replicas }) => [resource, replicas.length])).toEqual([
        ['gpu', 4],
        ['gpu', 4],
      ]);
      expect(prepared.byTurn.map(({ points }) => points.length)).toEqual([10, 10]);
      for (const { points } of prepared.overTime.series) {
        expect(points.length).toBeGreaterThan(10);
        expect(points.every(({ time }) => time >= range.from && time <= range.to)).toBe(true);
      }
      expect(prepared.table.map(({ id }) => id).length).toBeGreaterThan(4);
    });
  },
);

test('any order of the frames gives the same view', () => {
  const frames = capture.answers.flatMap((answer) => framesOf(answer));
  expect(view([...frames].reverse(), later, context)).toEqual(view(frames, later, context));
});
