import type { TimedRecord } from '../model/record';
import { RecordWindow } from './window';

const record = (target: string, sent_at: number, outcome: TimedRecord['outcome'] = 'ok'): TimedRecord => ({
  request_id: `r/${target}/c/1`,
  run: 'r',
  target,
  conversation: 'c',
  round: 0,
  turn: 1,
  intended_ms: 0,
  sent_ms: 0,
  ttft_ms: 1,
  e2e_ms: 1,
  tpot_ms: null,
  itl_ms: null,
  prompt_tokens: null,
  cached_tokens: null,
  completion_tokens: null,
  outcome,
  http_status: 200,
  sent_at,
});

const times = (records: TimedRecord[]) => records.map(({ sent_at }) => sent_at);

describe('the window of a target', () => {
  test('holds the last seconds before its newest answer, in the order of sending', () => {
    const window = new RecordWindow(60);
    for (const at of [130, 100, 39, 41]) window.add(record('a', at));
    expect(times(window.records('a'))).toEqual([100, 130]);
  });

  test('of a target that went away stays where its last answer was', () => {
    const window = new RecordWindow(60);
    window.add(record('gone', 100));
    window.add(record('here', 10_000));
    expect(times(window.records('gone'))).toEqual([100]);
  });

  test('is not moved by failures, which are kept in it', () => {
    const window = new RecordWindow(60);
    window.add(record('a', 100));
    window.add(record('a', 500, 'timeout'));
    expect(times(window.records('a'))).toEqual([100, 500]);
  });

  test('of a target that never answered holds its failures', () => {
    const window = new RecordWindow(60);
    window.add(record('a', 100, 'timeout'));
    expect(times(window.records('a'))).toEqual([100]);
  });

  test('does not grow without bound', () => {
    const window = new RecordWindow(10);
    for (let at = 0; at < 20_000; at += 1) window.add(record('a', at));
    expect(window.records('a')).toHaveLength(11);
    expect(
      (window as unknown as { byTarget: Map<string, unknown[]> }).byTarget.get('a')?.length,
    ).toBeLessThan(1600);
  });

  test('of a target that is configured no more is forgotten', () => {
    const window = new RecordWindow(60);
    window.add(record('a', 100));
    window.add(record('b', 100));
    window.keepTargets(new Set(['b']));
    expect(window.records('a')).toEqual([]);
    expect(times(window.records('b'))).toEqual([100]);
  });
});
