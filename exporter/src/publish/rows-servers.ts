import type { BalanceResource } from '../model/comparison';
import type { EngineHistogramName, EngineValueName } from '../model/reading';
import { MIRRORED_COUNTERS, MIRRORED_FINISHED, MIRRORED_GAUGES, MIRRORED_HISTOGRAMS } from '../scrape/mirror';
import type { GpuReading } from '../model/reading';
import type { ScrapeState } from '../scrape/scraped-page';
import type { ReplicaSnapshot, RouterSnapshot, ScrapeSnapshot, TargetSnapshot } from '../scrape/scraper';
import type { MetricName } from './catalogue';
import type { HistogramRow, Row } from './page';

/** What the probes and the configuration know of a target beside its scrapes. */
export interface TargetFacts {
  name: string;
  role: 'baseline' | 'candidate';
  up: boolean;
  model: string | null;
  /** Share of the target's prompt tokens that are probes, 0..1. */
  traffic_share: number | null;
}

/** A row, unless its value is not known. */
function row(metric: MetricName, labels: Record<string, string>, value: number | null | undefined): Row[] {
  return value === null || value === undefined ? [] : [{ metric, labels, value }];
}

function balanceRows({ name, observation }: TargetSnapshot): Row[] {
  return Object.entries(observation.balance).flatMap(([resource, balance]) => {
    if (balance === null) return [];
    const labels = { target: name, resource: resource as BalanceResource };
    return [
      ...row('taillight_target_balance_cv', labels, balance.cv),
      ...row('taillight_target_balance_max_to_mean', labels, balance.max_to_mean),
    ];
  });
}

function targetRows(snapshot: TargetSnapshot, facts: TargetFacts): Row[] {
  const { observation } = snapshot;
  const target = { target: facts.name };
  const info = {
    ...target,
    model: facts.model ?? observation.model ?? '',
    engine: observation.engine.name ?? '',
    version: observation.engine.version ?? '',
    role: facts.role,
  };
  const discovered = snapshot.discovery === null ? null : Number(snapshot.discovery.success);
  return [
    ...row('taillight_target_up', target, Number(facts.up)),
    ...row('taillight_target_replicas', target, observation.replica_count),
    ...row('taillight_target_replicas_listed', target, snapshot.listed),
    ...row('taillight_target_info', info, 1),
    ...row('taillight_target_prefix_cache_hit_ratio', target, observation.hit_rate?.value),
    ...row('taillight_probe_traffic_share_ratio', target, facts.traffic_share),
    ...row('taillight_discovery_success', { ...target, source: 'replicas' }, discovered),
    ...balanceRows(snapshot),
  ];
}

/** The slices of a GPU (`0/3`: slice 3 of GPU 0) share its UUID: they are told apart by their number. */
function gpuLabel({ gpu, uuid }: GpuReading): string {
  const slice = gpu.split('/')[1];
  if (uuid === null) return gpu;
  return slice === undefined ? uuid : `${uuid}/${slice}`;
}

function gpuRows(labels: Record<string, string>, gpus: readonly GpuReading[]): Row[] {
  return gpus.flatMap((gpu) => {
    const own = { ...labels, gpu: gpuLabel(gpu) };
    return [
      ...row('taillight_replica_gpu_utilization_ratio', own, gpu.utilization_ratio),
      ...row('taillight_replica_gpu_memory_used_bytes', own, gpu.memory_used_bytes),
      ...row('taillight_replica_gpu_memory_total_bytes', own, gpu.memory_total_bytes),
      ...row('taillight_replica_gpu_power_watts', own, gpu.power_watts),
    ];
  });
}

function scrapeRows(labels: { target: string; replica: string; source: string }, scrape: ScrapeState): Row[] {
  const success = { ...labels, reason: scrape.reason ?? '' };
  return [
    ...row('taillight_scrape_success', success, Number(scrape.success)),
    ...row('taillight_scrape_duration_seconds', labels, scrape.duration_seconds),
    ...scrape.missing.flatMap((family) => row('taillight_scrape_missing', { ...labels, family }, 1)),
  ];
}

function replicaRows(target: string, replica: ReplicaSnapshot): Row[] {
  const labels = { target, replica: replica.name };
  const { reading } = replica;
  const mirrored = { ...MIRRORED_COUNTERS, ...MIRRORED_GAUGES };
  return [
    ...row('taillight_replica_up', labels, Number(replica.up)),
    ...row('taillight_replica_prefix_cache_hit_ratio', labels, replica.hit_rate),
    ...Object.entries(mirrored).flatMap(([name, metric]) =>
      row(metric, labels, reading?.values[name as EngineValueName]),
    ),
    ...Object.entries(reading?.finished_by_reason ?? {}).flatMap(([reason, value]) =>
      row(MIRRORED_FINISHED, { ...labels, reason }, value),
    ),
    ...gpuRows(labels, replica.gpus),
    ...scrapeRows({ ...labels, source: 'engine' }, replica.scrape),
  ];
}

function replicaHistograms(target: string, { name, reading }: ReplicaSnapshot): HistogramRow[] {
  if (reading === null) return [];
  return Object.entries(MIRRORED_HISTOGRAMS).flatMap(([histogram, metric]) => {
    const values = reading.histograms[histogram as EngineHistogramName];
    return values === null ? [] : [{ metric, labels: { target, replica: name }, ...values }];
  });
}

function routerRows(target: string, { reading, scrape }: RouterSnapshot): Row[] {
  const labels = { target };
  const scraped = scrapeRows({ target, replica: '', source: 'router' }, scrape);
  if (reading === null) return scraped;
  const info = { ...labels, version: reading.version ?? '', generation: reading.generation ?? '' };
  return [
    ...row('taillight_router_info', info, 1),
    ...row('taillight_router_ready_endpoints', labels, reading.ready_endpoints),
    ...row('taillight_router_queue_size', labels, reading.queue_size),
    ...row('taillight_router_requests_running', labels, reading.requests_running),
    ...row('taillight_router_requests_total', labels, reading.requests_total),
    ...Object.entries(reading.decisions_by_endpoint).flatMap(([replica, value]) =>
      row('taillight_router_decisions_total', { ...labels, replica }, value),
    ),
    ...scraped,
  ];
}

/** What scrapes tell of targets, replicas, routers and GPUs, as of their latest round. */
export function serverRows(snapshot: ScrapeSnapshot, facts: readonly TargetFacts[]): Row[] {
  const known = new Map(facts.map((fact) => [fact.name, fact]));
  const targets = snapshot.targets.flatMap((target) => {
    const fact = known.get(target.name);
    if (fact === undefined) return [];
    return [
      ...targetRows(target, fact),
      ...target.replicas.flatMap((replica) => replicaRows(target.name, replica)),
      ...(target.router === null ? [] : routerRows(target.name, target.router)),
    ];
  });
  const gpus = snapshot.gpu_sources.flatMap(({ name, scrape }) =>
    scrapeRows({ target: '', replica: name, source: 'gpu' }, scrape),
  );
  return [...targets, ...gpus];
}

/** The engines' own latency histograms, with the upstream's buckets. */
export function serverHistograms(snapshot: ScrapeSnapshot): HistogramRow[] {
  return snapshot.targets.flatMap(({ name, replicas }) =>
    replicas.flatMap((replica) => replicaHistograms(name, replica)),
  );
}
