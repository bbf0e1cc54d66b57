/** @jest-environment jsdom */
import React from 'react';
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { prepare } from '../data/prepare';
import { completeOptions, type PanelOptions } from '../options';
import {
  asInstant,
  asTable,
  comparisonSamples,
  context,
  historyFrames,
  LLMD,
  VLLM,
  type TargetSpec,
} from '../testing/frames';
import { TOKENS } from '../testing/tokens';
import { ComparisonView } from './ComparisonView';

interface Wanted {
  specs?: TargetSpec[];
  verdict?: string | null;
  size?: [number, number];
  options?: Partial<PanelOptions>;
}

function element({ specs = [VLLM, LLMD], verdict = null, size = [1600, 700], options = {} }: Wanted = {}) {
  const whole = completeOptions(options);
  const frames = [...asTable(comparisonSamples(specs, verdict)), ...historyFrames(specs)];
  const prepared = prepare(frames, whole, context());
  if (prepared.kind !== 'view') throw new Error(prepared.title);
  const [width, height] = size;
  return (
    <ComparisonView
      view={prepared.view}
      options={whole}
      width={width}
      height={height}
      tokens={TOKENS}
      timeZone="utc"
    />
  );
}

const show = (wanted: Wanted = {}) => render(element(wanted));
const titles = () => screen.getAllByRole('heading', { level: 3 }).map((one) => one.textContent);

afterEach(cleanup);

