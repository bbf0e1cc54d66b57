import React, { useMemo } from 'react';
import { clock } from '../data/format';
import { TURN_NAMES } from '../options';
import type { ComparisonViewModel } from '../types';
import { LineChart } from './LineChart';
import { timeTicks } from './scale';
import { useDrawing } from './view-context';

const DAY = 86_400_000;
const MINUTE = 60_000;

/** The headline percentile over the dashboard's time range. */
export function P95OverTime({
  view,
  width,
  height,
}: {
  view: ComparisonViewModel;
  width: number;
  height: number;
}) {
  const { timeZone } = useDrawing();
  const { from, to, series } = view.overTime;
  const lines = useMemo(
    () =>
      series.map(({ target, points }) => ({
        target,
        points: points.map(({ time, value, lower, upper }) => ({ x: time, y: value, lower, upper })),
      })),
    [series],
  );
  const ticks = timeTicks(from, to, Math.max(2, Math.floor(width / 110)));
  const close = ticks.some((tick, i) => tick - (ticks[i - 1] ?? -Infinity) < MINUTE);
  const short = to - from <= 30 * MINUTE;
  return (
    <LineChart
      width={width}
      height={height}
      label={`${view.quantile.toUpperCase()} TTFT over time, ${TURN_NAMES[view.turn]}`}
      lines={lines}
      domain={{ from, to }}
      ticks={ticks}
      tickLabel={(time) => clock(time, timeZone, to - from > DAY ? 'date' : close ? 'second' : 'minute')}
      titleAt={(time) => clock(time, timeZone, short ? 'second' : 'date')}
      limits={view.limits}
      dots={false}
    />
  );
}
