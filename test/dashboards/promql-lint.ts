import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode } from '@lezer/common';
import { CATALOGUE, type MetricSpec } from '../../exporter/src/publish/catalogue';

/** Not of the exporter, and used all the same. */
const FOREIGN: Record<string, MetricSpec> = {
  ALERTS: { type: 'gauge', help: '', labels: ['alertname', 'alertstate', 'severity', 'target'] },
};

const SPECS: Record<string, MetricSpec> = { ...FOREIGN, ...CATALOGUE };

interface Known {
  spec: MetricSpec;
  counts: boolean;
  labels: string[];
}

/** The metric behind the name of a series: histograms have three names. */
export function metricOf(name: string): (Known & { metric: string }) | null {
  const match = /^(.*?)(_bucket|_sum|_count)?$/.exec(name);
  const [, base = '', suffix] = match ?? [];
  const histogram = SPECS[base];
  if (suffix !== undefined && histogram?.type === 'histogram') {
    const labels = suffix === '_bucket' ? [...histogram.labels, 'le'] : [...histogram.labels];
    return { metric: base, spec: histogram, counts: true, labels };
  }
  const spec = SPECS[name];
  if (spec === undefined || spec.type === 'histogram') return null;
  return { metric: name, spec, counts: spec.type === 'counter', labels: [...spec.labels] };
}

export interface Selector {
  metric: string | null;
  matchers: { label: string; op: string; value: string }[];
  /** Function around the selector with its range, if any. */
  rangeFunction: string | null;
}

export class Expression {
  private readonly top: SyntaxNode;

  constructor(readonly text: string) {
    this.top = parser.parse(text).topNode;
  }

  private slice = (node: SyntaxNode) => this.text.slice(node.from, node.to);

  private all(name: string, from: SyntaxNode = this.top): SyntaxNode[] {
    const found: SyntaxNode[] = [];
    from.cursor().iterate((cursor) => {
      if (cursor.name === name) found.push(cursor.node);
    });
    return found;
  }

  parses(): boolean {
    return this.all('⚠').length === 0 && this.top.firstChild !== null;
  }

  functions(): string[] {
    return this.all('FunctionIdentifier').map(this.slice);
  }

  private selectorOf(node: SyntaxNode): Selector {
    const name = node.getChild('Identifier');
    const matchers = this.all('UnquotedLabelMatcher', node).map((matcher) => ({
      label: this.slice(matcher.getChild('LabelName')!),
      op: this.slice(matcher.getChild('MatchOp')!),
      value: this.slice(matcher.getChild('StringLiteral')!).slice(1, -1),
    }));
    let up = node.parent;
    let ranged = false;
    while (up !== null && ['MatrixSelector', 'OffsetExpr', 'FunctionCallBody'].includes(up.name)) {
      ranged ||= up.name === 'MatrixSelector';
      up = up.parent;
    }
    const call = ranged && up?.name === 'FunctionCall' ? up.getChild('FunctionIdentifier') : null;
    return {
      metric: name === null ? null : this.slice(name),
      matchers,
      rangeFunction: call === null ? null : this.slice(call),
    };
  }

  selectors(from: SyntaxNode = this.top): Selector[] {
    return this.all('VectorSelector', from).map((node) => this.selectorOf(node));
  }

  /** Labels of every `by (…)`, with the selectors below it. */
  groupings(): { labels: string[]; selectors: Selector[] }[] {
    return this.all('AggregateExpr').map((node) => ({
      labels: this.byOf(node),
      selectors: this.selectors(node),
    }));
  }

  private byOf(aggregate: SyntaxNode): string[] {
    const grouping = aggregate.getChild('AggregateModifier')?.getChild('GroupingLabels') ?? null;
    return grouping === null ? [] : this.all('LabelName', grouping).map(this.slice);
  }

  /** What each histogram_quantile is taken of: the operator and labels of the aggregation inside. */
  quantiles(): { aggregation: string | null; by: string[] }[] {
    return this.all('FunctionCall')
      .filter((call) => this.slice(call.getChild('FunctionIdentifier')!) === 'histogram_quantile')
      .map((call) => {
        const inner = call.getChild('FunctionCallBody')!.getChild('AggregateExpr');
        if (inner === null) return { aggregation: null, by: [] };
        return { aggregation: this.slice(inner.getChild('AggregateOp')!), by: this.byOf(inner) };
      });
  }

  /** Both sides of every division: whether they are made of rates; null for a number. */
  divisions(): [boolean | null, boolean | null][] {
    const isRate = (side: SyntaxNode) => {
      const selectors = this.selectors(side);
      if (selectors.length === 0) return null;
      return selectors.every(({ rangeFunction }) => ['rate', 'increase'].includes(rangeFunction ?? ''));
    };
    return this.all('BinaryExpr')
      .filter((node) => node.getChild('Div') !== null)
      .map((node) => [isRate(node.firstChild!), isRate(node.lastChild!)]);
  }

  /** Whether there can be an answer where these metrics do not exist: one side of an `or` is enough. */
  answers(missing: ReadonlySet<string>, node: SyntaxNode = this.top): boolean {
    if (node.name === 'BinaryExpr' && node.getChild('Or') !== null)
      return this.answers(missing, node.firstChild!) || this.answers(missing, node.lastChild!);
    if (node.name === 'VectorSelector') {
      const { metric } = this.selectorOf(node);
      return metric === null || !missing.has(metricOf(metric)?.metric ?? metric);
    }
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (!this.answers(missing, child)) return false;
    }
    return true;
  }

  /** Labels that the answer has; null where they are whatever the series have. */
  labels(node: SyntaxNode = this.top.firstChild!): string[] | null {
    const first = node.firstChild;
    switch (node.name) {
      case 'AggregateExpr':
        return this.byOf(node);
      case 'ParenExpr':
        return this.labels(first!);
      case 'FunctionCall': {
        if (this.slice(first!) !== 'histogram_quantile') return null;
        const inner = node.getChild('FunctionCallBody')!.getChild('AggregateExpr');
        return inner === null ? null : this.byOf(inner).filter((label) => label !== 'le');
      }
      case 'BinaryExpr': {
        const left = this.labels(first!);
        return this.selectors(first!).length > 0 ? left : this.labels(node.lastChild!);
      }
      case 'NumberDurationLiteral':
        return [];
      default:
        return null;
    }
  }
}
