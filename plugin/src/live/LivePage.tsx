import React, { useMemo, useRef } from 'react';
import { css } from '@emotion/css';
import { ThemeContext } from '@grafana/data';
import { ComparisonView } from '../components/ComparisonView';
import { fullHeight } from '../components/layout';
import { MessageView } from '../components/MessageView';
import { prepare } from '../data/prepare';
import { tokensFrom } from '../tokens';
import type { PanelMessage, Prepared } from '../types';
import { framesFromLive, rangeOf } from './frames-from-live';
import { Header } from './Header';
import { optionsOf, type UrlState } from './url-state';
import { paletteFrom, type Palette } from './palette';
import type { LiveState } from './use-live';
import { useLive } from './use-live';
import { useSize, useTheme, useUrlState } from './use-page';

/** Below this a page is a phone's: narrow margins. */
const NARROW = 700;
/** Of the card and of the page, below the drawing. */
const FOOT = 38;

function pageStyles({ text, border, surface, radius, fontFamily }: Palette) {
  return {
    page: css({
      boxSizing: 'border-box',
      padding: '12px 16px 16px',
      minHeight: '100vh',
      display: 'flex',
      flexDirection: 'column',
      gap: 12,
      fontFamily,
      color: text.primary,
      [`@media (max-width: ${NARROW}px)`]: { padding: '8px 8px 12px' },
    }),
    card: css({
      padding: 20,
      background: surface,
      border: `1px solid ${border.weak}`,
      borderRadius: radius,
      [`@media (max-width: ${NARROW}px)`]: { padding: '12px 10px' },
    }),
    inner: css({ position: 'relative', transition: 'opacity 0.3s', minHeight: 320 }),
    stale: css({ opacity: 0.45 }),
  };
}

const WAITING: PanelMessage = {
  id: 'loading',
  title: 'Loading',
  text: 'Waiting for the first comparison.',
  remedy: '',
};

const unheard = (reason: string): PanelMessage => ({
  id: 'error',
  title: 'The exporter does not answer',
  text: reason,
  remedy: 'Is it still running? This page asks again every two seconds.',
});

function prepared({ answer, turn, percentile, silent }: LiveState, state: UrlState): Prepared {
  if (answer === null && silent !== null) return { kind: 'message', ...unheard(silent.reason) };
  if (answer === null || answer.generated === null) return { kind: 'message', ...WAITING };
  // Drawn for what the answer was asked for: the next answer brings the history of another choice with it.
  return prepare(framesFromLive(answer), optionsOf({ ...state, turn, percentile }), {
    state: 'done',
    now: answer.now,
    range: rangeOf(answer),
    timeZone: 'browser',
  });
}

/** The panel without Grafana: the same sources, fed by the exporter itself. */
export function LivePage() {
  const [state, change] = useUrlState();
  const theme = useTheme(state.theme);
  const tokens = useMemo(() => tokensFrom(theme), [theme]);
  const palette = useMemo(() => paletteFrom(theme), [theme]);
  const styles = useMemo(() => pageStyles(palette), [palette]);
  const live = useLive(state.turn, state.percentile);
  const inner = useRef<HTMLDivElement>(null);
  const { width, below } = useSize(inner);
  const shown = useMemo(() => prepared(live, state), [live, state]);
  const options = useMemo(
    () => optionsOf({ ...state, turn: live.turn, percentile: live.percentile }),
    [state, live.turn, live.percentile],
  );
  const targets = shown.kind === 'view' ? shown.view.targets.length : 2;
  const needed = fullHeight({
    width,
    enabled: options.sections,
    compact: options.compact,
    targets,
    percentiles: options.percentiles.length,
  });
  const height = Math.max(needed, below - FOOT);
  return (
    <ThemeContext.Provider value={theme}>
      <div className={styles.page}>
        <Header live={live} state={state} change={change} palette={palette} />
        <main className={styles.card}>
          <div
            ref={inner}
            className={`${styles.inner} ${live.silent === null ? '' : styles.stale}`}
            style={{ height }}
          >
            {shown.kind === 'message' && <MessageView message={shown} tokens={tokens} height={height} />}
            {shown.kind === 'view' && width > 0 && (
              <ComparisonView
                view={shown.view}
                options={options}
                width={width}
                height={height}
                tokens={tokens}
                timeZone="browser"
              />
            )}
          </div>
        </main>
      </div>
    </ThemeContext.Provider>
  );
}
