import React, { useMemo } from 'react';
import { digits, NONE, percent } from '../data/format';
import type { BalanceResource, BalanceView, ReplicaValue } from '../types';
import { ReplicaMark } from './ReplicaMark';
import { Chart, fitText, Text, textWidth } from './svg';
import type { Tip } from './tip';
import { useDrawing } from './view-context';

export const RESOURCE_NAMES: Record<BalanceResource, string> = {
  gpu: 'GPU activity',
  running: 'running requests (no GPU metric)',
  tokens: 'output tokens/s (no GPU metric)',
};

const valueText = (resource: BalanceResource | null, value: number | null) =>
  value === null ? NONE : resource === 'gpu' ? percent(value) : digits(value);

interface BarProps {
  view: BalanceView;
  replica: ReplicaValue;
  x: number;
  width: number;
  top: number;
  bottom: number;
  share: number;
  first: boolean;
}

function Bar({ view, replica, x, width, top, bottom, share, first }: BarProps) {
  const { tokens, color } = useDrawing();
  const { value, up } = replica;
  const tip = useMemo(
    (): Tip => ({
      title: `${view.target}, replica ${replica.replica}`,
      lines: [
        [view.resource === null ? 'load' : RESOURCE_NAMES[view.resource], valueText(view.resource, value)],
        ...(up === false ? [['state', 'down'] as const] : []),
      ],
    }),
    [view.target, view.resource, replica.replica, value, up],
  );
  const height = Math.max(value === null ? 0 : 1, share * (bottom - top));
  return (
    <ReplicaMark tip={tip} link={replica.link} first={first}>
      <rect
        x={x}
        y={top}
        width={width}
        height={bottom - top}
        fill={tokens.background.track}
        rx={Math.min(2, width / 4)}
      />
      <rect
        x={x}
        y={bottom - height}
        width={width}
        height={height}
        rx={Math.min(2, width / 4)}
        fill={color(view.target)}
        fillOpacity={up === false ? 0.35 : 1}
      />
      {(up === false || value === null) && (
        <path
          d={`M${x + width / 2 - 3} ${bottom - 9}l6 6m0 -6l-6 6`}
          stroke={up === false ? tokens.tone.critical : tokens.text.disabled}
          strokeWidth={1.5}
        />
      )}
    </ReplicaMark>
  );
}

/** "CV 0.08 · busiest 1.1 × mean" */
export function evenness({ cv, maxToMean }: BalanceView): string {
  const parts = [
    ...(cv === null ? [] : [`CV ${cv.toFixed(2)}`]),
    ...(maxToMean === null ? [] : [`busiest ${maxToMean.toFixed(1)} × mean`]),
  ];
  return parts.join(' · ');
}

/** One target: a bar per replica, the mean as a line, the two figures of evenness. */
function Replicas({
  view,
  y,
  height,
  width,
  top,
  first,
}: {
  view: BalanceView;
  y: number;
  height: number;
  width: number;
  top: number;
  first: boolean;
}) {
  const drawing = useDrawing();
  const { tokens } = drawing;
  const count = Math.max(1, view.replicas.length);
  const gap = count > 40 ? 1 : count > 16 ? 2 : 6;
  const bar = Math.min(30, (width - gap * (count - 1)) / count);
  const used = count * bar + gap * (count - 1);
  const [head, foot] = [y + 20, y + height - 8];
  const share = (value: number | null) =>
    value === null || top <= 0 ? 0 : Math.min(1, Math.max(0, value / top));
  const meanY = foot - share(view.mean) * (foot - head);
  return (
    <g>
      <Text drawing={drawing} x={0} y={y + 8} fill={tokens.text.primary}>
        {fitText(view.target, 12, width - textWidth(evenness(view), 12) - 12)}
      </Text>
      <Text drawing={drawing} x={width} y={y + 8} anchor="end">
        {evenness(view)}
      </Text>
      <line x1={0} x2={width} y1={foot + 0.5} y2={foot + 0.5} stroke={tokens.border.medium} />
      {view.replicas.map((replica, i) => (
        <Bar
          key={replica.replica}
          view={view}
          replica={replica}
          x={i * (bar + gap)}
          width={Math.max(1, bar)}
          top={head}
          bottom={foot}
          share={share(replica.value)}
          first={first && i === 0}
        />
      ))}
      {view.mean !== null && view.replicas.length > 1 && (
        <g aria-hidden="true">
          <line
            x1={0}
            x2={used}
            y1={meanY}
            y2={meanY}
            stroke={tokens.text.primary}
            strokeWidth={1}
            strokeDasharray="4 3"
          />
          {used + 60 < width && (
            <Text drawing={drawing} x={used + 6} y={meanY} px={11}>
              mean {valueText(view.resource, view.mean)}
            </Text>
          )}
        </g>
      )}
    </g>
  );
}

/** How evenly work lies on the replicas, all targets on one scale. */
export function Balance({
  views,
  width,
  height,
}: {
  views: readonly BalanceView[];
  width: number;
  height: number;
}) {
  const row = Math.min(130, height / Math.max(1, views.length));
  const known = views.flatMap((view) => view.replicas.map(({ value }) => value ?? 0));
  const top = views.every((view) => view.resource === 'gpu') ? 1 : Math.max(...known, 0);
  return (
    <Chart width={width} height={height} label="Balance over replicas">
      {views.map((view, i) => (
        <Replicas
          key={view.target}
          view={view}
          y={i * row}
          height={row}
          width={width}
          top={top}
          first={i === 0}
        />
      ))}
    </Chart>
  );
}