describe('ComparisonView', () => {
  test('says the verdict first, announced when it changes, with its numbers', () => {
    show();
    expect(screen.getByRole('status').textContent).toBe('llm-d answers sooner');
    const verdict = screen.getByRole('region', { name: 'Verdict' });
    expect(within(verdict).getByRole('heading', { level: 2 }).textContent).toBe('llm-d answers sooner');
    expect(verdict.textContent).toContain('P95 TTFT 270 ms vs 745 ms, 64 % less (58–68 %), n = 440 + 440');
    expect(within(verdict).getByRole('img', { name: 'better' })).toBeTruthy();
  });

  test('draws every section on a large panel and the most telling on smaller ones', () => {
    const { rerender } = show();
    expect(titles()).toEqual([
      'TTFT percentiles',
      'P95 TTFT over time',
      'Cache hit rate',
      'Balance over replicas',
      'TTFT by turn',
      'Everything else',
    ]);
    rerender(element({ size: [420, 332] }));
    expect(titles()).toEqual(['TTFT percentiles']);
    expect(screen.getByText(/^No room for Cache hit rate, .+: enlarge the panel\.$/)).toBeTruthy();
    rerender(element({ size: [368, 124] }));
    expect(screen.queryAllByRole('heading', { level: 3 })).toEqual([]);
    expect(screen.getByRole('group', { name: 'P95 TTFT' }).textContent).toBe('vllm745 msllm-d270 ms');
  });

  test('every mark carries its numbers in its name', () => {
    show();
    const forest = screen.getByRole('group', { name: /TTFT percentiles/ });
    expect(
      within(forest).getByRole('img', {
        name: 'llm-d: P95 TTFT, all turns, estimate 270 ms, 95 % interval 235 ms to 316 ms, requests 440',
      }),
    ).toBeTruthy();
    const rates = screen.getByRole('group', { name: 'Cache hit rate' });
    expect(
      within(rates).getByRole('img', { name: /^llm-d: cache hit rate, measured, all traffic 83 %/ }),
    ).toBeTruthy();
    const balance = screen.getByRole('group', { name: 'Balance over replicas' });
    expect(
      within(balance).getByRole('img', { name: 'vllm, replica vllm-2, GPU activity 60 %' }),
    ).toBeTruthy();
  });

  test('the keyboard enters a chart once, walks its marks and shows their tooltips; Escape hides them', () => {
    show();
    const forest = screen.getByRole('group', { name: /TTFT percentiles/ });
    const marks = within(forest).getAllByRole('img');
    expect(marks.filter((one) => one.getAttribute('tabindex') === '0')).toHaveLength(1);
    act(() => marks[0]!.focus());
    expect(screen.getByRole('tooltip').textContent).toContain('vllm: P50 TTFT, all turns');
    fireEvent.keyDown(marks[0]!, { key: 'ArrowRight' });
    expect(document.activeElement).toBe(marks[1]);
    expect(screen.getByRole('tooltip').textContent).toContain('llm-d: P50 TTFT, all turns');
    fireEvent.keyDown(marks[1]!, { key: 'Escape' });
    expect(screen.queryByRole('tooltip')).toBeNull();
  });

  test('a line chart is read with the arrow keys, its value is spoken', () => {
    show();
    const slider = screen.getByRole('slider', { name: /P95 TTFT over time/ });
    const before = slider.getAttribute('aria-valuetext')!;
    expect(before).toMatch(/^01 Jun, 12:00, vllm \d+ ms \(.+\), llm-d \d+ ms/);
    act(() => slider.focus());
    fireEvent.keyDown(slider, { key: 'Home' });
    expect(slider.getAttribute('aria-valuetext')).toMatch(/^01 Jun, 11:00/);
    expect(screen.getByRole('tooltip').textContent).toContain('01 Jun, 11:00');
  });

  test('too few requests are said in words', () => {
    show({
      specs: [
        { ...VLLM, samples: 60 },
        { ...LLMD, samples: 60 },
      ],
    });
    expect(screen.getByRole('region', { name: 'Verdict' }).textContent).toContain('P95 needs 72 requests');
    expect(screen.getAllByText('n too small').length).toBeGreaterThan(0);
    expect(screen.getAllByRole('img', { name: /n too small: P95 needs 72 requests/ }).length).toBe(2 * 3);
  });

  test('caveats are chips with the whole sentence; on a tiny panel they are counted, not dropped', () => {
    const specs = [VLLM, { ...LLMD, caveats: ['imbalanced', 'warm_cache'] }];
    const { rerender } = show({ specs });
    const list = screen.getByRole('list', { name: 'Caveats' });
    expect(
      within(list)
        .getAllByRole('listitem')
        .map((one) => one.textContent),
    ).toEqual(['llm-d: imbalanced', 'llm-d: warm cache']);
    expect(within(list).getByRole('img', { name: /work is spread unevenly over the replicas/ })).toBeTruthy();
    rerender(element({ specs, size: [368, 124] }));
    expect(screen.getByText('2 caveats').getAttribute('aria-label')).toContain('the cache was warm');
  });

  test('a target that is down is marked in the figures, too', () => {
    show({ specs: [VLLM, { ...LLMD, up: false }] });
    expect(screen.getByRole('status').textContent).toContain('llm-d does not answer');
    expect(screen.getByText('down')).toBeTruthy();
  });

  test('what is worse is marked by a word, not by colour alone', () => {
    show({ specs: [VLLM, { ...LLMD, ttft: 0.7 }] });
    const row = screen.getByRole('row', { name: /P99 TTFT/ });
    expect(row.textContent).toBe('P99 TTFT1.19 s3.02 s ▲ worse');
  });

  test('sections without data say why', () => {
    const whole = completeOptions({});
    const prepared = prepare(asTable(comparisonSamples([VLLM, LLMD])), whole, context());
    if (prepared.kind !== 'view') throw new Error(prepared.title);
    render(
      <ComparisonView
        view={prepared.view}
        options={whole}
        width={1600}
        height={700}
        tokens={TOKENS}
        timeZone="utc"
      />,
    );
    expect(
      screen.getByText('No history: add a range query of taillight_comparison_ttft_seconds.'),
    ).toBeTruthy();
  });

  test('a replica is a link where the panel has a data link', () => {
    const options = completeOptions({});
    const frames = asInstant(comparisonSamples([VLLM, LLMD]));
    for (const { fields } of frames) {
      const value = fields[1]!;
      if (value.labels?.['__name__'] !== 'taillight_replica_up') continue;
      const href = `/d/replica?var-replica=${value.labels['replica']}`;
      value.getLinks = () => [{ href, title: 'Replica row', target: '_self', origin: value }];
    }
    const prepared = prepare(frames, options, context());
    if (prepared.kind !== 'view') throw new Error(prepared.title);
    render(
      <ComparisonView
        view={prepared.view}
        options={options}
        width={1600}
        height={700}
        tokens={TOKENS}
        timeZone="utc"
      />,
    );
    const link = screen.getByRole('link', { name: 'llm-d, replica llm-d-2, GPU activity 62 %, Replica row' });
    expect(link.getAttribute('href')).toBe('/d/replica?var-replica=llm-d-2');
  });

  test('64 replicas and the objective are drawn', () => {
    show({
      specs: [
        { ...VLLM, replicas: 64 },
        { ...LLMD, replicas: 64 },
      ],
      options: { slo: 0.5 },
    });
    const balance = screen.getByRole('group', { name: 'Balance over replicas' });
    expect(within(balance).getAllByRole('img')).toHaveLength(128);
    expect(screen.getByText('objective 500 ms')).toBeTruthy();
  });
});
