import fc from 'fast-check';
import { SECTIONS } from '../types';
import { layout, type LayoutInput } from './layout';

const input = (width: number, height: number, over: Partial<LayoutInput> = {}): LayoutInput => ({
  width,
  height,
  enabled: SECTIONS,
  compact: false,
  targets: 2,
  percentiles: 3,
  ...over,
});

const shown = (width: number, height: number, over: Partial<LayoutInput> = {}) =>
  layout(input(width, height, over)).sections.map(({ id }) => id);

describe('layout', () => {
  test.each([
    [1600, 700, 'large', 3, ['percentiles', 'overTime', 'hitRate', 'balance', 'byTurn', 'table']],
    [1584, 628, 'large', 3, ['percentiles', 'overTime', 'hitRate', 'balance', 'byTurn', 'table']],
    [1024, 700, 'medium', 1, ['percentiles', 'overTime', 'hitRate', 'balance', 'byTurn', 'table']],
    [800, 420, 'medium', 1, ['percentiles', 'overTime', 'hitRate', 'balance']],
    [420, 332, 'small', 1, ['percentiles']],
    [420, 1500, 'small', 3, ['percentiles', 'hitRate', 'balance', 'overTime', 'byTurn', 'table']],
    [368, 124, 'tiny', 1, ['percentiles']],
    [200, 60, 'tiny', 1, []],
  ])('%i x %i is %s with %i turn classes and %j', (width, height, size, groups, ids) => {
    const result = layout(input(width, height));
    expect(result.size).toBe(size);
    expect(result.sections.map(({ id }) => id)).toEqual(ids);
    if (ids.length > 0) expect(result.forestGroups).toBe(groups);
  });

  test('what is switched off leaves its room to the others, what has no room is named', () => {
    expect(shown(1600, 700, { enabled: ['verdict', 'percentiles', 'table'] })).toEqual([
      'percentiles',
      'table',
    ]);
    const [alone] = layout(input(1600, 700, { enabled: ['overTime'] })).sections;
    expect(alone).toMatchObject({ x: 0, y: 0, width: 1600 });
    expect(layout(input(420, 332)).hidden).toEqual(['hitRate', 'balance', 'overTime', 'byTurn', 'table']);
  });

  test('compact shows the chosen turns alone even where there is room', () => {
    expect(layout(input(1600, 900, { compact: true })).forestGroups).toBe(1);
  });

  test('nothing overlaps and nothing leaves the panel', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 3000 }));
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 6 }),
        fc.subarray([...SECTIONS]),
        ([w, h], targets, enabled) => {
          const { sections, verdict } = layout(input(w, h, { targets, enabled }));
          const boxes = [...sections, ...(verdict === null ? [] : [verdict])];
          const inside = sections.every((b) => b.x >= 0 && b.x + b.width <= w + 1 && b.y + b.height <= h + 1);
          const apart = boxes.every((a, i) =>
            boxes.every(
              (b, k) =>
                i === k ||
                a.x + a.width <= b.x ||
                b.x + b.width <= a.x ||
                a.y + a.height <= b.y ||
                b.y + b.height <= a.y,
            ),
          );
          return inside && apart;
        },
      ),
    );
  });
});
