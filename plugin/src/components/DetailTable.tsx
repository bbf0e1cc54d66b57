import React from 'react';
import { css } from '@emotion/css';
import type { ComparisonViewModel } from '../types';
import { fitText } from './svg';
import { Dot } from './VerdictLine';
import { useDrawing } from './view-context';

const ROW = 22;

const styles = {
  table: css({
    width: '100%',
    borderCollapse: 'collapse',
    fontSize: 12,
    fontVariantNumeric: 'tabular-nums',
    '& th, & td': {
      height: ROW,
      padding: '0 0 0 12px',
      whiteSpace: 'nowrap',
      textAlign: 'right',
      fontWeight: 400,
    },
    '& th:first-child': { textAlign: 'left', paddingLeft: 0 },
  }),
  head: css({ display: 'inline-flex', alignItems: 'center', gap: 6 }),
};

/** "Everything else", as many rows as fit. */
export function DetailTable({
  view,
  width,
  height,
}: {
  view: ComparisonViewModel;
  width: number;
  height: number;
}) {
  const column = (width - 130) / Math.max(1, view.targets.length) - 28;
  const { tokens } = useDrawing();
  const rows = view.table.slice(0, Math.max(1, Math.floor(height / (ROW + 1)) - 1));
  const line = `1px solid ${tokens.border.weak}`;
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col" style={{ color: tokens.text.secondary }}>
            <span className={styles.head}>measure</span>
          </th>
          {view.targets.map(({ name }) => (
            <th key={name} scope="col" style={{ color: tokens.text.primary }}>
              <span className={styles.head}>
                <Dot target={name} />
                <span title={name}>{fitText(name, 12, column)}</span>
              </span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} title={row.meaning} style={{ borderTop: line }}>
            <th scope="row" style={{ color: tokens.text.secondary }}>
              {row.label}
            </th>
            {row.cells.map(({ target, text, tone }) => (
              <td key={target} style={{ color: tone === 'bad' ? tokens.tone.bad : tokens.text.primary }}>
                {text}
                {tone === 'bad' &&
                  (column > 60 ? (
                    <span> ▲ worse</span>
                  ) : (
                    <span role="img" aria-label="worse">
                      {' ▲'}
                    </span>
                  ))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
