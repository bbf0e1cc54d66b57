import fc from 'fast-check';
import { failure, input, records } from '../../../test/stats/workload';
import { compareNow } from '../compare/comparison';
import type { Comparison } from '../model/comparison';
import { evaluateGates, unknownGateTargets } from './evaluate-gates';
import type { Gate } from './gate';
import { KNOWN_GATES, parseGate } from './parse-gate';

function gate(text: string): Gate {
  const parsed = parseGate(text);
  if (!parsed.ok) throw new Error(parsed.mistake);
  return parsed.gate;
}

describe('a gate', () => {
  test.each([
    [
      'ttft.p95<=500ms',
      { kind: 'quantile', metric: 'ttft', turn: 'all', quantile: 'p95', ratio: false, bound: 'estimate' },
      '<=',
      0.5,
    ],
    [
      'ttft.later.p99.ratio<=0.9',
      { kind: 'quantile', metric: 'ttft', turn: 'later', quantile: 'p99', ratio: true, bound: 'estimate' },
      '<=',
      0.9,
    ],
    [
      'e2e.first.p50.ratio.upper < 1',
      { kind: 'quantile', metric: 'e2e', turn: 'first', quantile: 'p50', ratio: true, bound: 'upper' },
      '<',
      1,
    ],
    ['tpot.mean<0.05s', { kind: 'statistic', metric: 'tpot', turn: 'all', statistic: 'mean' }, '<', 0.05],
    ['errors<=1%', { kind: 'plain', name: 'errors' }, '<=', 0.01],
    ['hit_rate >= 0.8', { kind: 'plain', name: 'hit_rate' }, '>=', 0.8],
    ['balance.max_to_mean<=1.5', { kind: 'plain', name: 'balance.max_to_mean' }, '<=', 1.5],
  ])('%s is read', (text, subject, operator, limit) => {
    expect(gate(text)).toEqual(expect.objectContaining({ subject, operator, limit, target: null }));
  });

  test('may name its target', () => {
    expect(gate('llm-d:ttft.p50<1s')).toMatchObject({ target: 'llm-d', limit: 1 });
    expect(unknownGateTargets([gate('llm-d:errors<=0'), gate('errors<=0')], ['vllm', 'b'])).toEqual([
      '--gate "llm-d:errors<=0": there is no target "llm-d"; there are vllm, b',
    ]);
  });

  test.each([
    ['ttft.p95', 'is not NAME, one of <= >= < >, VALUE; write it like ttft.p95<=500ms'],
    ['ttft.p95=500ms', 'is not NAME, one of <= >= < >, VALUE; write it like ttft.p95<=500ms'],
    ['latency.p95<=1s', `"latency.p95" is not known; known are ${KNOWN_GATES.join(', ')}`],
    ['ttft.mean.ratio<=1', `"ttft.mean.ratio" is not known; known are ${KNOWN_GATES.join(', ')}`],
    ['constructor<=1', `"constructor" is not known; known are ${KNOWN_GATES.join(', ')}`],
    ['ttft.p95<=500', '"500" is not a time with its unit; write it like 500ms or 2s'],
    ['ttft.p95.ratio<=90%', '"90%" is not a number; write it like 0.9'],
    ['errors<=5', '"5" is not a share; write it like 1% or 0.01'],
  ])('%s is refused in one line', (text, why) => {
    expect(parseGate(text)).toEqual({ ok: false, mistake: `--gate ${JSON.stringify(text)}: ${why}` });
  });

  test('any text ends as a gate or as one line', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseGate(text);
        expect(parsed.ok || !parsed.mistake.includes('\n')).toBe(true);
      }),
    );
  });
});

describe('gates over a comparison', () => {
  const comparison = compareNow(input({}, { records: records('llm-d', { later_ms: 100 }) }));
  const judged = (text: string, on: Comparison = comparison) => evaluateGates([gate(text)], on);

  test('speak of the candidates, or of the target that they name, and show the value', () => {
    const [one, ...others] = judged('ttft.later.p95<=1s');
    const { estimate } = comparison.targets[1]!.ttft_seconds.later.p95!;
    expect(others).toEqual([]);
    expect(one).toMatchObject({ target: 'llm-d', passed: true, value: estimate, reason: null });
    expect(one?.text).toBe(`pass  ttft.later.p95<=1s  llm-d: ${Math.round(estimate * 1000)} ms`);
    expect(judged('vllm:ttft.later.p50<1ms')[0]).toMatchObject({ target: 'vllm', passed: false });
    expect(judged('requests>=480')[0]).toMatchObject({ passed: true, value: 480 });
    expect(judged('requests>480')[0]).toMatchObject({ passed: false });
  });

  test('of ratios use the estimate, or an end of the interval', () => {
    const ratio = comparison.comparisons[0]!.ratios.find(
      (one) => one.metric === 'ttft' && one.turn === 'later' && one.quantile === 'p95',
    )!;
    expect(judged('ttft.later.p95.ratio<1')[0]).toMatchObject({ value: ratio.estimate, passed: true });
    expect(judged('ttft.later.p95.ratio.upper<1')[0]).toMatchObject({ value: ratio.upper });
  });

  test('fail with the reason where there is no value, or too few requests for it', () => {
    const short = compareNow(
      input(
        { records: records('vllm', { conversations: 3 }) },
        { records: records('llm-d', { conversations: 3 }) },
      ),
    );
    expect(judged('ttft.p95<=10s', short)[0]).toMatchObject({
      passed: false,
      value: null,
      reason: 'n = 30 is too few for P95, which needs 72',
    });
    expect(judged('ttft.later.p95.ratio<=5', short)[0]?.reason).toBe('too few matched requests');
    expect(judged('vllm:ttft.p50.ratio<=5')[0]?.reason).toBe('there is no baseline to divide by');
    const silent = compareNow(input({}, { records: [] }));
    expect(judged('errors<=100%', silent)[0]).toMatchObject({ passed: false, value: null });
    expect(judged('ttft.mean<=1h', silent)[0]?.text).toBe(
      'FAIL  ttft.mean<=1h  llm-d: no value: no request was answered',
    );
    const other = compareNow(input({}, { observation: { model: 'other' } }));
    expect(judged('ttft.p50.ratio<=5', other)[0]?.reason).toBe(
      'the targets are not comparable (model_differs)',
    );
  });

  test('count failed requests as errors', () => {
    const failing = records('llm-d', {}).map((one, index) =>
      index % 10 === 0 ? { ...one, ...failure('timeout') } : one,
    );
    const [result] = judged('errors<=5%', compareNow(input({}, { records: failing })));
    expect(result).toMatchObject({ passed: false, value: 0.1 });
  });

  test('must hold at every load level', () => {
    const { targets, comparisons } = comparison;
    const levels = [
      { level: 1, unit: 'qps' as const, targets, comparisons },
      {
        level: 2,
        unit: 'qps' as const,
        targets: targets.map((one) => ({ ...one, outcomes: {} })),
        comparisons,
      },
    ];
    expect(
      judged('requests>=1', { ...comparison, levels }).map(({ level, passed }) => [level, passed]),
    ).toEqual([
      ['1 qps', true],
      ['2 qps', false],
    ]);
  });
});
