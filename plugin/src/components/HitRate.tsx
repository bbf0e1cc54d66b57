import React, { useMemo } from 'react';
import { percent } from '../data/format';
import type { HitRateView, ReplicaValue } from '../types';
import { Chart, fitText, Text } from './svg';
import { useMark, type Tip } from './tip';
import { ReplicaMark } from './ReplicaMark';
import { useDrawing } from './view-context';

const BAR = 12;
const VALUE = 58;

function barTip(view: HitRateView): Tip {
  const lines: [string, string][] = [['measured, all traffic', percent(view.measured)]];
  if (view.fromProbes !== null) lines.push(["the probes' own", percent(view.fromProbes)]);
  lines.push(
    ['expected, random routing', percent(view.random)],
    ['expected, sticky routing', percent(view.sticky)],
  );
  return {
    title: `${view.target}: cache hit rate`,
    lines,
    note: "The expectations are of the probes' schedule without eviction.",
  };
}

function Tick({ x, y, dashed }: { x: number; y: number; dashed: boolean }) {
  const { tokens } = useDrawing();
  return (
    <line
      x1={x}
      x2={x}
      y1={y - 4}
      y2={y + BAR + 4}
      stroke={tokens.text.primary}
      strokeWidth={2}
      strokeDasharray={dashed ? '3 2' : undefined}
    />
  );
}

function ReplicaDot({
  target,
  replica,
  x,
  y,
}: {
  target: string;
  replica: ReplicaValue;
  x: number;
  y: number;
}) {
  const { color, tokens } = useDrawing();
  const tip = useMemo(
    (): Tip => ({
      title: `${target}, replica ${replica.replica}`,
      lines: [['hit rate', percent(replica.value)]],
    }),
    [target, replica.replica, replica.value],
  );
  return (
    <ReplicaMark tip={tip} link={replica.link} first={false}>
      <circle
        cx={x}
        cy={y}
        r={3.5}
        fill={color(target)}
        fillOpacity={0.75}
        stroke={tokens.background.primary}
      />
    </ReplicaMark>
  );
}

/** One target: name and number, the bar with its two expectations, the replicas as dots beneath. */
function Rate({
  view,
  y,
  height,
  width,
  first,
}: {
  view: HitRateView;
  y: number;
  height: number;
  width: number;
  first: boolean;
}) {
  const drawing = useDrawing();
  const { tokens, color } = drawing;
  const mark = useMark(
    useMemo(() => barTip(view), [view]),
    first,
  );
  const shown = view.measured ?? view.fromProbes;
  const right = width - VALUE;
  const at = (ratio: number) => ratio * right;
  const bar = y + Math.max(20, height / 2 - BAR);
  const dots = view.replicas.filter((one) => one.value !== null && one.value >= 0 && one.value <= 1);
  return (
    <g>
      <Text drawing={drawing} x={0} y={bar - 13} fill={tokens.text.primary}>
        {fitText(view.target, 12, right)}
      </Text>
      <g {...mark}>
        <rect x={0} y={bar} width={right} height={BAR} rx={2} fill={tokens.background.track} />
        {shown !== null && (
          <rect x={0} y={bar} width={at(shown)} height={BAR} rx={2} fill={color(view.target)} />
        )}
        {view.fromProbes !== null && (
          <path d={`M${at(view.fromProbes)} ${bar - 1}l-4 -6h8z`} fill={tokens.text.primary} />
        )}
        {view.random !== null && <Tick x={at(view.random)} y={bar} dashed />}
        {view.sticky !== null && <Tick x={at(view.sticky)} y={bar} dashed={false} />}
      </g>
      <Text
        drawing={drawing}
        x={width}
        y={bar + BAR / 2}
        px={16}
        weight={500}
        anchor="end"
        fill={shown === null ? tokens.text.disabled : tokens.text.primary}
      >
        {percent(shown)}
      </Text>
      {height >= 38 &&
        dots.map((one) => (
          <ReplicaDot
            key={one.replica}
            target={view.target}
            replica={one}
            x={at(one.value ?? 0)}
            y={bar + BAR + 9}
          />
        ))}
    </g>
  );
}

function Legend({ y, width, probes }: { y: number; width: number; probes: boolean }) {
  const drawing = useDrawing();
  const { tokens } = drawing;
  const narrow = width < 330;
  const items: [React.ReactNode, string][] = [
    [
      <line
        key="r"
        x1={4}
        x2={4}
        y1={-6}
        y2={6}
        stroke={tokens.text.primary}
        strokeWidth={2}
        strokeDasharray="3 2"
      />,
      narrow ? 'random' : 'expected if random',
    ],
    [
      <line key="s" x1={4} x2={4} y1={-6} y2={6} stroke={tokens.text.primary} strokeWidth={2} />,
      narrow ? 'sticky' : 'if sticky',
    ],
    [<circle key="d" cx={4} cy={0} r={3.5} fill={tokens.text.secondary} />, 'replica'],
    ...(probes
      ? [
          [<path key="p" d="M4 4l-4 -7h8z" fill={tokens.text.primary} />, 'probes'] as [
            React.ReactNode,
            string,
          ],
        ]
      : []),
  ];
  let x = 0;
  return (
    <g aria-hidden="true">
      {items.map(([symbol, text], i) => {
        const here = x;
        x += 28 + text.length * 5.8;
        return (
          <g key={i} transform={`translate(${here} ${y})`}>
            {symbol}
            <Text drawing={drawing} x={13} y={0} px={11}>
              {text}
            </Text>
          </g>
        );
      })}
    </g>
  );
}

/** Measured hit rate against what the schedule would give, routed at random or kept on one replica. */
export function HitRate({
  views,
  width,
  height,
}: {
  views: readonly HitRateView[];
  width: number;
  height: number;
}) {
  const legend = height >= views.length * 38 + 18 ? 20 : 0;
  const row = Math.min(84, (height - legend) / Math.max(1, views.length));
  return (
    <Chart width={width} height={height} label="Cache hit rate">
      {views.map((view, i) => (
        <Rate key={view.target} view={view} y={i * row} height={row} width={width} first={i === 0} />
      ))}
      {legend > 0 && (
        <Legend
          y={row * views.length + 10}
          width={width}
          probes={views.some((view) => view.fromProbes !== null)}
        />
      )}
    </Chart>
  );
}
