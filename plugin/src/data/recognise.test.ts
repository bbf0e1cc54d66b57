import fc from 'fast-check';
import type { DataFrame } from '@grafana/data';
import { asInstant, asTable, asWide, field, frame, history, NOW, sample } from '../testing/frames';
import { recognise } from './recognise';

const UP = [
  sample('taillight_target_up', { target: 'vllm' }, 1),
  sample('taillight_target_up', { target: 'llm-d' }, 0),
];

const plain = (frames: DataFrame[]) =>
  recognise(frames).map(({ metric, labels, points }) => ({ metric, labels, points }));

describe('recognise', () => {
  const expected = [
    { metric: 'taillight_target_up', labels: { target: 'vllm' }, points: [{ time: NOW, value: 1 }] },
    { metric: 'taillight_target_up', labels: { target: 'llm-d' }, points: [{ time: NOW, value: 0 }] },
  ];

  test.each([
    ['instant time series', asInstant(UP)],
    ['a table with a column per label', asTable(UP)],
    ['a wide frame with a column per series', asWide(UP)],
  ])('reads the same series from %s', (_, frames) => {
    expect(plain(frames)).toEqual(expected);
  });

  test('reads a range in the order of time, whatever the order of its rows, and keeps gaps', () => {
    const shuffled = frame([
      field('Time', 'time', [3000, 1000, 2000]),
      field('Value', 'number', [3, 1, NaN], { labels: { __name__: 'taillight_target_up', target: 'a' } }),
    ]);
    expect(plain([shuffled])[0]?.points).toEqual([
      { time: 1000, value: 1 },
      { time: 2000, value: null },
      { time: 3000, value: 3 },
    ]);
  });

  test('takes the name of a derived value from its label taillight', () => {
    const [series] = recognise(
      asTable([sample('', { target: 'a', taillight: 'probe_requests:increase', outcome: 'ok' }, 7)]),
    );
    expect(series?.metric).toBe('taillight:probe_requests:increase');
  });

  test('takes the name of a series from the name of its frame when the field has none', () => {
    const frames = [
      frame([field('Time', 'time', [NOW]), field('Value', 'number', [1])], {
        name: 'taillight_target_up{target="a \\"b\\"", job="x"}',
      }),
    ];
    expect(plain(frames)[0]).toMatchObject({
      metric: 'taillight_target_up',
      labels: { target: 'a "b"', job: 'x' },
    });
  });

  test('passes over whatever is not of Taillight', () => {
    expect(plain(asInstant([sample('up', { target: 'a' }, 1), sample('taillightish_up', {}, 1)]))).toEqual(
      [],
    );
  });

  test('keeps the colour that a field override gave', () => {
    const one = history('taillight_target_up', { target: 'a' }, [1]);
    const value = one.fields[1]!;
    value.config = { color: { mode: 'fixed', fixedColor: 'purple' } };
    expect(recognise([one])[0]?.color).toBe('purple');
  });

  test('makes the data link of the newest row, and none when its template fails', () => {
    const rows: number[] = [];
    const one = history('taillight_replica_up', { target: 'a', replica: 'a-0' }, [1, 1]);
    one.fields[1]!.getLinks = ({ valueRowIndex = -1 }) => {
      rows.push(valueRowIndex);
      return [{ href: '/d/replica', title: 'Replica', target: '_blank', origin: one.fields[1]! }];
    };
    expect(recognise([one])[0]?.link()).toEqual({ href: '/d/replica', title: 'Replica', newTab: true });
    expect(rows).toEqual([1]);
    one.fields[1]!.getLinks = () => {
      throw new Error('no such variable');
    };
    expect(recognise([one])[0]?.link()).toBeNull();
  });

  test('no frame makes it throw', () => {
    const anything = fc.anything({ maxDepth: 2 });
    const hostile = fc.record({
      name: fc.option(fc.string(), { nil: undefined }),
      fields: fc.array(
        fc.record(
          {
            name: fc.oneof(fc.string(), fc.constant('taillight_target_up{target="a"}')),
            type: fc.constantFrom('time', 'number', 'string', 'other'),
            values: fc.oneof(fc.array(anything), fc.constant(undefined)),
            labels: fc.option(fc.dictionary(fc.string(), fc.string()), { nil: undefined }),
            config: fc.option(fc.constant({}), { nil: undefined }),
          },
          { requiredKeys: ['name', 'type'] },
        ),
      ),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(hostile, anything)), (frames) => {
        for (const series of recognise(frames as unknown as DataFrame[])) {
          expect(series.metric).toMatch(/^taillight[_:]/);
        }
      }),
    );
  });
});
