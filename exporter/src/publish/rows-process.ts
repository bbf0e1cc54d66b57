import type { Row } from './page';

export interface ProcessFacts {
  version: string;
  /** The latest configuration was accepted. */
  config_ok: boolean;
  /** Delay of the probing event loop in seconds; null before it was measured. */
  event_loop_delay: { p50_seconds: number; p99_seconds: number } | null;
}

/** Start of this process in Unix seconds, fixed once: a value that wavered would look like a restart. */
const STARTED = Date.now() / 1000 - process.uptime();

/** The exporter about itself. */
export function processRows({ version, config_ok, event_loop_delay }: ProcessFacts): Row[] {
  const { user, system } = process.cpuUsage();
  const { p50_seconds, p99_seconds } = event_loop_delay ?? {};
  const delays: Row[] = Object.entries({ '0.5': p50_seconds, '0.99': p99_seconds }).flatMap(
    ([quantile, value]) =>
      value === undefined
        ? []
        : [{ metric: 'taillight_event_loop_delay_seconds', labels: { quantile }, value }],
  );
  return [
    ...delays,
    { metric: 'taillight_config_last_reload_successful', labels: {}, value: Number(config_ok) },
    { metric: 'taillight_build_info', labels: { version, node: process.versions.node }, value: 1 },
    { metric: 'process_cpu_seconds_total', labels: {}, value: (user + system) / 1e6 },
    { metric: 'process_resident_memory_bytes', labels: {}, value: process.memoryUsage.rss() },
    { metric: 'process_start_time_seconds', labels: {}, value: STARTED },
  ];
}
