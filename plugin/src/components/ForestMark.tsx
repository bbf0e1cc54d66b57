import React, { useMemo } from 'react';
import { css } from '@emotion/css';
import { count, intervalText, seconds, type LatencyUnit } from '../data/format';
import { TURN_NAMES } from '../options';
import type { PercentileMark, PercentileRow } from '../types';
import type { Scale } from './scale';
import { useMark, type Tip } from './tip';
import { useDrawing } from './view-context';

const styles = {
  mark: css({
    cursor: 'default',
    '& > *': { transition: 'cx 250ms ease-out, x 250ms ease-out, width 250ms ease-out' },
    '@media (prefers-reduced-motion: reduce)': { '& > *': { transition: 'none' } },
  }),
};

function markTip(row: PercentileRow, mark: PercentileMark, unit: LatencyUnit): Tip {
  const { value, n, needed, tooFew, reference } = mark;
  const lines: [string, string][] = [['estimate', seconds(value?.estimate ?? null, unit)]];
  const range = intervalText(value, unit);
  if (range !== null) lines.push(['95 % interval', range]);
  if (n !== null) lines.push(['requests', count(n)]);
  if (reference !== null) lines.push(['reference run', seconds(reference, unit)]);
  return {
    title: `${mark.target}: ${row.quantile.toUpperCase()} TTFT, ${TURN_NAMES[row.turn]}`,
    lines,
    ...(tooFew ? { note: `n too small: ${row.quantile.toUpperCase()} needs ${needed} requests.` } : {}),
  };
}

interface Props {
  row: PercentileRow;
  mark: PercentileMark;
  scale: Scale;
  y: number;
  first: boolean;
}

/** One estimate with its interval; hollow and grey while there are too few requests. */
export function ForestMark({ row, mark, scale, y, first }: Props) {
  const { tokens, color, unit } = useDrawing();
  const props = useMark(
    useMemo(() => markTip(row, mark, unit), [row, mark, unit]),
    first,
  );
  if (mark.value === null) return null;
  const { estimate, lower, upper } = mark.value;
  const stroke = color(mark.target);
  const x = scale.at(estimate);
  const from = scale.at(lower ?? estimate);
  const to = scale.at(upper ?? estimate);
  return (
    <g {...props} className={styles.mark}>
      <rect x={from - 8} y={y - 6} width={to - from + 16} height={12} fill="transparent" />
      <rect
        x={from}
        y={y - 1.25}
        width={Math.max(0, to - from)}
        height={2.5}
        rx={1.25}
        fill={stroke}
        opacity={mark.tooFew ? 0.25 : 0.65}
      />
      {mark.reference !== null && (
        <rect
          x={scale.at(mark.reference) - 0.75}
          y={y - 5}
          width={1.5}
          height={10}
          fill={tokens.text.secondary}
        />
      )}
      <circle
        cx={x}
        cy={y}
        r={5}
        fill={mark.tooFew ? tokens.background.primary : stroke}
        stroke={mark.tooFew ? stroke : tokens.background.primary}
        strokeOpacity={mark.tooFew ? 0.55 : 1}
        strokeWidth={1.5}
      />
    </g>
  );
}

/** The smallest picture of the comparison: one line per target with its number. */
export function MiniForest({
  rows,
  width,
  height,
  scaleOf,
}: {
  rows: PercentileRow | undefined;
  width: number;
  height: number;
  scaleOf: (from: number, size: number) => Scale;
}) {
  const { tokens, unit } = useDrawing();
  if (rows === undefined) return null;
  const label = Math.min(110, width * 0.28);
  const value = 62;
  const line = height / Math.max(1, rows.marks.length);
  const scale = scaleOf(label, Math.max(10, width - label - value - 8));
  return (
    <g>
      {rows.marks.map((mark, i) => {
        const y = line * (i + 0.5);
        return (
          <g key={mark.target}>
            <text x={0} y={y} fontSize={12} dominantBaseline="central" fill={tokens.text.secondary}>
              {mark.target}
            </text>
            <line x1={label} x2={width - value - 8} y1={y} y2={y} stroke={tokens.background.track} />
            <ForestMark row={rows} mark={mark} scale={scale} y={y} first={i === 0} />
            <text
              x={width}
              y={y}
              fontSize={12}
              textAnchor="end"
              dominantBaseline="central"
              fill={mark.tooFew ? tokens.text.disabled : tokens.text.primary}
            >
              {seconds(mark.value?.estimate ?? null, unit)}
            </text>
          </g>
        );
      })}
    </g>
  );
}
