import React from 'react';
import { seconds, tickSeconds } from '../data/format';
import { TURN_NAMES } from '../options';
import type { ComparisonViewModel, PercentileMark, PercentileRow } from '../types';
import { ForestMark } from './ForestMark';
import { ForestRatio } from './ForestRatio';
import { latencyScale, type Scale } from './scale';
import { Chart, fitText, Text, textWidth, VerticalGrid } from './svg';
import { useDrawing, type Drawing } from './view-context';

const AXIS = 24;

/** The values that the axis must hold: estimates always, ends of intervals only where they mean something. */
export function forestValues(rows: readonly PercentileRow[]): number[] {
  return rows.flatMap(({ marks }) =>
    marks.flatMap(({ value, tooFew }) => {
      if (value === null) return [];
      return tooFew ? [value.estimate] : [value.estimate, value.upper ?? value.estimate];
    }),
  );
}

/** The chosen turns first, then the others where there is room for more than one class. */
function visibleRows(view: ComparisonViewModel, groups: number): PercentileRow[] {
  const chosen = view.percentiles.filter((row) => row.turn === view.turn);
  const others = view.percentiles.filter((row) => row.turn !== view.turn);
  return groups > 1 || chosen.length === 0 ? [...chosen, ...others] : chosen;
}

interface Columns {
  label: number;
  plotLeft: number;
  plotRight: number;
  values: number[];
  ratio: number;
  wide: boolean;
}

/** Where the columns stand: percentile, plot, one value per target, ratio. Values give way first. */
function columnsOf(width: number, targets: number, hasRatio: boolean): Columns {
  const label = 46;
  const wide = width >= 640;
  const ratioWidth = hasRatio ? (wide ? 172 : 66) : 8;
  const valueWidth = width >= 460 ? 66 : 0;
  const ratio = width - ratioWidth + 14;
  const plotRight = width - ratioWidth - valueWidth * targets - 8;
  const values = Array.from({ length: targets }, (_, i) => plotRight + 8 + valueWidth * (i + 1));
  return { label, plotLeft: label, plotRight, values: valueWidth > 0 ? values : [], ratio, wide };
}

function RowValues({ row, columns, y }: { row: PercentileRow; columns: Columns; y: number }) {
  const drawing = useDrawing();
  const { tokens, unit } = drawing;
  return (
    <g aria-hidden="true">
      {columns.values.map((x, i) => {
        const mark: PercentileMark | undefined = row.marks[i];
        const faint = mark === undefined || mark.tooFew;
        return (
          <Text
            key={i}
            drawing={drawing}
            x={x}
            y={y}
            anchor="end"
            fill={faint ? tokens.text.disabled : tokens.text.primary}
          >
            {seconds(mark?.value?.estimate ?? null, unit)}
          </Text>
        );
      })}
    </g>
  );
}

interface Placed {
  row: PercentileRow;
  y: number;
  height: number;
  /** Heading of its turn class, on the first row of the class. */
  heading: string | null;
}

const HEADING = 22;

function place(rows: readonly PercentileRow[], height: number): Placed[] {
  const turns = new Set(rows.map((row) => row.turn)).size;
  const rowHeight = Math.min(44, (height - AXIS - turns * HEADING) / Math.max(1, rows.length));
  let y = 0;
  let turn: string | null = null;
  return rows.map((row) => {
    const heading = row.turn === turn ? null : TURN_NAMES[row.turn];
    turn = row.turn;
    if (heading !== null) y += HEADING;
    const placed = { row, y, height: rowHeight, heading };
    y += rowHeight;
    return placed;
  });
}

/** Names beside their colours, where there are no columns of numbers to head. */
function Legend({ view, x }: { view: ComparisonViewModel; x: number }) {
  const drawing = useDrawing();
  let at = x;
  return view.targets.map(({ name }) => {
    const here = at;
    const text = fitText(name, 11, 80);
    at += textWidth(text, 11) + 28;
    return (
      <g key={name} transform={`translate(${here} 11)`}>
        <circle r={4} fill={drawing.color(name)} />
        <Text drawing={drawing} x={9} y={0} px={11}>
          {text}
        </Text>
      </g>
    );
  });
}

/** Whose the columns of numbers are. */
function ColumnHeads({ view, columns }: { view: ComparisonViewModel; columns: Columns }) {
  const drawing = useDrawing();
  return (
    <g aria-hidden="true">
      {columns.values.map((x, i) => {
        const name = view.targets[i]?.name ?? '';
        return (
          <Text key={name} drawing={drawing} x={x} y={11} px={11} anchor="end" fill={drawing.color(name)}>
            {fitText(name, 11, 54)}
          </Text>
        );
      })}
      {columns.values.length === 0 && <Legend view={view} x={columns.plotLeft + 30} />}
      {view.targets.length > 1 && (
        <Text drawing={drawing} x={columns.ratio} y={11} px={11}>
          {columns.wide ? 'change, 95 % interval' : 'change'}
        </Text>
      )}
    </g>
  );
}

