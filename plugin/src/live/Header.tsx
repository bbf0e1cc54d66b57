import React, { useEffect, useState } from 'react';
import { css } from '@emotion/css';
import { Controls, controlStyles } from './Controls';
import type { Palette } from './palette';
import type { UrlState } from './url-state';
import type { LiveState } from './use-live';

function headerStyles({ text, error, focus }: Palette) {
  return {
    header: css({
      display: 'flex',
      flexWrap: 'wrap',
      gap: '10px 24px',
      alignItems: 'center',
      justifyContent: 'space-between',
    }),
    brand: css({
      display: 'flex',
      gap: '0 10px',
      flexWrap: 'wrap',
      maxWidth: '100%',
      alignItems: 'center',
      minWidth: 0,
      color: text.primary,
    }),
    name: css({ margin: 0, fontSize: 18, fontWeight: 500, lineHeight: '28px', letterSpacing: '-0.01em' }),
    status: css({
      display: 'flex',
      gap: 8,
      alignItems: 'center',
      margin: 0,
      fontSize: 12,
      color: text.secondary,
      fontVariantNumeric: 'tabular-nums',
      whiteSpace: 'nowrap',
      overflow: 'hidden',
      textOverflow: 'ellipsis',
    }),
    alarm: css({ color: error, fontWeight: 500 }),
    links: css({
      display: 'flex',
      gap: 14,
      fontSize: 12,
      '& a': { color: text.link, textDecoration: 'none', lineHeight: '28px' },
      '& a:hover': { textDecoration: 'underline' },
      '& a:focus-visible': { outline: `2px solid ${focus}`, outlineOffset: 2 },
    }),
  };
}

const time = (ms: number) => new Date(ms).toLocaleTimeString('en-GB');

/** The address of the logo, whose name holds a digest, is known to the page. */
function Logo() {
  const src = document.querySelector<HTMLLinkElement>('link[rel=icon]')?.href;
  return <img src={src} width="26" height="26" alt="" />;
}

/** How long the exporter has been silent, a second at a time. */
function Silence({ since, reason }: { since: number; reason: string }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <span title={reason}>
      {`The exporter does not answer (${Math.max(0, Math.round((now - since) / 1000))} s): ${reason}`}
    </span>
  );
}

function Status({ live, styles }: { live: LiveState; styles: ReturnType<typeof headerStyles> }) {
  const { answer, silent } = live;
  if (silent !== null) {
    return (
      <p className={`${styles.status} ${styles.alarm}`} role="alert" data-testid="status">
        <Silence {...silent} />
      </p>
    );
  }
  const text =
    answer === null
      ? 'connecting …'
      : answer.generated === null
        ? `run ${answer.run}, the first comparison is being made`
        : `${time(Date.parse(answer.generated))} · last ${Math.round(answer.window_seconds / 60)} min · run ${answer.run}, since ${time(answer.started)}`;
  return (
    <p
      className={styles.status}
      data-testid="status"
      title={answer === null ? '' : `Taillight ${answer.version}`}
    >
      {text}
    </p>
  );
}

interface Props {
  live: LiveState;
  state: UrlState;
  change: (part: Partial<UrlState>) => void;
  palette: Palette;
}

/** Name, age of the data, what to look at, and where the same numbers are for programs. */
export function Header({ live, state, change, palette }: Props) {
  const styles = React.useMemo(() => headerStyles(palette), [palette]);
  const controls = React.useMemo(() => controlStyles(palette), [palette]);
  return (
    <header className={styles.header}>
      <div className={styles.brand}>
        <Logo />
        <h1 className={styles.name}>Taillight</h1>
        <Status live={live} styles={styles} />
      </div>
      <Controls state={state} change={change} styles={controls}>
        <nav className={styles.links} aria-label="The same as data">
          <a href="metrics">Metrics</a>
          <a href="api/v1/comparison">JSON</a>
        </nav>
      </Controls>
    </header>
  );
}
