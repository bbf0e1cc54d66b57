import type { Family } from './vllm-families';

/**
 * Metric pages as their originals write them: the Python client (vLLM: floats with a point, `_created` gauges, `le` sorted
 * among the labels) and the Go client (llm-d's endpoint picker: shortest numbers, `le` last).
 */
export type Dialect = 'python' | 'go';

export type Labels = Readonly<Record<string, string>>;

export class Histogram {
  readonly counts: Float64Array;
  sum = 0;

  /** @param bounds ascending upper bounds, without +Inf. */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let i = 0;
    while (i < this.bounds.length && value > (this.bounds[i] ?? Infinity)) i++;
    this.counts[i] = (this.counts[i] ?? 0) + 1;
    this.sum += value;
  }

  get count(): number {
    return this.counts.reduce((total, count) => total + count, 0);
  }
}

export class Child {
  value = 0;
  /** Summaries without quantiles: observations. */
  count = 0;
  readonly histogram: Histogram | null;

  constructor(
    readonly labels: Labels,
    readonly created: number,
    bounds: readonly number[] | null,
  ) {
    this.histogram = bounds === null ? null : new Histogram(bounds);
  }

  observe(value: number): void {
    this.histogram?.observe(value);
  }
}

/** A metric family with its children by label set, in order of their first use. */
export class MetricFamily {
  private readonly byKey = new Map<string, Child>();

  constructor(
    readonly family: Family,
    private readonly bounds: readonly number[] | null = null,
  ) {}

  /** Finds or makes the child with these labels (always passed in the same order of names). */
  child(labels: Labels): Child {
    const key = Object.values(labels).join('\u0000');
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const child = new Child(labels, Date.now() / 1000, this.bounds);
    this.byKey.set(key, child);
    return child;
  }

  get children(): Child[] {
    return [...this.byKey.values()];
  }

  clear(): void {
    this.byKey.clear();
  }
}

/** Python's `repr(float)`, with the client's own exponent form for large numbers (`4.53e+09`, and `1.93e+010`, its quirk). */
export function pythonNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  if (value !== 0 && Math.abs(value) < 1e-4) return twoDigitExponent(value.toExponential());
  const text = Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
  const dot = text.indexOf('.');
  if (value > 0 && dot > 6 && !text.includes('e')) {
    const mantissa = `${text[0]}.${text.slice(1, dot)}${text.slice(dot + 1)}`.replace(/[0.]+$/, '');
    return `${mantissa}e+0${dot - 1}`;
  }
  return twoDigitExponent(text);
}

/** Go's `strconv.FormatFloat(v, 'g', -1, 64)`: the shortest digits, with an exponent from a million on. */
export function goNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-4 && size < 1e6)) return String(value);
  return twoDigitExponent(value.toExponential());
}

function twoDigitExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function labelText(labels: Labels, le: string | null, dialect: Dialect): string {
  const pairs: [string, string][] = Object.entries(labels);
  if (le !== null && dialect === 'python') pairs.push(['le', le]);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  if (le !== null && dialect === 'go') pairs.push(['le', le]);
  if (pairs.length === 0) return '';
  const escaped = (value: string) => value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
  return `{${pairs.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`;
}

function sampleLines(metric: MetricFamily, child: Child, dialect: Dialect): string[] {
  const { name, type } = metric.family;
  const number = dialect === 'python' ? pythonNumber : goNumber;
  const labels = labelText(child.labels, null, dialect);
  if (type === 'summary') {
    return [`${name}_count${labels} ${number(child.count)}`, `${name}_sum${labels} ${number(child.value)}`];
  }
  const { histogram } = child;
  if (histogram === null) return [`${name}${labels} ${number(child.value)}`];
  let cumulative = 0;
  const lines = [...histogram.bounds, Infinity].map((bound, i) => {
    cumulative += histogram.counts[i] ?? 0;
    return `${name}_bucket${labelText(child.labels, number(bound), dialect)} ${number(cumulative)}`;
  });
  const totals = [
    `${name}_count${labels} ${number(cumulative)}`,
    `${name}_sum${labels} ${number(histogram.sum)}`,
  ];
  return [...lines, ...(dialect === 'python' ? totals : totals.reverse())];
}

/** The whole page. Families of the Go client appear with their first child, those of the Python client always. */
export function renderPage(metrics: readonly MetricFamily[], dialect: Dialect): string {
  const lines: string[] = [];
  for (const metric of metrics) {
    const { name, type, help } = metric.family;
    const { children } = metric;
    if (children.length === 0 && dialect === 'go') continue;
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const child of children) lines.push(...sampleLines(metric, child, dialect));
    if (dialect === 'python' && type !== 'gauge' && children.length > 0 && hasCreated(name)) {
      const created = `${name.replace(/_total$/, type === 'counter' ? '' : '_total')}_created`;
      lines.push(`# HELP ${created} ${help}`, `# TYPE ${created} gauge`);
      for (const child of children) {
        lines.push(`${created}${labelText(child.labels, null, dialect)} ${pythonNumber(child.created)}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The client's own process and interpreter collectors make their samples anew each time and know no creation time. */
function hasCreated(name: string): boolean {
  return !name.startsWith('python_') && !name.startsWith('process_');
}