function Limits({
  view,
  scale,
  drawing,
  bottom,
}: {
  view: ComparisonViewModel;
  scale: Scale;
  drawing: Drawing;
  bottom: number;
}) {
  return (
    <g>
      {view.limits
        .filter(({ value }) => value >= scale.min && value <= scale.max)
        .map(({ value, label }) => {
          const x = scale.at(value);
          const left = x > scale.at(scale.max) - textWidth(label, 11) - 8;
          return (
            <React.Fragment key={value}>
              <line
                x1={x}
                x2={x}
                y1={HEADING}
                y2={bottom}
                stroke={drawing.tokens.text.primary}
                strokeDasharray="2 4"
              />
              <Text drawing={drawing} x={x + (left ? -5 : 5)} y={8} px={11} anchor={left ? 'end' : 'start'}>
                {label}
              </Text>
            </React.Fragment>
          );
        })}
    </g>
  );
}

interface Props {
  view: ComparisonViewModel;
  width: number;
  height: number;
  /** Turn classes that there is room for. */
  groups: number;
}

function Row({
  placed,
  view,
  columns,
  scale,
  width,
  firstMark,
}: {
  placed: Placed;
  view: ComparisonViewModel;
  columns: Columns;
  scale: Scale;
  width: number;
  /** Target whose mark is the tab stop of the chart. */
  firstMark: string | undefined;
}) {
  const drawing = useDrawing();
  const { text, background } = drawing.tokens;
  const { row, y, height, heading } = placed;
  const middle = y + height / 2;
  const chosen = row.turn === view.turn && row.quantile === view.quantile;
  const step = Math.min(11, (height - 6) / Math.max(2, row.marks.length));
  const start = middle - (step * (row.marks.length - 1)) / 2;
  return (
    <g>
      {heading !== null && (
        <Text drawing={drawing} x={0} y={y - 11} px={11}>
          {heading}
        </Text>
      )}
      {chosen && <rect x={-6} y={y} width={width + 6} height={height} rx={3} fill={background.track} />}
      <Text drawing={drawing} x={2} y={middle} px={13} weight={chosen ? 500 : 400} fill={text.primary}>
        {row.quantile.toUpperCase()}
      </Text>
      {row.marks.map((mark, i) => (
        <ForestMark
          key={mark.target}
          row={row}
          mark={mark}
          scale={scale}
          y={start + i * step}
          first={mark.target === firstMark}
        />
      ))}
      <RowValues row={row} columns={columns} y={middle} />
      {row.ratios.map((ratio, i) => (
        <ForestRatio
          key={ratio.candidate}
          row={row}
          ratio={ratio}
          baseline={view.baseline}
          x={columns.ratio}
          y={middle + (i - (row.ratios.length - 1) / 2) * 13}
          wide={columns.wide}
        />
      ))}
    </g>
  );
}

/** Dots with interval whiskers on one shared time axis, the ratio beside each row. */
export function PercentileForest({ view, width, height, groups }: Props) {
  const drawing = useDrawing();
  const rows = visibleRows(view, groups);
  const columns = columnsOf(width, view.targets.length, view.targets.length > 1);
  const values = [...forestValues(rows), ...view.limits.map(({ value }) => value)];
  const size = Math.max(10, columns.plotRight - columns.plotLeft);
  const ticks = Math.max(2, Math.floor(size / 110));
  const scale = latencyScale(values, drawing.scale, columns.plotLeft, size, ticks);
  const placed = place(rows, height);
  const last = placed.at(-1);
  const bottom = last === undefined ? 0 : last.y + last.height;
  const firstMark = rows[0]?.marks.find(({ value }) => value !== null)?.target;
  return (
    <Chart width={width} height={height} label="TTFT percentiles with 95 % intervals">
      <VerticalGrid
        drawing={drawing}
        scale={scale}
        top={HEADING}
        bottom={bottom}
        label={(tick) => tickSeconds(tick, drawing.unit)}
      />
      <ColumnHeads view={view} columns={columns} />
      {placed.map((one, i) => (
        <Row
          key={`${one.row.turn} ${one.row.quantile}`}
          placed={one}
          view={view}
          columns={columns}
          scale={scale}
          width={width}
          firstMark={i === 0 ? firstMark : undefined}
        />
      ))}
      <Limits view={view} scale={scale} drawing={drawing} bottom={bottom} />
    </Chart>
  );
}
