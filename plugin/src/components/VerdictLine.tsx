import React from 'react';
import { css } from '@emotion/css';
import { TURN_NAMES } from '../options';
import { seconds } from '../data/format';
import type { ComparisonViewModel, Tone, VerdictView } from '../types';
import { Chips } from './Chips';
import type { VerdictBox } from './layout';
import { useDrawing } from './view-context';

const styles = {
  root: css({ position: 'absolute', display: 'flex', gap: 32, overflow: 'hidden' }),
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
  facts: css({ margin: '2px 0 0', lineHeight: 1.45, fontVariantNumeric: 'tabular-nums' }),
  more: css({ margin: '2px 0 0', display: 'flex', gap: 8, alignItems: 'baseline' }),
  figures: css({ display: 'flex', gap: 36, alignItems: 'flex-start', fontVariantNumeric: 'tabular-nums' }),
  figure: css({ margin: 0, minWidth: 92 }),
  name: css({ display: 'flex', alignItems: 'center', gap: 7, fontSize: 13, whiteSpace: 'nowrap' }),
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

/** The two big numbers, which are at the same time the legend of every colour below. */
function Figures({ view }: { view: ComparisonViewModel }) {
  const { tokens, unit } = useDrawing();
  const row = view.percentiles.find((one) => one.turn === view.turn && one.quantile === view.quantile);
  const name = `${view.quantile.toUpperCase()} TTFT`;
  return (
    <div className={styles.figures}>
      {view.targets.slice(0, 4).map((target) => {
        const mark = row?.marks.find((one) => one.target === target.name);
        const known = mark?.value != null;
        const faint = !known || mark.tooFew || target.up === false;
        const replicas =
          target.replicas === null ? [] : [`${target.replicas} replica${target.replicas === 1 ? '' : 's'}`];
        return (
          <div className={styles.figure} key={target.name}>
            <div className={styles.name} style={{ color: tokens.text.primary }}>
              <Dot target={target.name} />
              {target.name}
              {target.up === false && <span style={{ color: tokens.tone.critical }}>down</span>}
            </div>
            <div
              className={styles.value}
              style={{ color: faint ? tokens.text.disabled : tokens.text.primary }}
              title={`${name}, ${TURN_NAMES[view.turn]}`}
            >
              {seconds(mark?.value?.estimate ?? null, unit)}
            </div>
            <div className={styles.caption} style={{ color: tokens.text.secondary }}>
              {[name, ...replicas].join(' · ')}
            </div>
          </div>
        );
      })}
    </div>
  );
}

function MoreVerdict({ verdict, px }: { verdict: VerdictView; px: number }) {
  const { tokens } = useDrawing();
  return (
    <p className={styles.more} style={{ fontSize: px, color: tokens.text.primary }}>
      <Sign tone={verdict.tone} px={13} />
      <strong style={{ fontWeight: 500 }}>{verdict.headline}</strong>
      <span style={{ color: tokens.text.secondary }}>{verdict.facts}</span>
    </p>
  );
}

interface Props {
  view: ComparisonViewModel;
  box: VerdictBox;
}

/** The answer, first and largest; then what must be known with it. */
export function VerdictLine({ view, box }: Props) {
  const { tokens } = useDrawing();
  const [main, ...others] = view.verdicts;
  if (main === undefined) return null;
  const figuresWidth = box.figures ? Math.min(4, view.targets.length) * 150 + 32 : 0;
  return (
    <section
      className={styles.root}
      style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
      aria-label="Verdict"
    >
      <div className={styles.words}>
        <div role="status">
          <h2 className={styles.headline} style={{ fontSize: box.headlinePx, color: tokens.text.primary }}>
            <Sign tone={main.tone} px={Math.round(box.headlinePx * 0.86)} />
            <span>{main.headline}</span>
          </h2>
          <p className={styles.facts} style={{ fontSize: box.factsPx, color: tokens.text.primary }}>
            {main.facts}
          </p>
        </div>
        {others.slice(0, 3).map((verdict) => (
          <MoreVerdict key={verdict.candidate} verdict={verdict} px={box.factsPx - 1} />
        ))}
        <Chips notices={view.notices} width={box.width - figuresWidth} />
      </div>
      {box.figures && <Figures view={view} />}
    </section>
  );
}
