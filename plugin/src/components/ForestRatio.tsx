import React, { useMemo } from 'react';
import { css } from '@emotion/css';
import { NONE, ratioInWords, ratioShort } from '../data/format';
import { TURN_NAMES } from '../options';
import type { Interval, PercentileRow, RatioView, Tone } from '../types';
import { Text } from './svg';
import { useMark, type Tip } from './tip';
import { useDrawing } from './view-context';

const ratioStyle = css({ cursor: 'default' });

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

/** Why there is no ratio; short where the column is narrow, the tooltip has the whole. */
function unknownText(few: boolean, { verdict }: RatioView, wide: boolean): string {
  if (few) return wide ? 'n too small' : 'small n';
  if (verdict === 'not_comparable' && wide) return 'not comparable';
  return NONE;
}

/** "−68 % … −58 %", nothing where an end is unknown. */
function range({ lower, upper }: Interval): string {
  return lower === null || upper === null ? '' : `${ratioShort(lower)} … ${ratioShort(upper)}`;
}

/** "−64 %" and its interval, or why there is none. */
export function ForestRatio(props: {
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
  if (few || ratio.ratio === null) {
    return (
      <g {...mark} className={ratioStyle}>
        <Text drawing={drawing} x={x} y={y} fill={tokens.text.disabled}>
          {unknownText(few, ratio, wide)}
        </Text>
      </g>
    );
  }
  return (
    <g {...mark} className={ratioStyle}>
      <Text drawing={drawing} x={x} y={y} px={13} weight={500} fill={tokens.tone[toneOf(ratio)]}>
        {ratioShort(ratio.ratio.estimate)}
      </Text>
      <Text drawing={drawing} x={x + 60} y={y} px={11}>
        {wide ? range(ratio.ratio) : ''}
      </Text>
    </g>
  );
}
