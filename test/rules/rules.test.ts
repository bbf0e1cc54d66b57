import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { THRESHOLDS } from '../../exporter/src/compare/thresholds';
import { CAVEAT_REASONS } from '../../exporter/src/model/caveat';
import { minimumSamples } from '../../exporter/src/stats/enough';
import { buildObjects } from '../support/kustomize';
import { promqlLabels, promqlProblems } from './promql-labels';
import {
  alertNames,
  alerts,
  labelsOf,
  queriesIn,
  recordedLabels,
  RULES,
  ruleFiles,
  rules,
  ruleTests,
  RUNBOOKS,
} from './rule-files';

/** The one place where runbooks are found by whoever gets an alert. */
const RUNBOOK_BASE = 'https://github.com/taillight-llm/taillight/blob/main/monitoring/runbooks/';

test('every expression parses and uses series and labels that exist', () => {
  expect(rules.flatMap(({ expr }) => promqlProblems(expr, labelsOf))).toEqual([]);
});

test('so does every query in an annotation', () => {
  const queries = alerts.flatMap(({ annotations }) => Object.values(annotations).flatMap(queriesIn));
  expect(queries.length).toBeGreaterThan(20);
  expect(queries.flatMap((query) => promqlProblems(query, labelsOf))).toEqual([]);
});

test('a label that is misspelt, a series that is gone and a forgotten on() are found', () => {
  const wrong = (expr: string) => promqlProblems(expr, labelsOf);
  expect(wrong('max by (targt) (taillight_target_up)')).toHaveLength(1);
  expect(wrong('taillight_target_up{target="a", replica="b"}')).toHaveLength(1);
  expect(wrong('rate(taillight_probe_ttft_seconds[5m])')).toEqual(['no series taillight_probe_ttft_seconds']);
  expect(wrong('taillight_target_up and on (replica) taillight_replica_up')).toHaveLength(1);
  expect(wrong('taillight_target_up == 1 and taillight_replica_up == 1')).toHaveLength(1);
  expect(
    wrong('histogram_quantile(0.9, sum by (target) (rate(taillight_probe_e2e_seconds_bucket[5m])))'),
  ).toHaveLength(1);
  expect(wrong('taillight_target_up ==')).toHaveLength(1);
});

test('recorded series bear the labels that stand in their names', () => {
  const recorded = rules.filter(({ record }) => record !== undefined);
  for (const { record = '', expr, labels = {} } of recorded) {
    const told = [...new Set([...promqlLabels(expr, labelsOf), ...Object.keys(labels)])].sort();
    expect([record, told]).toEqual([record, recordedLabels(record)]);
  }
});

test('every alert has its name, severity, patience, words and links', () => {
  expect(alertNames).toHaveLength(21);
  for (const { alert, labels, annotations, for: patience } of alerts) {
    expect(alert).toMatch(/^Taillight[A-Z]/);
    expect(Object.keys(labels)).toEqual(['severity']);
    expect(['critical', 'warning', 'info']).toContain(labels['severity']);
    expect(patience).toMatch(/^\d+[mh]$/);
    expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook_url', 'dashboard_url']);
    expect(annotations['runbook_url']).toBe(`${RUNBOOK_BASE}${alert}.md`);
    expect(annotations['dashboard_url']).toMatch(/^\/d\/(llm-performance|llm-replica)(\?var-[a-z]+=|$)/);
    expect(existsSync(join(RUNBOOKS, `${alert}.md`))).toBe(true);
  }
});

test('labels in annotations are those that the alert has', () => {
  for (const { alert, expr, annotations } of alerts) {
    const told = promqlLabels(expr, labelsOf);
    const used = Object.values(annotations).flatMap((text) =>
      [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label),
    );
    expect([alert, [...new Set(used)].filter((label) => !told.includes(label!))]).toEqual([alert, []]);
  }
});

