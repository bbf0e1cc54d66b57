import React, { useMemo } from 'react';
import { css } from '@emotion/css';
import { SECTION_NAMES, TURN_NAMES, type PanelOptions } from '../options';
import { targetColor, type Tokens } from '../tokens';
import type { LatencyUnit } from '../data/format';
import type { ComparisonViewModel } from '../types';
import { Balance, RESOURCE_NAMES } from './Balance';
import { DetailTable } from './DetailTable';
import { forestValues, PercentileForest } from './PercentileForest';
import { MiniForest } from './ForestMark';
import { HitRate } from './HitRate';
import { layout, type Box, type ChartId, type Layout } from './layout';
import { P95OverTime } from './P95OverTime';
import { latencyScale } from './scale';
import { Section } from './Section';
import { Chart } from './svg';
import { createTipStore, TipContext, TipLayer } from './tip';
import { TurnCurve } from './TurnCurve';
import { VerdictLine } from './VerdictLine';
import { DrawingContext, type Drawing } from './view-context';

export interface ComparisonViewProps {
  view: ComparisonViewModel;
  /** Complete, see `completeOptions`. */
  options: PanelOptions;
  /** Pixels. */
  width: number;
  height: number;
  tokens: Tokens;
  timeZone: string;
  unit?: LatencyUnit;
}

/** For screen readers only. */
const unseen = css({ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' });

function rootStyle(tokens: Tokens) {
  return css({
    position: 'relative',
    overflow: 'hidden',
    fontFamily: tokens.fontFamily,
    color: tokens.text.primary,
    '& [data-mark]:focus-visible, & [role=slider]:focus-visible': {
      outline: `2px solid ${tokens.focus}`,
      outlineOffset: 2,
    },
    '& [data-mark]:focus:not(:focus-visible), & [role=slider]:focus:not(:focus-visible)': { outline: 'none' },
    '& svg text': { fontFamily: tokens.fontFamily },
  });
}

/** The words after each title. */
function notes(view: ComparisonViewModel): Partial<Record<ChartId, string>> {
  const resources = [...new Set(view.balance.flatMap(({ resource }) => resource ?? []))];
  return {
    percentiles: 'with 95 % intervals, further left is better',
    hitRate: 'share of prompt tokens, all traffic',
    overTime: TURN_NAMES[view.turn],
    byTurn: 'median, by turn number',
    ...(resources.length > 0 ? { balance: resources.map((one) => RESOURCE_NAMES[one]).join(' and ') } : {}),
    table: TURN_NAMES[view.turn],
  };
}

function Drawn({
  id,
  view,
  groups,
  width,
  height,
}: {
  id: ChartId;
  view: ComparisonViewModel;
  groups: number;
  width: number;
  height: number;
}) {
  switch (id) {
    case 'percentiles':
      return <PercentileForest view={view} width={width} height={height} groups={groups} />;
    case 'hitRate':
      return <HitRate views={view.hitRate} width={width} height={height} />;
    case 'balance':
      return <Balance views={view.balance} width={width} height={height} />;
    case 'overTime':
      return <P95OverTime view={view} width={width} height={height} />;
    case 'byTurn':
      return <TurnCurve view={view} width={width} height={height} />;
    case 'table':
      return <DetailTable view={view} width={width} height={height} />;
  }
}

/** The tiny panel has room for the headline percentile alone. */
function Mini({ view, box, drawing }: { view: ComparisonViewModel; box: Box; drawing: Drawing }) {
  const row = view.percentiles.find((one) => one.turn === view.turn && one.quantile === view.quantile);
  const { x, y, width, height } = box;
  return (
    <div style={{ position: 'absolute', left: x, top: y }}>
      <Chart width={width} height={height} label={`${view.quantile.toUpperCase()} TTFT`}>
        <MiniForest
          rows={row}
          width={width}
          height={height}
          scaleOf={(from, size) =>
            latencyScale(row === undefined ? [] : forestValues([row]), drawing.scale, from, size, 2)
          }
        />
      </Chart>
    </div>
  );
}

function titleOf(id: ChartId, view: ComparisonViewModel): string {
  if (id === 'overTime') return `${view.quantile.toUpperCase()} TTFT over time`;
  return SECTION_NAMES[id];
}

function Sections({
  view,
  placed,
  drawing,
}: {
  view: ComparisonViewModel;
  placed: Layout;
  drawing: Drawing;
}) {
  const captions = useMemo(() => notes(view), [view]);
  if (placed.size === 'tiny') {
    return placed.sections.map((box) => <Mini key={box.id} view={view} box={box} drawing={drawing} />);
  }
  return placed.sections.map((box) => (
    <Section
      key={box.id}
      box={box}
      title={titleOf(box.id, view)}
      note={captions[box.id]}
      empty={view.empty[box.id]}
    >
      {(size) => <Drawn id={box.id} view={view} groups={placed.forestGroups} {...size} />}
    </Section>
  ));
}

/** The comparison, drawn. Needs no Grafana: a host gives tokens, size and a view model. */
export function ComparisonView(props: ComparisonViewProps) {
  const { view, options, width, height, tokens, timeZone, unit = 'auto' } = props;
  const store = useMemo(createTipStore, []);
  const className = useMemo(() => rootStyle(tokens), [tokens]);
  const drawing = useMemo((): Drawing => {
    const colors = new Map(view.targets.map((target) => [target.name, targetColor(tokens, target)]));
    return {
      tokens,
      unit,
      timeZone,
      scale: options.scale,
      color: (target) => colors.get(target) ?? tokens.text.secondary,
    };
  }, [view.targets, tokens, unit, timeZone, options.scale]);
  const placed = layout({
    width,
    height,
    enabled: options.sections,
    compact: options.compact,
    targets: view.targets.length,
    percentiles: options.percentiles.length,
  });
  return (
    <DrawingContext.Provider value={drawing}>
      <TipContext.Provider value={store}>
        <div
          className={className}
          style={{ width, height }}
          onKeyDown={(event) => {
            if (event.key === 'Escape') store.set(null);
          }}
        >
          {placed.verdict !== null && <VerdictLine view={view} box={placed.verdict} />}
          {placed.hidden.length > 0 && (
            <p className={unseen}>
              No room for {placed.hidden.map((id) => titleOf(id, view)).join(', ')}: enlarge the panel.
            </p>
          )}
          <Sections view={view} placed={placed} drawing={drawing} />
        </div>
        <TipLayer store={store} tokens={tokens} />
      </TipContext.Provider>
    </DrawingContext.Provider>
  );
}
