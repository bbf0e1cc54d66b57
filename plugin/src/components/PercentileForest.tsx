import React, { useMemo } from 'react';
import { css } from '@emotion/css';
import { ratioInWords, ratioShort, seconds } from '../data/format';
import { TURN_NAMES } from '../options';
import type { ComparisonViewModel, PercentileMark, PercentileRow, RatioView, Tone } from '../types';
import { ForestMark } from './ForestMark';
import { forestHeight } from './layout';
import { latencyScale, type Scale } from './scale';
import { Chart, Text, textWidth, VerticalGrid } from './svg';
import { useMark, type Tip } from './tip';
import { useDrawing, type Drawing } from './view-context';

const AXIS = 24;
const ratioStyle = css({ cursor: 'default' });

/** The values that the axis must hold: estimates always, ends of intervals only where they mean something. */
export function forestValues(rows: readonly PercentileRow[]): number[] {
  return rows.flatMap(({ marks }) =>
    marks.flatMap(({ value, tooFew }) => {
      if (value === null) return [];
      return tooFew ? [value.estimate] : [value.estimate, value.upper ?? value.estimate];
    }),
  );
}

/** Turn classes that fit; with less room only the chosen one stays. */
export function visibleRows(view: ComparisonViewModel, height: number, compact: boolean): PercentileRow[] {
  const percentiles = new Set(view.percentiles.map((row) => row.quantile)).size;
  const groups = new Set(view.percentiles.map((row) => row.turn)).size;
  const needed = forestHeight({ percentiles, targets: view.targets.length }, groups) - 30;
  if (!compact && height >= needed - 30) return view.percentiles;
  const chosen = view.percentiles.filter((row) => row.turn === view.turn);
  return chosen.length > 0 ? chosen : view.percentiles.slice(0, percentiles);
}

const toneOf = ({ verdict }: RatioView): Tone =>
  verdict === 'faster' ? 'good' : verdict === 'slower' ? 'bad' : 'neutral';

function ratioTip(row: PercentileRow, view: RatioView, baseline: string): Tip {
  const name = `${row.quantile.toUpperCase()} TTFT, ${TURN_NAMES[row.turn]}`;
  const verdict = view.verdict === null ? 'none' : view.verdict.replaceAll('_', ' ');
  return {
    title: `${view.candidate} against ${baseline}: ${name}`,
    lines: [
      ['change', view.ratio === null ? 'unknown' : ratioInWords(view.ratio)],
      ['verdict', verdict],
    ],
    note: 'In brackets the 95 % interval of the ratio.',
  };
}

/** "−64 %" and its interval, or why there is none. */
function Ratio(props: {
  row: PercentileRow;
  ratio: RatioView;
  baseline: string;
  x: number;
  y: number;
  wide: boolean;
}) {
  const { row, ratio, baseline, x, y, wide } = props;
  const drawing = useDrawing();
  const { tokens } = drawing;
  const mark = useMark(
    useMemo(() => ratioTip(row, ratio, baseline), [row, ratio, baseline]),
    false,
  );
  const few = ratio.verdict === 'too_few' || (ratio.ratio === null && row.marks.some((one) => one.tooFew));
  const interval =
    ratio.ratio?.lower != null && ratio.ratio.upper !== null && wide
      ? `${ratioShort(ratio.ratio.lower)} … ${ratioShort(ratio.ratio.upper)}`
      : '';
  if (few || ratio.ratio === null) {
    return (
      <g {...mark} className={ratioStyle}>
        <Text drawing={drawing} x={x} y={y} fill={tokens.text.disabled}>
          {few ? 'n too small' : ratio.verdict === 'not_comparable' ? 'not comparable' : ''}
        </Text>
      </g>
    );
  }
  return (
    <g {...mark} className={ratioStyle}>
      <Text drawing={drawing} x={x} y={y} px={13} weight={500} fill={tokens.tone[toneOf(ratio)]}>
        {ratioShort(ratio.ratio.estimate)}
      </Text>
      <Text drawing={drawing} x={x + 52} y={y} px={11}>
        {interval}
      </Text>
    </g>
  );
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
  const wide = width >= 560;
  const ratioWidth = hasRatio ? (wide ? 158 : 62) : 8;
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

function place(rows: readonly PercentileRow[], height: number): Placed[] {
  const turns = [...new Set(rows.map((row) => row.turn))];
  const headings = turns.length > 1 ? turns.length * 20 : 0;
  const rowHeight = Math.min(44, (height - AXIS - headings) / Math.max(1, rows.length));
  let y = 0;
  let turn: string | null = null;
  return rows.map((row) => {
    const heading = turns.length > 1 && row.turn !== turn ? TURN_NAMES[row.turn] : null;
    turn = row.turn;
    if (heading !== null) y += 20;
    const placed = { row, y, height: rowHeight, heading };
    y += rowHeight;
    return placed;
  });
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
                y1={0}
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
  compact: boolean;
}

/** Dots with interval whiskers on one shared time axis, the ratio beside each row. */
export function PercentileForest({ view, width, height, compact }: Props) {
  const drawing = useDrawing();
  const { tokens, unit } = drawing;
  const rows = visibleRows(view, height, compact);
  const columns = columnsOf(width, view.targets.length, view.targets.length > 1);
  const values = [...forestValues(rows), ...view.limits.map(({ value }) => value)];
  const size = Math.max(10, columns.plotRight - columns.plotLeft);
  const scale = latencyScale(
    values,
    drawing.scale,
    columns.plotLeft,
    size,
    Math.max(2, Math.floor(size / 110)),
  );
  const placed = place(rows, height);
  const last = placed.at(-1);
  const bottom = last === undefined ? 0 : last.y + last.height;
  let first = true;
  return (
    <Chart width={width} height={height} label="TTFT percentiles with 95 % intervals">
      <VerticalGrid
        drawing={drawing}
        scale={scale}
        top={0}
        bottom={bottom}
        label={(tick) => seconds(tick, unit)}
      />
      {placed.map(({ row, y, height: rowHeight, heading }) => {
        const middle = y + rowHeight / 2;
        const chosen = row.turn === view.turn && row.quantile === view.quantile;
        const step = Math.min(11, (rowHeight - 6) / Math.max(2, row.marks.length));
        const start = middle - (step * (row.marks.length - 1)) / 2;
        return (
          <g key={`${row.turn} ${row.quantile}`}>
            {heading !== null && (
              <Text drawing={drawing} x={0} y={y - 8} px={11}>
                {heading}
              </Text>
            )}
            {chosen && (
              <rect x={-6} y={y} width={width + 6} height={rowHeight} rx={3} fill={tokens.background.track} />
            )}
            <Text
              drawing={drawing}
              x={2}
              y={middle}
              px={13}
              weight={chosen ? 500 : 400}
              fill={tokens.text.primary}
            >
              {row.quantile.toUpperCase()}
            </Text>
            {row.marks.map((mark, i) => {
              const isFirst = first && mark.value !== null;
              if (isFirst) first = false;
              return (
                <ForestMark
                  key={mark.target}
                  row={row}
                  mark={mark}
                  scale={scale}
                  y={start + i * step}
                  first={isFirst}
                />
              );
            })}
            <RowValues row={row} columns={columns} y={middle} />
            {row.ratios.map((ratio, i) => (
              <Ratio
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
      })}
      <Limits view={view} scale={scale} drawing={drawing} bottom={bottom} />
    </Chart>
  );
}
