import React, { createContext, useContext, useEffect, useId, useMemo, useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { css } from '@emotion/css';
import type { Tokens } from '../tokens';

/** What a tooltip says; the same words are the accessible name of the mark. */
export interface Tip {
  title: string;
  lines: readonly (readonly [label: string, value: string])[];
  note?: string;
}

interface Shown {
  id: string;
  tip: Tip;
  /** In the viewport, pixels: the middle of the mark, its top and its bottom. */
  anchor: { x: number; top: number; bottom: number };
}

export interface TipStore {
  get: () => Shown | null;
  set: (shown: Shown | null) => void;
  subscribe: (listener: () => void) => () => void;
}

/** Outside React's state, so that hovering redraws the tooltip and nothing else. */
export function createTipStore(): TipStore {
  let current: Shown | null = null;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set: (shown) => {
      if (current === shown) return;
      current = shown;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const TipContext = createContext<TipStore | null>(null);

export const tipText = ({ title, lines, note }: Tip) =>
  [title, ...lines.map(([label, value]) => (label === '' ? value : `${label} ${value}`)), note ?? '']
    .filter((part) => part !== '')
    .join(', ');

/** Shows and hides one tooltip; `at` is the element that it belongs to, or a place in the viewport. */
export function useTip() {
  const store = useContext(TipContext);
  const id = useId();
  return useMemo(() => {
    const hide = () => {
      if (store?.get()?.id === id) store.set(null);
    };
    const show = (tip: Tip, at: Element | { x: number; top: number; bottom: number }) => {
      const anchor =
        at instanceof Element
          ? (({ left, right, top, bottom }) => ({ x: (left + right) / 2, top, bottom }))(
              at.getBoundingClientRect(),
            )
          : at;
      store?.set({ id, tip, anchor });
    };
    const refresh = (tip: Tip) => {
      const shown = store?.get();
      if (shown?.id === id) store?.set({ ...shown, tip });
    };
    return { show, hide, refresh };
  }, [store, id]);
}

/**
 * Props that make an element a mark: hover, keyboard focus and Escape work, its accessible name carries the numbers.
 * Only the first mark of a chart is a tab stop; arrows go on from there, see `onArrow`.
 */
export function useMark(tip: Tip, first: boolean) {
  const { show, hide, refresh } = useTip();
  useEffect(() => refresh(tip), [refresh, tip]);
  useEffect(() => hide, [hide]);
  const open = (event: { currentTarget: Element }) => show(tip, event.currentTarget);
  return {
    role: 'img',
    tabIndex: first ? 0 : -1,
    'aria-label': tipText(tip),
    'data-mark': '',
    onMouseEnter: open,
    onMouseLeave: hide,
    onFocus: open,
    onBlur: hide,
  } as const;
}

const MOVES: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Arrow keys, Home and End walk the marks of a chart; Escape is handled by the view. */
export function onArrow(event: React.KeyboardEvent): void {
  const marks = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-mark]')];
  const here = marks.indexOf(document.activeElement as HTMLElement);
  if (here < 0) return;
  const move = MOVES[event.key];
  const next =
    event.key === 'Home' ? 0 : event.key === 'End' ? marks.length - 1 : move === undefined ? -1 : here + move;
  const mark = marks[next];
  if (mark === undefined) return;
  event.preventDefault();
  mark.focus();
}

const WIDTH = 280;

function tipStyle(tokens: Tokens) {
  return css({
    position: 'fixed',
    zIndex: tokens.zIndexTooltip,
    pointerEvents: 'none',
    maxWidth: WIDTH,
    padding: '8px 10px',
    borderRadius: 4,
    background: tokens.background.raised,
    border: `1px solid ${tokens.border.medium}`,
    boxShadow: '0 4px 12px rgba(0, 0, 0, 0.25)',
    color: tokens.text.primary,
    fontFamily: tokens.fontFamily,
    fontSize: 12,
    lineHeight: 1.45,
    fontVariantNumeric: 'tabular-nums',
    '& strong': { display: 'block', fontWeight: 500, marginBottom: 2 },
    '& dl': { display: 'grid', gridTemplateColumns: 'auto auto', columnGap: 14, margin: 0 },
    '& dt': { color: tokens.text.secondary },
    '& dd': { margin: 0, textAlign: 'right' },
    '& p': { margin: '4px 0 0', color: tokens.text.secondary },
  });
}

/** Draws the tooltip of the whole view at the document's end, where no panel clips it. */
export function TipLayer({ store, tokens }: { store: TipStore; tokens: Tokens }) {
  const shown = useSyncExternalStore(store.subscribe, store.get, store.get);
  // Not before there is a tooltip: the first picture need not wait for the style of the first hover.
  const none = shown === null;
  const className = useMemo(() => (none ? '' : tipStyle(tokens)), [none, tokens]);
  if (shown === null) return null;
  const { anchor, tip } = shown;
  const left = Math.max(8, Math.min(anchor.x - WIDTH / 2, window.innerWidth - WIDTH - 8));
  const above = anchor.top > window.innerHeight / 2;
  const place = above ? { bottom: window.innerHeight - anchor.top + 8 } : { top: anchor.bottom + 8 };
  return createPortal(
    <div className={className} role="tooltip" style={{ left, ...place }}>
      <strong>{tip.title}</strong>
      {tip.lines.length > 0 && (
        <dl>
          {tip.lines.map(([label, value], i) => (
            <React.Fragment key={i}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </React.Fragment>
          ))}
        </dl>
      )}
      {tip.note !== undefined && <p>{tip.note}</p>}
    </div>,
    document.body,
  );
}
