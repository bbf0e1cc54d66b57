import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard } from '../../dashboards/src/grafana';

export const DASHBOARD_FILES = ['llm-performance.json', 'llm-replica.json'] as const;

/** A dashboard as it is committed, which is what Grafana gets. */
export const readDashboard = (file: string) =>
  JSON.parse(readFileSync(join(__dirname, '../../dashboards', file), 'utf8')) as Dashboard;

/** Everything that a dashboard asks of Prometheus. */
export interface DashboardQuery {
  /** Uid. */
  dashboard: string;
  /** For messages: "llm-performance, panel 101 (TTFT P95 …), query AP95". */
  name: string;
  kind: 'panel' | 'variable' | 'annotation';
  /** Id of the panel; 0 for variables and annotations. */
  panel: number;
  /** RefId, or the name of the variable or annotation. */
  refId: string;
  expr: string;
  /** label_values: values of this label in the series that `expr` selects. */
  label: string | null;
  instant: boolean;
  /** Series of such a panel are told apart by this. */
  legend: string | null;
  /** Least step in seconds. */
  step: number;
}

const seconds = (step: string | undefined) => (step === undefined ? 5 : Number(step.replace('s', '')));

function variableQueries({ uid, templating }: Dashboard): DashboardQuery[] {
  return templating.list.flatMap(({ name, definition }) => {
    if (definition === undefined) return [];
    const match = /^label_values\((.*), (\w+)\)$/.exec(definition);
    if (match === null) throw new Error(`${uid}, variable ${name}: ${definition} is no label_values`);
    const [, expr = '', label = ''] = match;
    const common = { legend: null, instant: true, step: 5, panel: 0 };
    return [
      {
        ...common,
        dashboard: uid,
        name: `${uid}, variable ${name}`,
        kind: 'variable',
        refId: name,
        expr,
        label,
      },
    ];
  });
}

function annotationQueries({ uid, annotations }: Dashboard): DashboardQuery[] {
  return annotations.list.flatMap(({ name, expr, step }) => {
    if (expr === undefined) return [];
    const common = { legend: null, label: null, instant: false, step: seconds(step), panel: 0 };
    return [
      {
        ...common,
        dashboard: uid,
        name: `${uid}, annotation ${name}`,
        kind: 'annotation',
        refId: name,
        expr,
      },
    ];
  });
}

function panelQueries({ uid, panels }: Dashboard): DashboardQuery[] {
  return panels.flatMap(({ id, title, targets = [] }) =>
    targets.map(({ refId, expr, instant, interval, legendFormat }) => ({
      dashboard: uid,
      name: `${uid}, panel ${id} (${title}), query ${refId}`,
      kind: 'panel' as const,
      panel: id,
      refId,
      expr,
      label: null,
      instant,
      legend: legendFormat ?? null,
      step: seconds(interval),
    })),
  );
}

/** Every query of every panel, variable and annotation of the committed dashboards. */
export function dashboardQueries(): DashboardQuery[] {
  return DASHBOARD_FILES.map(readDashboard).flatMap((dashboard) => [
    ...variableQueries(dashboard),
    ...annotationQueries(dashboard),
    ...panelQueries(dashboard),
  ]);
}

/** What a viewer has chosen. */
export type Choices = Record<'baseline' | 'candidate' | 'turn' | 'target' | 'replica', string>;

/**
 * An expression as Grafana sends it: variables filled in, and its own ones as its documentation says:
 * $__rate_interval = max($__interval + least step, 4 x least step).
 */
export function interpolate(expr: string, choices: Choices, step: number): string {
  const values: Record<string, string> = {
    ...choices,
    __interval: `${step}s`,
    __rate_interval: `${Math.max(step + step, 4 * step)}s`,
  };
  return expr.replace(/\$(\w+)/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${whole} in ${expr} is no variable`);
    return value;
  });
}

/** What must be there for a query to have an answer. Everything else has one wherever there are probes and replicas. */
export type Need =
  | 'a saved reference'
  | 'a service level'
  | 'a GPU page'
  | 'a router'
  | 'a bounded run'
  | 'a firing alert'
  | 'a caveat'
  | 'a value that no page tells'
  | 'skipped conversations'
  | 'tokens cached told per answer';

interface Exception {
  dashboard: string;
  panel: number;
  /** Absent: every query of the panel. */
  refIds?: string[];
  needs: Need;
}

const performance = (panel: number, needs: Need, ...refIds: string[]): Exception => ({
  dashboard: 'llm-performance',
  panel,
  needs,
  ...(refIds.length === 0 ? {} : { refIds }),
});
const replica = (panel: number, needs: Need, ...refIds: string[]): Exception => ({
  ...performance(panel, needs, ...refIds),
  dashboard: 'llm-replica',
});

/** Queries that may have no answer, and when. The panels of most show others beside them, or say it in `noValue`. */
const EXCEPTIONS: readonly Exception[] = [
  performance(0, 'a bounded run', 'Benchmark run'),
  performance(0, 'a firing alert', 'Alert'),
  performance(14, 'a GPU page'),
  performance(101, 'a saved reference', 'ARef', 'BRef'),
  ...[103, 104].map((panel) => performance(panel, 'a service level', 'ASLO', 'BSLO')),
  performance(106, 'a service level'),
  performance(201, 'tokens cached told per answer', 'AProbes', 'BProbes'),
  ...[401, 406, 407].map((panel) => performance(panel, 'a GPU page')),
  ...[601, 602, 603, 604].map((panel) => performance(panel, 'a router')),
  performance(704, 'a firing alert'),
  performance(705, 'a caveat'),
  performance(707, 'a value that no page tells'),
  performance(710, 'skipped conversations', 'ASkipped', 'BSkipped'),
  ...[301, 302, 303].map((panel) => replica(panel, 'a GPU page')),
  replica(401, 'a router'),
  replica(403, 'a value that no page tells'),
];

/** What a query needs beside probes and replicas to have an answer; null: nothing. */
export function needOf({ dashboard, panel, refId }: DashboardQuery): Need | null {
  const found = EXCEPTIONS.find(
    (exception) =>
      exception.dashboard === dashboard &&
      exception.panel === panel &&
      (exception.refIds?.includes(refId) ?? true),
  );
  return found?.needs ?? null;
}

/** The exceptions that name no query: mistakes of the table. */
export function idleExceptions(queries: readonly DashboardQuery[]): string[] {
  return EXCEPTIONS.flatMap((exception) => {
    const ids = exception.refIds ?? [undefined];
    return ids.flatMap((refId) => {
      const fits = queries.some(
        (query) =>
          query.dashboard === exception.dashboard &&
          query.panel === exception.panel &&
          (refId === undefined || query.refId === refId),
      );
      return fits ? [] : [`${exception.dashboard} ${exception.panel} ${refId ?? ''}`];
    });
  });
}
