import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** The labels of a series by its name; null: there is no such series. */
export type LabelsOf = (series: string) => ReadonlySet<string> | null;

/** Given by Prometheus to every series that it scrapes, not to those that rules record. */
const SCRAPED = ['job', 'instance'];

interface Walk {
  text: string;
  labelsOf: LabelsOf;
  problems: string[];
}

/**
 * What is wrong with an expression: it does not parse; a series does not exist; a matcher, a `by` or an `on` names a label that
 * the series there do not have (PromQL takes it as an empty one, and the result is silently wrong).
 */
export function promqlProblems(text: string, labelsOf: LabelsOf): string[] {
  const walk: Walk = { text, labelsOf, problems: [] };
  const top = parser.parse(text).topNode;
  let broken = top.firstChild === null;
  top.cursor().iterate(({ type }) => void (broken ||= type.isError));
  if (broken) return [`does not parse: ${text}`];
  labelSet(top.firstChild!, walk);
  return walk.problems;
}

/** Labels of the answer to an expression; throws where it does not parse. */
export function promqlLabels(text: string, labelsOf: LabelsOf): string[] {
  const problems = promqlProblems(text, labelsOf);
  if (problems.length > 0) throw new Error(problems.join('; '));
  const walk: Walk = { text, labelsOf, problems: [] };
  return [...labelSet(parser.parse(text).topNode.firstChild!, walk)].sort();
}

const slice = ({ text }: Walk, { from, to }: SyntaxNode) => text.slice(from, to);

function all(name: string, from: SyntaxNode | null): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  from?.cursor().iterate(({ node }) => {
    if (node.name === name) found.push(node);
  });
  return found;
}

const EXPRESSIONS =
  /^(VectorSelector|MatrixSelector|OffsetExpr|SubqueryExpr|AggregateExpr|BinaryExpr|FunctionCall|ParenExpr|UnaryExpr|NumberDurationLiteral|StringLiteral)$/;

function inside(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (EXPRESSIONS.test(child.name)) children.push(child);
    if (child.name === 'FunctionCallBody') children.push(...inside(child));
  }
  return children;
}

const named = (walk: Walk, clause: SyntaxNode | null) =>
  all('LabelName', clause?.getChild('GroupingLabels') ?? null).map((node) => slice(walk, node));

function lacking(walk: Walk, labels: readonly string[], known: ReadonlySet<string>, where: SyntaxNode): void {
  for (const label of labels) {
    if (!known.has(label)) walk.problems.push(`no label ${label} in: ${slice(walk, where)}`);
  }
}

function labelSet(node: SyntaxNode, walk: Walk): ReadonlySet<string> {
  switch (node.name) {
    case 'VectorSelector':
      return selector(node, walk);
    case 'AggregateExpr':
      return aggregate(node, walk);
    case 'BinaryExpr':
      return binary(node, walk);
    case 'FunctionCall':
      return call(node, walk);
    case 'NumberDurationLiteral':
    case 'StringLiteral':
      return new Set();
    default: {
      const sets = inside(node).map((child) => labelSet(child, walk));
      return sets[0] ?? new Set();
    }
  }
}

function selector(node: SyntaxNode, walk: Walk): ReadonlySet<string> {
  const identifier = node.getChild('Identifier');
  const name = identifier === null ? '' : slice(walk, identifier);
  const known = walk.labelsOf(name);
  if (known === null) walk.problems.push(`no series ${name || slice(walk, node)}`);
  const labels = new Set([...(known ?? []), ...(name.includes(':') ? [] : SCRAPED)]);
  const matched = all('LabelName', node.getChild('LabelMatchers')).map((label) => slice(walk, label));
  if (known !== null) lacking(walk, matched, labels, node);
  return labels;
}

function aggregate(node: SyntaxNode, walk: Walk): ReadonlySet<string> {
  const sets = inside(node).map((child) => labelSet(child, walk));
  const modifier = node.getChild('AggregateModifier');
  if (modifier !== null && modifier.getChild('Without') !== null)
    walk.problems.push(`without: ${slice(walk, node)}`);
  const by = named(walk, modifier);
  lacking(walk, by, sets.at(-1) ?? new Set(), node);
  return new Set(by);
}

function call(node: SyntaxNode, walk: Walk): ReadonlySet<string> {
  const name = slice(walk, node.getChild('FunctionIdentifier')!);
  const labels = new Set(
    inside(node)
      .map((child) => labelSet(child, walk))
      .flatMap((set) => [...set]),
  );
  if (name === 'histogram_quantile') {
    lacking(walk, ['le'], labels, node);
    labels.delete('le');
  }
  return ['vector', 'time', 'absent', 'scalar'].includes(name) ? new Set() : labels;
}

const SET_OPERATORS = ['And', 'Unless', 'Or'];

function binary(node: SyntaxNode, walk: Walk): ReadonlySet<string> {
  const [left, right] = inside(node) as [SyntaxNode, SyntaxNode];
  const [ours, theirs] = [labelSet(left, walk), labelSet(right, walk)];
  const clause = node.getChild('MatchingModifierClause');
  if (clause !== null && clause.getChild('On') !== null) {
    const on = named(walk, clause);
    lacking(walk, on, ours, left);
    lacking(walk, on, theirs, right);
    const isSet = SET_OPERATORS.some((operator) => node.getChild(operator) !== null);
    return isSet ? ours : new Set(on);
  }
  const scalar = (side: SyntaxNode) => all('VectorSelector', side).length === 0;
  if (scalar(left)) return theirs;
  if (!scalar(right) && [...ours].sort().join() !== [...theirs].sort().join()) {
    walk.problems.push(`sides with other labels and no on(): ${slice(walk, node)}`);
  }
  return ours;
}
