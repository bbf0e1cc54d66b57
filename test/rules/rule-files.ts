import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CATALOGUE, type MetricSpec } from '../../exporter/src/publish/catalogue';
import type { LabelsOf } from './promql-labels';

const ROOT = join(__dirname, '../..');
export const RULES = join(ROOT, 'monitoring/rules');
export const RUNBOOKS = join(ROOT, 'monitoring/runbooks');

export interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export type Alert = Rule & {
  alert: string;
  annotations: Record<string, string>;
  labels: Record<string, string>;
};

const yamlIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();

export const ruleFiles: readonly string[] = yamlIn(RULES);

export const rules: readonly Rule[] = ruleFiles.flatMap((file) =>
  (
    parse(readFileSync(join(RULES, file), 'utf8')) as { groups: { name: string; rules: Rule[] }[] }
  ).groups.flatMap((group) => group.rules),
);

export const alerts = rules.filter((rule): rule is Alert => rule.alert !== undefined);
export const alertNames: readonly string[] = [...new Set(alerts.map(({ alert }) => alert))].sort();

export interface RuleTest {
  file: string;
  name: string;
  alert_rule_test?: {
    eval_time: string;
    alertname: string;
    exp_alerts?: { exp_labels: Record<string, string>; exp_annotations: Record<string, string> }[];
  }[];
  promql_expr_test?: { expr: string; exp_samples: unknown[] }[];
}

export const testFiles: readonly string[] = yamlIn(join(RULES, 'tests'));

export const ruleTests: readonly RuleTest[] = testFiles.flatMap((file) =>
  (parse(readFileSync(join(RULES, 'tests', file), 'utf8')) as { tests: RuleTest[] }).tests.map((one) => ({
    ...one,
    file,
  })),
);

/** Labels of a metric of the catalogue; a histogram has three names. */
function published(series: string): readonly string[] | null {
  const specs: Record<string, MetricSpec> = CATALOGUE;
  const [, base = '', suffix] = /^(.*?)(_bucket|_sum|_count)?$/.exec(series) ?? [];
  if (suffix !== undefined && specs[base]?.type === 'histogram') {
    return suffix === '_bucket' ? [...specs[base].labels, 'le'] : specs[base].labels;
  }
  const spec = specs[series];
  return spec === undefined || spec.type === 'histogram' ? null : spec.labels;
}

/** What a recorded series is split by stands in its name: `target_turn:taillight_…_bucket:rate5m`. */
export function recordedLabels(record: string): string[] {
  const [level = '', metric = ''] = record.split(':');
  return [...level.split('_'), ...(metric.endsWith('_bucket') ? ['le'] : [])].sort();
}

const recorded = new Map(rules.flatMap(({ record }) => (record ? [[record, recordedLabels(record)]] : [])));

/** Series that rules may use: those of the exporter, what the rules record, and `up`. */
export const labelsOf: LabelsOf = (series) => {
  const labels = series === 'up' ? [] : (recorded.get(series) ?? published(series));
  return labels === null ? null : new Set(labels);
};

/** Queries in the templates of an annotation, with something in place of their parameters. */
export function queriesIn(template: string): string[] {
  return [...template.matchAll(/(?:printf|query) "((?:[^"\\]|\\.)*)"(?! *\}\}| *\|(?! *query))[^}]*?/g)]
    .map(([, text = '']) => text.replaceAll('\\"', '"').replaceAll('%q', '"x"'))
    .filter((text) => !text.startsWith('%'));
}
