import React, { useId } from 'react';
import { css } from '@emotion/css';
import type { Box } from './layout';
import { useDrawing } from './view-context';

const HEAD = 26;

const styles = {
  section: css({ position: 'absolute', overflow: 'hidden' }),
  head: css({
    height: HEAD,
    display: 'flex',
    alignItems: 'baseline',
    gap: 10,
    whiteSpace: 'nowrap',
    overflow: 'hidden',
  }),
  title: css({ margin: 0, fontSize: 13, lineHeight: '20px', fontWeight: 500 }),
  note: css({ fontSize: 12, overflow: 'hidden', textOverflow: 'ellipsis' }),
  empty: css({ fontSize: 12, lineHeight: 1.5, maxWidth: 360, margin: '10px 0 0' }),
};

interface Props {
  box: Box;
  title: string;
  /** What the drawing shows, in a few words after the title. */
  note?: string | undefined;
  /** Stands in for the drawing when there is nothing to draw. */
  empty?: string | undefined;
  children: (size: { width: number; height: number }) => React.ReactNode;
}

/** A titled place for one drawing; the drawing learns how large it may be. */
export function Section({ box, title, note, empty, children }: Props) {
  const { tokens } = useDrawing();
  const id = useId();
  const { x, y, width, height } = box;
  return (
    <section className={styles.section} style={{ left: x, top: y, width, height }} aria-labelledby={id}>
      <header className={styles.head}>
        <h3 id={id} className={styles.title} style={{ color: tokens.text.primary }}>
          {title}
        </h3>
        {note !== undefined && (
          <span className={styles.note} style={{ color: tokens.text.secondary }} title={note}>
            {note}
          </span>
        )}
      </header>
      {empty === undefined ? (
        children({ width, height: Math.max(0, height - HEAD) })
      ) : (
        <p className={styles.empty} style={{ color: tokens.text.secondary }}>
          {empty}
        </p>
      )}
    </section>
  );
}
