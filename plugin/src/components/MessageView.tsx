import React from 'react';
import { css, keyframes } from '@emotion/css';
import type { MessageKind, PanelMessage } from '../types';
import type { Tokens } from '../tokens';

const breathe = keyframes({ '50%': { opacity: 0.35 } });

const styles = {
  root: css({
    position: 'absolute',
    inset: 0,
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    justifyContent: 'center',
    textAlign: 'center',
    padding: 12,
    overflow: 'auto',
  }),
  picture: css({ marginBottom: 14, flex: 'none' }),
  breathing: css({
    animation: `${breathe} 1.6s ease-in-out infinite`,
    '@media (prefers-reduced-motion: reduce)': { animation: 'none' },
  }),
  title: css({ margin: '0 0 4px', fontSize: 18, fontWeight: 500, lineHeight: 1.3 }),
  text: css({ margin: 0, fontSize: 13, lineHeight: 1.5, maxWidth: 560 }),
};

/** A forest of three rows as it will look, drawn as far as each state lets it. */
function Picture({ kind, tokens }: { kind: MessageKind; tokens: Tokens }) {
  const line = { stroke: tokens.border.medium, strokeWidth: 3, strokeLinecap: 'round' as const };
  const [a = '', b = ''] = tokens.palette;
  const dots = kind === 'loading' || kind === 'old_exporter';
  return (
    <svg
      width="96"
      height="56"
      viewBox="0 0 96 56"
      aria-hidden="true"
      className={`${styles.picture} ${kind === 'loading' ? styles.breathing : ''}`}
    >
      {[10, 28, 46].map((y, i) => (
        <g key={y}>
          <line
            x1={8}
            x2={88}
            y1={y}
            y2={y}
            {...line}
            strokeDasharray={kind === 'no_data' ? '1 7' : undefined}
            opacity={0.7}
          />
          {dots && <circle cx={24 + i * 6} cy={y} r={5} fill={b} opacity={0.8} />}
          {dots && kind === 'loading' && <circle cx={44 + i * 14} cy={y} r={5} fill={a} opacity={0.8} />}
          {kind === 'old_exporter' && (
            <circle
              cx={44 + i * 14}
              cy={y}
              r={4.5}
              fill="none"
              stroke={tokens.text.disabled}
              strokeDasharray="2 2"
            />
          )}
          {kind === 'foreign' && (
            <rect x={20 + i * 18} y={y - 5} width={10} height={10} fill={tokens.text.disabled} />
          )}
        </g>
      ))}
      {kind === 'error' && (
        <path
          d="M36 16l24 24M60 16l-24 24"
          stroke={tokens.tone.critical}
          strokeWidth={4}
          strokeLinecap="round"
        />
      )}
    </svg>
  );
}

interface Props {
  message: PanelMessage;
  tokens: Tokens;
  height: number;
}

/** What to show where nothing can be compared: what happened, and what to do. */
export function MessageView({ message, tokens, height }: Props) {
  const { id, title, text, remedy } = message;
  return (
    <div
      className={styles.root}
      role={id === 'error' ? 'alert' : 'status'}
      aria-busy={id === 'loading'}
      style={{ color: tokens.text.secondary, fontFamily: tokens.fontFamily }}
    >
      {height >= 220 && <Picture kind={id} tokens={tokens} />}
      <h2 className={styles.title} style={{ color: tokens.text.primary }}>
        {title}
      </h2>
      <p className={styles.text}>{text}</p>
      {remedy !== '' && <p className={styles.text}>{remedy}</p>}
    </div>
  );
}
