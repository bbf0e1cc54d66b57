import React, { useMemo, useState } from 'react';
import { intervalText, seconds, type LatencyUnit } from '../data/format';
import type { Frame, Line } from './line';
import { tipText, useTip, type Tip } from './tip';
import { useDrawing } from './view-context';

/** All x where any line has a value, ascending. */
function knownXs(lines: readonly Line[]): number[] {
  const xs = lines.flatMap((line) => line.points.flatMap((p) => (p.y === null ? [] : [p.x])));
  return [...new Set(xs)].sort((a, b) => a - b);
}

function nearest(xs: readonly number[], x: number): number {
  let best = 0;
  xs.forEach((one, i) => {
    if (Math.abs(one - x) < Math.abs((xs[best] ?? Infinity) - x)) best = i;
  });
  return best;
}

const pointAt = (line: Line, x: number) => line.points.find((one) => one.x === x && one.y !== null);

function tipAt(x: number, title: string, lines: readonly Line[], unit: LatencyUnit): Tip {
  return {
    title,
    lines: lines.flatMap((line) => {
      const point = pointAt(line, x);
      if (point === undefined) return [];
      const range = intervalText(point, unit);
      return [[line.target, `${seconds(point.y, unit)}${range === null ? '' : ` (${range})`}`] as const];
    }),
  };
}

/** Steps that a key makes; Home and End go beyond either end and are held there. */
const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10,
  Home: -Infinity,
  End: Infinity,
};

/** Value under the pointer. */
function xUnder(clientX: number, box: DOMRect, frame: Frame, xs: readonly number[]): number {
  const [low, high] = [xs[0] ?? 0, xs.at(-1) ?? 0];
  const [left, right] = [frame.x(low), frame.x(high)];
  if (right <= left) return low;
  return low + ((clientX - box.left + frame.left - left) / (right - left)) * (high - low);
}

interface Props {
  lines: readonly Line[];
  frame: Frame;
  label: string;
  /** Title of the tooltip at an x. */
  titleAt: (x: number) => string;
}

function Reading({ lines, frame, x }: { lines: readonly Line[]; frame: Frame; x: number }) {
  const { tokens, color } = useDrawing();
  const px = frame.x(x);
  return (
    <g aria-hidden="true">
      <line x1={px} x2={px} y1={frame.top} y2={frame.bottom} stroke={tokens.border.medium} />
      {lines.map((line) => {
        const y = pointAt(line, x)?.y ?? null;
        if (y === null) return null;
        const { primary } = tokens.background;
        return (
          <circle
            key={line.target}
            cx={px}
            cy={frame.y(y)}
            r={4}
            fill={color(line.target)}
            stroke={primary}
          />
        );
      })}
    </g>
  );
}

/** A line of reading that mouse and arrow keys move; what stands there is its spoken value. */
export function Cursor({ lines, frame, label, titleAt }: Props) {
  const { unit } = useDrawing();
  const { show, hide } = useTip();
  const xs = useMemo(() => knownXs(lines), [lines]);
  const [at, setAt] = useState<number | null>(null);
  if (xs.length === 0) return null;
  const index = at === null ? xs.length - 1 : nearest(xs, at);
  const x = xs[index] ?? 0;
  const move = (target: Element, to: number) => {
    const value = xs[Math.min(xs.length - 1, Math.max(0, to))] ?? 0;
    const box = target.getBoundingClientRect();
    setAt(value);
    show(tipAt(value, titleAt(value), lines, unit), {
      x: box.left + frame.x(value) - frame.left,
      top: box.top,
      bottom: box.top + 12,
    });
  };
  const leave = () => {
    setAt(null);
    hide();
  };
  return (
    <>
      {at !== null && <Reading lines={lines} frame={frame} x={x} />}
      <rect
        x={frame.left}
        y={frame.top}
        width={Math.max(0, frame.right - frame.left)}
        height={Math.max(0, frame.bottom - frame.top)}
        fill="transparent"
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={xs.length - 1}
        aria-valuenow={index}
        aria-valuetext={tipText(tipAt(x, titleAt(x), lines, unit))}
        onFocus={(event) => move(event.currentTarget, index)}
        onBlur={leave}
        onMouseMove={({ currentTarget, clientX }) => {
          const wanted = xUnder(clientX, currentTarget.getBoundingClientRect(), frame, xs);
          move(currentTarget, nearest(xs, wanted));
        }}
        onMouseLeave={leave}
        onKeyDown={(event) => {
          const step = STEPS[event.key];
          if (step === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          move(event.currentTarget, index + step);
        }}
      />
    </>
  );
}
