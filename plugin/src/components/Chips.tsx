import React, { useMemo } from 'react';
import { css } from '@emotion/css';
import type { Notice, Tone } from '../types';
import { textWidth } from './svg';
import { onArrow, useMark, type Tip } from './tip';
import { useDrawing } from './view-context';

const PX = 12;
const PADDING = 20;
const GAP = 6;

const styles = {
  list: css({ display: 'flex', gap: GAP, margin: '8px 0 0', padding: 0, listStyle: 'none', height: 22 }),
  chip: css({
    display: 'block',
    padding: '0 9px',
    borderRadius: 11,
    fontSize: PX,
    lineHeight: '22px',
    whiteSpace: 'nowrap',
    cursor: 'default',
  }),
};

/** How many labels fit on one line, leaving room for a "+3 more" when not all do. */
export function chipsThatFit(labels: readonly string[], width: number): number {
  const chip = (label: string) => textWidth(label, PX) + PADDING + GAP;
  const all = labels.reduce((sum, label) => sum + chip(label), 0);
  if (all <= width) return labels.length;
  let left = width - chip('+99 more');
  let fits = 0;
  for (const label of labels) {
    left -= chip(label);
    if (left < 0) break;
    fits++;
  }
  return fits;
}

function Chip({ label, tone, tip, first }: { label: string; tone: Tone; tip: Tip; first: boolean }) {
  const { tokens } = useDrawing();
  const mark = useMark(tip, first);
  return (
    <span
      className={styles.chip}
      style={{ color: tokens.tone[tone], background: tokens.toneSoft[tone] }}
      {...mark}
      aria-label={`${label}: ${mark['aria-label']}`}
    >
      {label}
    </span>
  );
}

/** Caveats and news on one line, the gravest first; what does not fit is behind the last chip, never dropped. */
export function Chips({ notices, width }: { notices: readonly Notice[]; width: number }) {
  const fits = chipsThatFit(
    notices.map(({ label }) => label),
    width,
  );
  const rest = notices.slice(fits);
  const tips = useMemo(
    () => notices.map(({ text }): Tip => ({ title: '', lines: [], note: `${text}.` })),
    [notices],
  );
  const restTip = useMemo(
    (): Tip => ({ title: '', lines: [], note: rest.map(({ text }) => `${text}.`).join(' ') }),
    [rest],
  );
  if (notices.length === 0) return null;
  return (
    <ul className={styles.list} aria-label="Caveats" onKeyDown={onArrow}>
      {notices.slice(0, fits).map(({ id, label, tone }, i) => (
        <li key={id}>
          <Chip label={label} tone={tone} tip={tips[i] ?? restTip} first={i === 0} />
        </li>
      ))}
      {rest.length > 0 && (
        <li>
          <Chip
            label={
              fits === 0 ? `${rest.length} caveat${rest.length === 1 ? '' : 's'}` : `+${rest.length} more`
            }
            tone={rest[0]?.tone ?? 'neutral'}
            tip={restTip}
            first={fits === 0}
          />
        </li>
      )}
    </ul>
  );
}