test('every alert, at every severity, is seen to fire with its exact words', () => {
  const fired = ruleTests.flatMap(({ alert_rule_test = [] }) =>
    alert_rule_test.flatMap(({ alertname, exp_alerts = [] }) =>
      exp_alerts.map(({ exp_labels, exp_annotations }) => {
        expect(Object.keys(exp_annotations)).toEqual([
          'summary',
          'description',
          'runbook_url',
          'dashboard_url',
        ]);
        expect(exp_annotations['description']).not.toMatch(/<no value>|error expanding|NaN|Inf\b/);
        return `${alertname} ${exp_labels['severity']}`;
      }),
    ),
  );
  const wanted = alerts.map(({ alert, labels }) => `${alert} ${labels['severity']}`);
  expect([...new Set(fired)].sort()).toEqual([...wanted].sort());
});

test('every alert has at least two tests of its own in which it never fires', () => {
  const silent = (name: string) =>
    ruleTests.filter(({ alert_rule_test = [] }) => {
      const own = alert_rule_test.filter(({ alertname }) => alertname === name);
      return own.length > 0 && own.every(({ exp_alerts = [] }) => exp_alerts.length === 0);
    }).length;
  expect(alertNames.filter((name) => silent(name) < 2)).toEqual([]);
});

test('in the silent scenarios no alert of any name may have fired at any time', () => {
  const scenarios = ruleTests.filter(({ file }) => file.startsWith('silence-'));
  expect(scenarios.length).toBeGreaterThanOrEqual(7);
  for (const { promql_expr_test: [check] = [] } of scenarios) {
    expect(check?.expr).toMatch(/^count_over_time\(ALERTS\{alertstate="firing"\}\[\d+h\]\)$/);
    expect(check?.exp_samples).toEqual([]);
  }
});

test('the limits are those of the exporter', () => {
  const text = (name: string) => alerts.find(({ alert }) => alert === name)!.expr;
  const { near_random, below_sticky, imbalanced_cv } = THRESHOLDS;
  expect(text('TaillightRoutingNearRandom')).toContain(`<= ${near_random}`);
  expect(text('TaillightRoutingNearRandom')).toContain(`> ${below_sticky}`);
  expect(text('TaillightReplicaImbalance')).toContain(`>= ${imbalanced_cv}`);
  const supports = rules.flatMap(({ record, expr }) =>
    record?.includes('p99') ? [...expr.matchAll(/>= (\d+)/g)].map(([, n]) => Number(n)) : [],
  );
  expect(supports).toEqual([368, 368, 368]);
  expect(minimumSamples(0.99)).toBe(368);
});

test('every caveat that a rule asks for exists', () => {
  const asked = rules.flatMap(({ expr }) =>
    [...expr.matchAll(/taillight_comparison_caveat\{reason="(\w+)"/g)].map(([, reason]) => reason),
  );
  expect(new Set(asked).size).toBeGreaterThanOrEqual(5);
  expect(asked.filter((reason) => !CAVEAT_REASONS.some((known) => known === reason))).toEqual([]);
});

test('the ConfigMap holds every rule file, and nothing else, and is small enough to apply', () => {
  const [map] = buildObjects('monitoring/rules');
  expect(map?.metadata.name).toMatch(/^prometheus-rules-/);
  expect(Object.keys(map!['data'] as object).sort()).toEqual([...ruleFiles]);
  expect(JSON.stringify(map).length).toBeLessThan(262_144);
});

test('the inhibit rules of the README speak of alerts that exist', () => {
  const [, block = ''] = /```yaml\n([^]*?)```/.exec(readFileSync(join(RULES, 'README.md'), 'utf8')) ?? [];
  const { inhibit_rules } = parse(block) as {
    inhibit_rules: { source_matchers: string[]; target_matchers: string[] }[];
  };
  const patterns = inhibit_rules
    .flatMap(({ source_matchers, target_matchers }) => [...source_matchers, ...target_matchers])
    .flatMap((matcher) => /^alertname !?=~? "?([^"]+)"?$/.exec(matcher)?.[1] ?? []);
  expect(patterns.length).toBeGreaterThanOrEqual(12);
  const idle = patterns.filter(
    (pattern) => !alertNames.some((name) => new RegExp(`^(?:${pattern})$`).test(name)),
  );
  expect(idle).toEqual([]);
});
