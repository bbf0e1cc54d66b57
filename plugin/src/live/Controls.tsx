import React, { useEffect, useId, useRef } from 'react';
import { css } from '@emotion/css';
import { SECTION_NAMES } from '../options';
import { QUANTILES, SECTIONS, TURN_CLASSES, type SectionId, type TurnClass } from '../types';
import type { Palette } from './palette';
import { THEMES, type ThemeChoice, type UrlState } from './url-state';

const HEIGHT = 28;

export function controlStyles(palette: Palette) {
  const { text, border, surface, radius } = palette;
  const focus = { outline: `2px solid ${palette.focus}`, outlineOffset: 2 };
  return {
    bar: css({ display: 'flex', flexWrap: 'wrap', gap: '8px 14px', alignItems: 'center' }),
    group: css({
      display: 'flex',
      margin: 0,
      padding: 2,
      minWidth: 0,
      border: `1px solid ${border.weak}`,
      borderRadius: radius,
      background: surface,
    }),
    choice: css({
      display: 'block',
      padding: '0 9px',
      height: HEIGHT - 6,
      lineHeight: `${HEIGHT - 6}px`,
      fontSize: 12,
      borderRadius: radius,
      color: text.secondary,
      cursor: 'pointer',
      whiteSpace: 'nowrap',
      '&:hover': { color: text.primary },
      '&:has(:checked)': { background: palette.selected, color: text.primary },
      '&:has(:focus-visible)': focus,
    }),
    input: css({ position: 'absolute', opacity: 0, width: 1, height: 1, margin: 0 }),
    menu: css({
      position: 'relative',
      '& > summary': {
        listStyle: 'none',
        padding: '0 10px',
        height: HEIGHT - 2,
        lineHeight: `${HEIGHT - 2}px`,
        fontSize: 12,
        borderRadius: radius,
        border: `1px solid ${border.weak}`,
        background: surface,
        color: text.secondary,
        cursor: 'pointer',
      },
      '& > summary:hover': { color: text.primary },
      '& > summary:focus-visible': focus,
      '& > summary::-webkit-details-marker': { display: 'none' },
    }),
    list: css({
      position: 'absolute',
      zIndex: 10,
      top: HEIGHT + 4,
      left: 0,
      padding: '6px 12px 8px',
      border: `1px solid ${border.medium}`,
      borderRadius: radius,
      background: surface,
      boxShadow: palette.shadow,
      '& label': {
        display: 'flex',
        gap: 8,
        alignItems: 'center',
        fontSize: 13,
        lineHeight: '26px',
        whiteSpace: 'nowrap',
        cursor: 'pointer',
      },
    }),
  };
}

type Styles = ReturnType<typeof controlStyles>;

function Choice<T extends string>({
  label,
  values,
  names,
  value,
  onChange,
  styles,
}: {
  label: string;
  values: readonly T[];
  names: (value: T) => string;
  value: T;
  onChange: (value: T) => void;
  styles: Styles;
}) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className={styles.group}>
      {values.map((one) => (
        <label key={one} className={styles.choice}>
          <input
            type="radio"
            className={styles.input}
            name={name}
            checked={one === value}
            onChange={() => onChange(one)}
          />
          {names(one)}
        </label>
      ))}
    </div>
  );
}

const TURN_LABELS: Record<TurnClass, string> = { first: 'First turns', later: 'Later', all: 'All' };
const THEME_LABELS: Record<ThemeChoice, string> = { auto: 'Auto', light: 'Light', dark: 'Dark' };

interface Props {
  state: UrlState;
  change: (part: Partial<UrlState>) => void;
  styles: Styles;
  /** Stands at the end of the bar. */
  children?: React.ReactNode;
}

/** What to draw: sections and density, behind a button, as they are seldom changed. */
function ViewMenu({ state, change, styles }: Omit<Props, 'children'>) {
  const ref = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const inside = event.target instanceof Node && ref.current?.contains(event.target) === true;
      const escape = event instanceof KeyboardEvent && event.key === 'Escape';
      if (ref.current !== null && (escape || (event.type === 'pointerdown' && !inside)))
        ref.current.open = false;
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('keydown', close);
    };
  }, []);
  const toggle = (id: SectionId, wanted: boolean) => {
    const sections = SECTIONS.filter((one) => (one === id ? wanted : state.sections.includes(one)));
    if (sections.length > 0) change({ sections });
  };
  return (
    <details ref={ref} className={styles.menu}>
      <summary>View ▾</summary>
      <div className={styles.list}>
        {SECTIONS.map((id) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={state.sections.includes(id)}
              onChange={(event) => toggle(id, event.currentTarget.checked)}
            />
            {SECTION_NAMES[id]}
          </label>
        ))}
        <label>
          <input
            type="checkbox"
            checked={state.compact}
            onChange={(event) => change({ compact: event.currentTarget.checked })}
          />
          Compact: chosen turns only
        </label>
      </div>
    </details>
  );
}

export function Controls({ state, change, styles, children }: Props) {
  return (
    <div className={styles.bar}>
      <Choice
        label="Turns"
        values={TURN_CLASSES}
        names={(turn) => TURN_LABELS[turn]}
        value={state.turn}
        onChange={(turn) => change({ turn })}
        styles={styles}
      />
      <Choice
        label="Percentile"
        values={QUANTILES}
        names={(percentile) => percentile.toUpperCase()}
        value={state.percentile}
        onChange={(percentile) => change({ percentile })}
        styles={styles}
      />
      <ViewMenu state={state} change={change} styles={styles} />
      <Choice
        label="Theme"
        values={THEMES}
        names={(theme) => THEME_LABELS[theme]}
        value={state.theme}
        onChange={(theme) => change({ theme })}
        styles={styles}
      />
      {children}
    </div>
  );
}
