import React, { useMemo, useRef } from 'react';
import type { FieldConfigSource, PanelData, PanelProps } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { ComparisonView } from './components/ComparisonView';
import { MessageView } from './components/MessageView';
import type { LatencyUnit } from './data/format';
import { prepare, type PrepareContext } from './data/prepare';
import { completeOptions, type PanelOptions } from './options';
import { tokensFrom } from './tokens';
import type { Prepared } from './types';

/** Colours of overrides "field with name <target>": they count for long frames too, whose fields are not named so. */
export function colorsOf(fieldConfig: FieldConfigSource): Record<string, string> {
  const colors: Record<string, string> = {};
  for (const { matcher, properties } of fieldConfig.overrides ?? []) {
    if (matcher.id !== 'byName' || typeof matcher.options !== 'string') continue;
    const color: unknown = properties.find(({ id }) => id === 'color')?.value;
    if (typeof color !== 'object' || color === null || !('fixedColor' in color)) continue;
    if (typeof color.fixedColor === 'string') colors[matcher.options] = color.fixedColor;
  }
  return colors;
}

const STATES: Record<string, PrepareContext['state']> = {
  Loading: 'loading',
  NotStarted: 'loading',
  Streaming: 'streaming',
  Error: 'error',
};

const unitOf = (fieldConfig: FieldConfigSource): LatencyUnit => {
  const { unit } = fieldConfig.defaults ?? {};
  return unit === 's' || unit === 'ms' ? unit : 'auto';
};

function errorOf(data: PanelData): string | undefined {
  return data.errors?.[0]?.message ?? data.error?.message;
}

/** What is on screen stays there while the next answer is on its way. */
function useSteady(prepared: Prepared): Prepared {
  const last = useRef<Prepared | null>(null);
  if (prepared.kind === 'view') last.current = prepared;
  const waiting = prepared.kind === 'message' && prepared.id === 'loading';
  return waiting && last.current !== null ? last.current : prepared;
}

/** Stored options made whole; the turns may be a variable of the dashboard (`$turn`). */
function useOptions({ options, replaceVariables }: PanelProps<PanelOptions>): PanelOptions {
  const turn = typeof options.turn === 'string' ? replaceVariables(options.turn) : options.turn;
  return useMemo(() => completeOptions({ ...options, turn }), [options, turn]);
}

/** The panel as Grafana mounts it: options and frames in, `prepare` decides, the view draws. */
export function ComparisonPanel(props: PanelProps<PanelOptions>) {
  const { data, width, height, timeZone, fieldConfig } = props;
  const theme = useTheme2();
  const tokens = useMemo(() => tokensFrom(theme), [theme]);
  const options = useOptions(props);
  const unit = unitOf(fieldConfig);
  const prepared = useMemo(() => {
    const error = errorOf(data);
    return prepare(data.series, options, {
      state: STATES[data.state] ?? 'done',
      ...(error === undefined ? {} : { error }),
      now: Date.now(),
      range: { from: data.timeRange.from.valueOf(), to: data.timeRange.to.valueOf() },
      timeZone,
      colors: colorsOf(fieldConfig),
      unit,
    });
  }, [data, options, timeZone, fieldConfig, unit]);
  const shown = useSteady(prepared);
  if (shown.kind === 'message') {
    return (
      <div style={{ position: 'relative', width, height }}>
        <MessageView message={shown} tokens={tokens} height={height} />
      </div>
    );
  }
  return (
    <ComparisonView
      view={shown.view}
      options={options}
      width={width}
      height={height}
      tokens={tokens}
      timeZone={timeZone}
      unit={unit}
    />
  );
}
