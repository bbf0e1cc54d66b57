import type { Panel } from './grafana';
import type { Spec } from './panels';

export interface Row {
  /** Hundreds; its panels have the ids that follow. */
  id: number;
  /** None: the panels stand without a heading. */
  title?: string;
  panels: Spec[];
}

const COLUMNS = 24;

/** Places the panels from left to right, line by line; a line is as high as its highest panel. */
export function layout(rows: readonly Row[]): Panel[] {
  const placed: Panel[] = [];
  let y = 0;
  for (const row of rows) {
    if (row.title !== undefined) {
      const gridPos = { x: 0, y, w: COLUMNS, h: 1 };
      placed.push({ id: row.id, type: 'row', title: row.title, collapsed: false, gridPos, panels: [] });
      y += 1;
    }
    let x = 0;
    let height = 0;
    for (const { w, h, ...panel } of row.panels) {
      if (x + w > COLUMNS) {
        y += height;
        x = height = 0;
      }
      placed.push({ ...panel, gridPos: { x, y, w, h } });
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return placed;
}
