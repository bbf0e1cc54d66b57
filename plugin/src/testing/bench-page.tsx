import React from 'react';
import { createTheme } from '@grafana/data';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { ComparisonView } from '../components/ComparisonView';
import { prepare } from '../data/prepare';
import { asTable, comparisonSamples, context, historyFrames, LLMD, OPTIONS, VLLM } from './frames';
import { tokensFrom } from '../tokens';

const REFRESHES = 30;
const WIDTH = 1600;
const HEIGHT = 700;

/** Two targets of 16 replicas, an hour of history every 15 s; `drift` makes each refresh differ from the last. */
function frames(drift: number) {
  const specs = [
    { ...VLLM, replicas: 16, ttft: 0.276 + drift / 1000 },
    { ...LLMD, replicas: 16 },
  ];
  return [...asTable(comparisonSamples(specs, null)), ...historyFrames(specs, 240)];
}

/** A page that mounts the panel has drawn something before: React itself is warm, the panel's own code is not. */
function warmReact() {
  const root = createRoot(document.createElement('div'));
  const rows = (round: number) =>
    Array.from({ length: 200 }, (_, index) => (
      <g key={index} transform={`translate(${index}, ${round})`}>
        <text style={{ fill: 'red' }}>{index + round}</text>
      </g>
    ));
  for (let round = 0; round < 10; round += 1) flushSync(() => root.render(<svg>{rows(round)}</svg>));
  root.unmount();
}

/** Scripting time of one render in ms: frames in, committed DOM out. */
function measure() {
  const tokens = tokensFrom(createTheme({ colors: { mode: 'dark' } }));
  warmReact();
  const root = createRoot(document.getElementById('root') as HTMLElement);
  const render = (data: ReturnType<typeof frames>) => {
    const begun = performance.now();
    const prepared = prepare(data, OPTIONS, context());
    if (prepared.kind !== 'view') throw new Error(prepared.title);
    flushSync(() =>
      root.render(
        <ComparisonView
          view={prepared.view}
          options={OPTIONS}
          width={WIDTH}
          height={HEIGHT}
          tokens={tokens}
          timeZone="utc"
        />,
      ),
    );
    return performance.now() - begun;
  };
  const first = render(frames(0));
  const refreshes = Array.from({ length: REFRESHES }, (_, index) => render(frames(index + 1)));
  return { first, refreshes };
}

(window as unknown as { measure: typeof measure }).measure = measure;
