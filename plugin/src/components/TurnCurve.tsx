import React, { useMemo } from 'react';
import type { ComparisonViewModel } from '../types';
import { LineChart } from './LineChart';

/** Every turn, or every second, fourth … so that the numbers do not touch. */
export function turnTicks(last: number, width: number): number[] {
  const room = Math.max(1, Math.floor(width / 26));
  const step = [1, 2, 4, 8, 16, 32].find((one) => last / one <= room) ?? 32;
  const ticks = Array.from({ length: Math.floor(last / step) }, (_, i) => (i + 1) * step);
  return step === 1 ? ticks : [1, ...ticks];
}

/** Median TTFT by turn: the shape that a prefix cache gives to a conversation. */
export function TurnCurve({
  view,
  width,
  height,
}: {
  view: ComparisonViewModel;
  width: number;
  height: number;
}) {
  const lines = useMemo(
    () =>
      view.byTurn.map(({ target, points }) => ({
        target,
        points: points.map(({ turn, value }) => ({ x: turn, y: value, lower: null, upper: null })),
      })),
    [view.byTurn],
  );
  const last = Math.max(1, ...lines.flatMap((line) => line.points.map((point) => point.x)));
  return (
    <LineChart
      width={width}
      height={height}
      label="Median TTFT by turn"
      lines={lines}
      domain={{ from: 1, to: last }}
      ticks={turnTicks(last, width * 0.7)}
      tickLabel={String}
      titleAt={(turn) => `Turn ${turn}`}
      limits={[]}
      dots
    />
  );
}
