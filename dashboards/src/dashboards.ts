import { compactJson } from './json';
import type { Dashboard } from './grafana';
import { PERFORMANCE } from './performance/performance';
import { REPLICA } from './replica/replica';

/** Every dashboard, by the name of its file. */
export const DASHBOARDS: Record<string, Dashboard> = {
  'llm-performance.json': PERFORMANCE,
  'llm-replica.json': REPLICA,
};

/** The files of this folder that Grafana reads, by name. */
export const dashboardFile = (name: string) => `${compactJson(DASHBOARDS[name])}\n`;
