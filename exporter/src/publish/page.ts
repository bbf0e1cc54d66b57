import { Registry, type RegistryContentType } from 'prom-client';
import { CATALOGUE, type MetricName } from './catalogue';

/** One sample of a gauge or counter; the value is as of now, nothing remembers it. */
export interface Row {
  metric: MetricName;
  labels: Record<string, string>;
  value: number;
}

/** One cumulative histogram that somebody else counted. */
export interface HistogramRow {
  metric: MetricName;
  labels: Record<string, string>;
  buckets: { le: number; count: number }[];
  count: number;
  sum: number;
}

export type PageFormat = 'text' | 'openmetrics';

export const CONTENT_TYPES: Record<PageFormat, RegistryContentType> = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
};

/** An empty registry that prints the given format. */
export function registryFor(format: PageFormat): Registry<RegistryContentType> {
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(CONTENT_TYPES[format]);
  return registry;
}

/** The part of a prom-client metric that a registry needs to print it. */
interface Printable {
  name: string;
  type: string;
  get(): Promise<Printed>;
  getForPromString?(): Promise<Printed>;
}

interface Printed {
  name: string;
  help: string;
  type: string;
  values: unknown[];
  aggregator: string;
}

function bucketLabel(le: number): string {
  return le === Infinity ? '+Inf' : String(le);
}

function histogramValues({ metric, labels, buckets, count, sum }: HistogramRow): unknown[] {
  const values: unknown[] = buckets.map(({ le, count: upTo }) => ({
    metricName: `${metric}_bucket`,
    labels: { ...labels, le: bucketLabel(le) },
    value: upTo,
  }));
  values.push({ metricName: `${metric}_sum`, labels, value: sum });
  values.push({ metricName: `${metric}_count`, labels, value: count });
  return values;
}

/** prom-client strips `_total` from the name of a counter before it prints OpenMetrics; the name must follow that. */
function printable(format: PageFormat, name: MetricName, values: () => Promise<unknown[]>): Printable {
  const { help, type: declared } = CATALOGUE[name];
  const type = declared === 'untyped' && format === 'openmetrics' ? 'unknown' : declared;
  const metric: Printable = {
    name,
    type,
    get: async () => ({ name: metric.name, help, type, values: await values(), aggregator: 'sum' }),
  };
  return metric;
}

/** A long-lived metric behind a name of its own: the rename above would otherwise stick and change the next text page. */
function shielded(format: PageFormat, name: MetricName, metric: Printable): Printable {
  return printable(format, name, async () => (await (metric.getForPromString?.() ?? metric.get())).values);
}

/** A series stands on a page once, or readers refuse the page as a whole: of two rows with the same labels the first holds. */
function grouped(rows: Row[], histograms: HistogramRow[]): Map<MetricName, unknown[]> {
  const groups = new Map<MetricName, unknown[]>();
  const seen = new Set<string>();
  const add = ({ metric, labels }: Row | HistogramRow, values: unknown[]) => {
    const series = JSON.stringify([metric, labels]);
    if (seen.has(series)) return;
    seen.add(series);
    const group = groups.get(metric);
    if (group) group.push(...values);
    else groups.set(metric, values);
  };
  for (const row of rows) add(row, [{ labels: row.labels, value: row.value }]);
  for (const row of histograms) add(row, histogramValues(row));
  return groups;
}

/**
 * Prints one page: the long-lived metrics of `registry` plus rows that are true only now. A fresh registry per page is what
 * lets the series of a replica vanish with it. Families come in the order of the catalogue.
 */
export async function printPage(
  format: PageFormat,
  registry: Registry<RegistryContentType>,
  rows: Row[],
  histograms: HistogramRow[],
): Promise<string> {
  const page = registryFor(format);
  const groups = grouped(rows, histograms);
  for (const name of Object.keys(CATALOGUE) as MetricName[]) {
    const lasting = registry.getSingleMetric(name) as unknown as Printable | undefined;
    const values = groups.get(name);
    if (lasting) register(page, shielded(format, name, lasting));
    else if (values)
      register(
        page,
        printable(format, name, () => Promise.resolve(values)),
      );
  }
  return page.metrics();
}

function register(page: Registry<RegistryContentType>, metric: Printable): void {
  // The types of prom-client ask for its own classes; its code asks for what Printable has.
  (page.registerMetric as (metric: unknown) => void).call(page, metric);
}
