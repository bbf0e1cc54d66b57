import React from 'react';
import { tickSeconds } from '../data/format';
import { Cursor } from './Cursor';
import type { Frame, Line, LinePoint } from './line';
import { latencyScale, spread } from './scale';
import { Chart, fitText, HorizontalGrid, Text, textWidth } from './svg';
import { useDrawing } from './view-context';

interface Props {
  width: number;
  height: number;
  label: string;
  lines: readonly Line[];
  domain: { from: number; to: number };
  ticks: readonly number[];
  tickLabel: (x: number) => string;
  /** Title of the tooltip at an x. */
  titleAt: (x: number) => string;
  limits: readonly { value: number; label: string }[];
  dots: boolean;
}

/** Runs of points without a gap. */
export function runs(points: readonly LinePoint[]): LinePoint[][] {
  const result: LinePoint[][] = [[]];
  for (const point of points) {
    if (point.y === null) result.push([]);
    else result.at(-1)?.push(point);
  }
  return result.filter((run) => run.length > 0);
}

const pixel = (value: number) => value.toFixed(1);

function linePath(run: readonly LinePoint[], frame: Frame): string {
  return run
    .map((p, i) => `${i === 0 ? 'M' : 'L'}${pixel(frame.x(p.x))} ${pixel(frame.y(p.y ?? 0))}`)
    .join('');
}

function bandPath(run: readonly LinePoint[], frame: Frame): string {
  const known = run.filter((p) => p.lower !== null && p.upper !== null);
  if (known.length < 2) return '';
  const up = known.map((p) => `${pixel(frame.x(p.x))} ${pixel(frame.y(p.upper ?? 0))}`);
  const down = known.map((p) => `${pixel(frame.x(p.x))} ${pixel(frame.y(p.lower ?? 0))}`).reverse();
  return `M${[...up, ...down].join('L')}Z`;
}

function Curve({ line, frame, dots }: { line: Line; frame: Frame; dots: boolean }) {
  const { color } = useDrawing();
  const stroke = color(line.target);
  return (
    <g aria-hidden="true">
      {runs(line.points).map((run, i) => (
        <React.Fragment key={i}>
          <path d={bandPath(run, frame)} fill={stroke} opacity={0.14} />
          <path d={linePath(run, frame)} fill="none" stroke={stroke} strokeWidth={2} strokeLinejoin="round" />
          {(dots || run.length === 1) &&
            run.map((p) => <circle key={p.x} cx={frame.x(p.x)} cy={frame.y(p.y ?? 0)} r={3} fill={stroke} />)}
        </React.Fragment>
      ))}
    </g>
  );
}

const lastKnown = (line: Line) => [...line.points].reverse().find((point) => point.y !== null);

/** Names at the ends of the lines, moved apart. */
function EndLabels({ lines, frame, width }: { lines: readonly Line[]; frame: Frame; width: number }) {
  const drawing = useDrawing();
  const ends = lines.flatMap((line) => {
    const point = lastKnown(line);
    return point === undefined ? [] : [{ line, y: frame.y(point.y ?? 0) }];
  });
  const ys = spread(
    ends.map(({ y }) => y),
    14,
    frame.top + 4,
    frame.bottom - 2,
  );
  return (
    <g aria-hidden="true">
      {ends.map(({ line }, i) => (
        <Text
          key={line.target}
          drawing={drawing}
          x={frame.right + 8}
          y={ys[i] ?? 0}
          px={12}
          fill={drawing.color(line.target)}
        >
          {fitText(line.target, 12, width)}
        </Text>
      ))}
    </g>
  );
}

/** What the axis must hold: every value, and the ends of intervals unless they dwarf the values. */
function chartValues(lines: readonly Line[]): number[] {
  const known = lines.flatMap((line) => line.points.filter((p) => p.y !== null));
  const most = known.reduce((max, p) => Math.max(max, p.y ?? 0), 0);
  const top = known.reduce((max, p) => Math.max(max, p.upper ?? 0), most);
  return [...known.map((p) => p.y ?? 0), Math.min(top, most * 1.6)];
}

/** Lines over a shared latency axis, labelled at their ends, with interval bands where they are known. */
export function LineChart(props: Props) {
  const { width, height, label, lines, domain, ticks, tickLabel, limits, dots } = props;
  const drawing = useDrawing();
  const names = Math.min(width * 0.3, Math.max(24, ...lines.map((line) => textWidth(line.target, 12) + 4)));
  const values = chartValues(lines);
  const top = 8;
  const bottom = Math.max(top + 10, height - 22);
  const scale = latencyScale(
    [...values, ...limits.map(({ value }) => value)],
    drawing.scale,
    bottom,
    top - bottom,
    Math.max(2, Math.floor((bottom - top) / 44)),
  );
  const left = 12 + Math.max(...scale.ticks.map((tick) => textWidth(tickSeconds(tick, drawing.unit), 11)), 0);
  const right = Math.max(left + 10, width - names - 12);
  const inset = dots ? 6 : 0;
  const span = domain.to - domain.from || 1;
  const frame: Frame = {
    left,
    right,
    top,
    bottom,
    x: (x) => left + inset + ((x - domain.from) / span) * (right - left - 2 * inset),
    y: scale.at,
  };
  return (
    <Chart width={width} height={height} label={label}>
      <HorizontalGrid
        drawing={drawing}
        scale={scale}
        left={left}
        right={right}
        label={(tick) => tickSeconds(tick, drawing.unit)}
      />
      <g aria-hidden="true">
        {ticks.map((tick) => (
          <Text key={tick} drawing={drawing} x={frame.x(tick)} y={bottom + 13} px={11} anchor="middle">
            {tickLabel(tick)}
          </Text>
        ))}
        {limits
          .filter(({ value }) => value >= scale.min && value <= scale.max)
          .map(({ value }) => (
            <line
              key={value}
              x1={left}
              x2={right}
              y1={scale.at(value)}
              y2={scale.at(value)}
              stroke={drawing.tokens.text.primary}
              strokeDasharray="2 4"
            />
          ))}
      </g>
      {lines.map((line) => (
        <Curve key={line.target} line={line} frame={frame} dots={dots} />
      ))}
      <EndLabels lines={lines} frame={frame} width={names} />
      <Cursor lines={lines} frame={frame} label={label} titleAt={props.titleAt} />
    </Chart>
  );
}
