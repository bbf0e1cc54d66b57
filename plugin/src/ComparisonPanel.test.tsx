/** @jest-environment jsdom */
import React from 'react';
import { cleanup, render, screen } from '@testing-library/react';
import type { FieldConfigSource, GrafanaTheme2, PanelProps } from '@grafana/data';
import { colorsOf, ComparisonPanel } from './ComparisonPanel';
import { DEFAULTS, type PanelOptions } from './options';
import { asTable, comparisonSamples, LLMD, NOW, VLLM } from './testing/frames';

const color = (name: string) => ({ text: name, border: name });
const mockTheme = {
  isDark: true,
  colors: {
    text: { primary: 'a', secondary: 'b', disabled: 'c' },
    background: { primary: 'e', secondary: 'f' },
    border: { weak: 'g', medium: 'h' },
    success: color('i'),
    warning: color('j'),
    error: color('k'),
    primary: color('l'),
  },
  typography: { fontFamily: 'sans-serif' },
  zIndex: { tooltip: 1 },
  visualization: { getColorByName: (name: string) => name },
} as unknown as GrafanaTheme2;

jest.mock('@grafana/ui', () => ({ useTheme2: () => mockTheme }));

const NO_OVERRIDES: FieldConfigSource = { defaults: {}, overrides: [] };
const whole = asTable(comparisonSamples([VLLM, LLMD]));

function props(
  state: string,
  series = whole,
  options: Partial<PanelOptions> = DEFAULTS,
): PanelProps<PanelOptions> {
  const timeRange = { from: { valueOf: () => NOW - 3_600_000 }, to: { valueOf: () => NOW } };
  return {
    data: { state, series, timeRange, errors: state === 'Error' ? [{ message: 'bad gateway' }] : undefined },
    width: 1200,
    height: 600,
    timeZone: 'utc',
    fieldConfig: NO_OVERRIDES,
    options,
    replaceVariables: (text: string) => text.replace('$turn', 'later'),
  } as unknown as PanelProps<PanelOptions>;
}

beforeEach(() => jest.spyOn(Date, 'now').mockReturnValue(NOW));
afterEach(() => {
  cleanup();
  jest.restoreAllMocks();
});

describe('ComparisonPanel', () => {
  test('draws the comparison from the frames that Grafana gives', () => {
    render(<ComparisonPanel {...props('Done')} />);
    expect(screen.getByRole('status').textContent).toContain('llm-d answers sooner');
  });

  test('says that it loads before the first data, and keeps the picture while the next loads', () => {
    const { rerender } = render(<ComparisonPanel {...props('Loading', [])} />);
    expect(screen.getByRole('status').textContent).toContain('Loading');
    rerender(<ComparisonPanel {...props('Done')} />);
    rerender(<ComparisonPanel {...props('Loading', [])} />);
    expect(screen.getByRole('status').textContent).toContain('llm-d answers sooner');
  });

  test('an error is an alert with its reason', () => {
    render(<ComparisonPanel {...props('Error', [])} />);
    expect(screen.getByRole('alert').textContent).toContain('bad gateway');
  });

  test('options that an older version stored are made whole', () => {
    render(<ComparisonPanel {...props('Done', whole, {})} />);
    expect(screen.getByRole('heading', { name: 'TTFT percentiles' })).toBeTruthy();
  });

  test('turns may be a variable of the dashboard', () => {
    render(<ComparisonPanel {...props('Done', whole, { ...DEFAULTS, turn: '$turn' as 'all' })} />);
    expect(screen.getAllByText(/P95 TTFT of later turns/).length).toBeGreaterThan(0);
  });

  test('an override of a field named like a target sets its colour', () => {
    const override = (options: unknown, value: unknown) => ({
      matcher: { id: 'byName', options },
      properties: [{ id: 'color', value }],
    });
    const fieldConfig = {
      defaults: {},
      overrides: [
        override('llm-d', { mode: 'fixed', fixedColor: 'purple' }),
        override('vllm', null),
        override(7, { fixedColor: 'red' }),
      ],
    } as FieldConfigSource;
    expect(colorsOf(fieldConfig)).toEqual({ 'llm-d': 'purple' });
  });
});
