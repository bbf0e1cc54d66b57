import type { TimedRecord } from '../model/record';
import { importedRecord } from './imported-record';
import { merge } from './merge';
import { emptyPart } from './reading';

const record = (index: number, sent_at: number, e2e_ms: number): TimedRecord =>
  importedRecord('run', index, {
    conversation: 'a',
    turn: 1,
    sent_at,
    ttft_ms: 5,
    e2e_ms,
    tpot_ms: null,
    prompt_tokens: 10,
    completion_tokens: 2,
    outcome: 'ok',
  });

const part = (records: TimedRecord[], clock: 'wall' | 'order' = 'wall') => ({
  ...emptyPart('taillight-run', 'file'),
  records,
  clock,
});

test('requests of the same moment are one only where nothing else tells them apart', () => {
  const shard = [record(0, 100, 20), record(1, 100, 21), record(2, 100, 20), record(3, 101, 20)];
  const merged = merge([part(shard), part([record(9, 100, 21), record(8, 102, 20)])]);
  expect(merged.duplicates).toBe(2);
  expect(merged.part.records!.map(({ request_id }) => request_id)).toEqual(['0', '1', '3', '8']);
});

test('without a clock equal lines are different requests', () => {
  const twice = [record(0, 0, 20), record(1, 0, 20)];
  expect(merge([part(twice, 'order')])).toMatchObject({ duplicates: 0, part: { records: twice } });
});
