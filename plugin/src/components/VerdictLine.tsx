import React from 'react';
import { css } from '@emotion/css';
import { TURN_NAMES } from '../options';
import { ratioShort, seconds } from '../data/format';
import type { ComparisonViewModel, Tone, VerdictView } from '../types';
import { Chips } from './Chips';
import type { VerdictBox } from './layout';
import { textWidth } from './svg';
import { useDrawing } from './view-context';

/** Width kept for the count of caveats beside the headline. */
const INLINE_CHIP = 92;

const styles = {
  root: css({ position: 'absolute', display: 'flex', gap: 32, overflow: 'hidden' }),
  corner: css({ position: 'absolute', right: 0, top: -9 }),
  words: css({ flex: 1, minWidth: 0 }),
  headline: css({
    margin: 0,
    fontWeight: 500,
    lineHeight: 1.25,
    letterSpacing: '-0.01em',
    display: 'flex',
    alignItems: 'center',
    gap: 10,
  }),
  facts: css({ margin: '2px 0 0', lineHeight: 1.45, textWrap: 'pretty', fontVariantNumeric: 'tabular-nums' }),
  more: css({ margin: '2px 0 0', display: 'flex', gap: 8, alignItems: 'baseline' }),
  figures: css({ display: 'flex', gap: 36, alignItems: 'flex-start', fontVariantNumeric: 'tabular-nums' }),
  figure: css({ margin: 0, minWidth: 92 }),
  change: css({ margin: 0, minWidth: 170 }),
  name: css({ display: 'flex', alignItems: 'center', gap: 7, fontSize: 13, whiteSpace: 'nowrap' }),
  short: css({ overflow: 'hidden', textOverflow: 'ellipsis', maxWidth: 118 }),
  line: css({ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
  value: css({
    fontSize: 32,
    fontWeight: 500,
    lineHeight: 1.2,
    letterSpacing: '-0.02em',
    whiteSpace: 'nowrap',
  }),
  caption: css({ fontSize: 12, whiteSpace: 'nowrap' }),
};

/** Shapes beside colours, so that the judgement does not hang on colour alone. */
const SIGNS: Record<Tone, { path: string; word: string }> = {
  good: { path: 'M5 10.5l3.5 3.5L15 7', word: 'better' },
  bad: { path: 'M10 5v7M10 15v.5', word: 'worse' },
  critical: { path: 'M6 6l8 8M14 6l-8 8', word: 'fault' },
  warning: { path: 'M10 5v7M10 15v.5', word: 'caution' },
  neutral: { path: 'M6 8h8M6 12h8', word: 'no verdict' },
};

function Sign({ tone, px }: { tone: Tone; px: number }) {
  const { tokens } = useDrawing();
  return (
    <svg
      width={px}
      height={px}
      viewBox="0 0 20 20"
      role="img"
      aria-label={SIGNS[tone].word}
      style={{ flex: 'none' }}
    >
      <circle cx="10" cy="10" r="10" fill={tokens.tone[tone]} />
      <path
        d={SIGNS[tone].path}
        fill="none"
        stroke={tokens.background.primary}
        strokeWidth="2.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

export function Dot({ target }: { target: string }) {
  const { color } = useDrawing();
  return (
    <svg width="10" height="10" aria-hidden="true" style={{ flex: 'none' }}>
      <circle cx="5" cy="5" r="5" fill={color(target)} />
    </svg>
  );
}

/**
 * How much, and how sure: the change with its interval, in the colour of the verdict. Its place is kept while nothing is known
 * yet, so that the figures beside it stay where they are when it comes.
 */
function Change({ verdict }: { verdict: VerdictView }) {
  const { tokens } = useDrawing();
  const { estimate, lower, upper } = verdict.ratio ?? { estimate: null, lower: null, upper: null };
  const judged = verdict.tone === 'good' || verdict.tone === 'bad';
  return (
    <div className={styles.change}>
      <div className={styles.name} style={{ color: tokens.text.primary }}>
        change
      </div>
      <div
        className={styles.value}
        style={{ color: judged ? tokens.tone[verdict.tone] : tokens.text.secondary }}
      >
        {estimate === null ? '–' : ratioShort(estimate)}
      </div>
      <div className={styles.caption} style={{ color: tokens.text.secondary }}>
        {lower === null || upper === null ? '' : `95 % sure: ${ratioShort(lower)} … ${ratioShort(upper)}`}
      </div>
    </div>
  );
}

/** The two big numbers, which are at the same time the legend of every colour below. */
function Figures({ view, change }: { view: ComparisonViewModel; change: VerdictView | null }) {
  const { tokens, unit } = useDrawing();
  const row = view.percentiles.find((one) => one.turn === view.turn && one.quantile === view.quantile);
  const name = `${view.quantile.toUpperCase()} TTFT`;
  return (
    <div className={styles.figures}>
      {view.targets.slice(0, 4).map((target) => {
        const mark = row?.marks.find((one) => one.target === target.name);
        const known = mark !== undefined && mark.value !== null;
        const faint = !known || mark.tooFew || target.up === false;
        const replicas =
          target.replicas === null ? [] : [`${target.replicas} replica${target.replicas === 1 ? '' : 's'}`];
        return (
          <div className={styles.figure} key={target.name}>
            <div className={styles.name} style={{ color: tokens.text.primary }}>
              <Dot target={target.name} />
              <span className={styles.short} title={target.name}>
                {target.name}
              </span>
              {target.up === false && <span style={{ color: tokens.tone.critical }}>down</span>}
            </div>
            <div
              className={styles.value}
              style={{ color: faint ? tokens.text.disabled : tokens.text.primary }}
              title={[`${name}, ${TURN_NAMES[view.turn]}`, target.model, target.engine]
                .filter(Boolean)
                .join(' · ')}
            >
              {seconds(mark?.value?.estimate ?? null, unit)}
            </div>
            <div className={styles.caption} style={{ color: tokens.text.secondary }}>
              {[name, ...replicas].join(' · ')}
            </div>
          </div>
        );
      })}
      {change !== null && <Change verdict={change} />}
    </div>
  );
}

function MoreVerdict({ verdict, px }: { verdict: VerdictView; px: number }) {
  const { tokens } = useDrawing();
  return (
    <p className={styles.more} style={{ fontSize: px, color: tokens.text.primary }}>
      <Sign tone={verdict.tone} px={13} />
      <span className={styles.line} title={`${verdict.headline}: ${verdict.facts}`}>
        {verdict.headline} <span style={{ color: tokens.text.secondary }}>{verdict.facts}</span>
      </span>
    </p>
  );
}

/** The wished size, less for a sentence that would not fit on its line. */
function fittingPx(wished: number, text: string, width: number): number {
  return Math.max(12, Math.min(wished, Math.floor((wished * width) / textWidth(text, wished))));
}

/** One line with an ellipsis, or several with the rest clamped. */
function clamp(lines: number): React.CSSProperties {
  if (lines === 1) return { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' };
  return { display: '-webkit-box', WebkitBoxOrient: 'vertical', WebkitLineClamp: lines, overflow: 'hidden' };
}

interface Props {
  view: ComparisonViewModel;
  box: VerdictBox;
}

/** The headline is announced when it changes; the numbers are not, as every refresh moves them. */
function Answer({ verdict, box, width }: { verdict: VerdictView; box: VerdictBox; width: number }) {
  const { tokens } = useDrawing();
  const sign = Math.round(box.headlinePx * 0.86);
  const factsPx = box.factsLines > 1 ? box.factsPx : fittingPx(box.factsPx, verdict.facts, width);
  const px = fittingPx(box.headlinePx, verdict.headline, width - sign - 12);
  return (
    <>
      <h2
        className={styles.headline}
        style={{ fontSize: px, height: Math.ceil(box.headlinePx * 1.25), color: tokens.text.primary }}
      >
        <Sign tone={verdict.tone} px={sign} />
        <span className={styles.line} title={verdict.headline} role="status">
          {verdict.headline}
        </span>
      </h2>
      <p
        className={styles.facts}
        style={{ fontSize: factsPx, color: tokens.text.primary, ...clamp(box.factsLines) }}
        title={verdict.facts}
      >
        {verdict.facts}
      </p>
    </>
  );
}

/** The answer, first and largest; then what must be known with it. */
export function VerdictLine({ view, box }: Props) {
  const [main, ...others] = view.verdicts;
  if (main === undefined) return null;
  // With several candidates there is no one change to show; on narrow panels the sentence tells it.
  const pair = view.verdicts.length === 1 && view.targets.length > 1;
  const change = pair && box.width >= 1180 ? main : null;
  const figures = Math.min(4, view.targets.length) + (change === null ? 0 : 1);
  const width = box.width - (box.figures ? figures * 158 : 0);
  const inline = box.inlineChips && view.notices.length > 0 ? INLINE_CHIP : 0;
  return (
    <section
      className={styles.root}
      style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
      aria-label="Verdict"
    >
      <div className={styles.words}>
        <Answer verdict={main} box={box} width={width - inline} />
        {others.slice(0, 3).map((verdict) => (
          <MoreVerdict key={verdict.candidate} verdict={verdict} px={box.factsPx - 1} />
        ))}
        {!box.inlineChips && <Chips notices={view.notices} width={width} />}
      </div>
      {inline > 0 && (
        <div className={styles.corner}>
          <Chips notices={view.notices} width={0} />
        </div>
      )}
      {box.figures && <Figures view={view} change={change} />}
    </section>
  );
}
