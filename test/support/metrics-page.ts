import { request } from 'undici';
import { ExpositionParser } from '../../exporter/src/scrape/exposition';

export const ACCEPT = {
  text: 'text/plain; version=0.0.4',
  openmetrics: 'application/openmetrics-text; version=1.0.0',
} as const;

export interface MetricsPage {
  text: string;
  contentType: string;
  /** Declared families in the order of the page. */
  families: { name: string; type: string; help: string }[];
  /** Sample names, with `_bucket`, `_total` …. */
  names: string[];
  series(name: string, labels?: Record<string, string>): { labels: Record<string, string>; value: number }[];
  /** The value of the one series with these labels (others may be there too); null when there is none. */
  value(name: string, labels?: Record<string, string>): number | null;
  /** The sum over the series with these labels, 0 when there is none. */
  sum(name: string, labels?: Record<string, string>): number;
}

/** Reads a page with Taillight's own parser; HELP lines, which it passes over, by a plain search. */
export function readMetricsPage(text: string, contentType: string): MetricsPage {
  const parsed = new ExpositionParser().parse(text, contentType);
  if (!parsed.ok) throw new Error(`the page does not parse: ${parsed.detail}`);
  const { page } = parsed;
  const helps = new Map(
    [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', help = '']): [string, string] => [
      name,
      help.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
    ]),
  );
  const series: MetricsPage['series'] = (name, labels = {}) =>
    page
      .samples(name)
      .map((sample) => ({ labels: Object.fromEntries(sample.labels), value: sample.value }))
      .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value));
  return {
    text,
    contentType,
    families: [...page.types()].map(([name, type]) => ({ name, type, help: helps.get(name) ?? '' })),
    names: [...page.names()],
    series,
    value: (name, labels) => {
      const found = series(name, labels);
      if (found.length > 1) throw new Error(`${name} ${JSON.stringify(labels)} names ${found.length} series`);
      return found[0]?.value ?? null;
    },
    sum: (name, labels) => series(name, labels).reduce((sum, { value }) => sum + value, 0),
  };
}

export async function fetchMetricsPage(
  url: string,
  format: keyof typeof ACCEPT = 'text',
): Promise<MetricsPage> {
  const answer = await request(url, { headers: { accept: ACCEPT[format] } });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}: ${text}`);
  return readMetricsPage(text, String(answer.headers['content-type']));
}
