import type { ProbeConfig, WorkloadConfig } from '../../exporter/src/model/config';
import type { ProbeRecord } from '../../exporter/src/model/record';
import { monotonicMs } from '../../exporter/src/probe/clock';
import type { ProbePlan, ProbeProgress, ProberEvents } from '../../exporter/src/probe/probe-plan';
import { Prober } from '../../exporter/src/probe/prober';
import { PLAIN_HTTP, probeConfig } from './probe-setup';
import { answer, pause, startScriptedLlm, type Reply, type ScriptedLlm } from './scripted-llm';

/** Collects everything that a prober tells. */
export class ProbeLog implements ProberEvents {
  records: ProbeRecord[] = [];
  gaps: (readonly number[])[] = [];
  targets: Parameters<ProberEvents['onTarget']>[0][] = [];
  skipped: string[] = [];
  fields: string[] = [];
  progress = new Map<string, ProbeProgress>();

  onRecord(record: ProbeRecord, gaps_ms: readonly number[]): void {
    this.records.push(record);
    this.gaps.push(gaps_ms);
  }
  onTarget(event: ProbeLog['targets'][number]): void {
    this.targets.push(event);
  }
  onSkipped(target: string, reason: string): void {
    this.skipped.push(`${target} ${reason}`);
  }
  onFieldDropped({ target, field }: { target: string; field: string }): void {
    this.fields.push(`${target} ${field}`);
  }
  onProgress(progress: ProbeProgress): void {
    this.progress.set(progress.target, progress);
  }
  of(target: string): ProbeRecord[] {
    return this.records.filter((record) => record.target === target);
  }
}

/** Servers and probers of one test; `close` ends them all. */
export class ProbeBench {
  readonly #servers: ScriptedLlm[] = [];
  readonly #probers: Prober[] = [];

  async serve(reply: Reply = answer(), port = 0, model = 'scripted'): Promise<ScriptedLlm> {
    const llm = await startScriptedLlm(reply, port, model);
    this.#servers.push(llm);
    return llm;
  }

  /** Starts probing the targets by name. */
  probe(
    targets: Record<string, string>,
    workload: Partial<WorkloadConfig> = {},
    limits: Partial<ProbePlan['limits']> = { conversations: 4 },
    rest: Partial<Omit<ProbeConfig, 'workload'>> = {},
  ): { prober: Prober; log: ProbeLog; plan: ProbePlan } {
    const plan: ProbePlan = {
      run: 'run1',
      zero_ms: monotonicMs(),
      targets: Object.entries(targets).map(([name, url]) => ({ name, url, model: null, http: PLAIN_HTTP })),
      config: probeConfig(workload, rest),
      limits: { conversations: null, seconds: null, requests: null, ...limits },
    };
    const log = new ProbeLog();
    const prober = new Prober(plan, log);
    this.#probers.push(prober);
    prober.start();
    return { prober, log, plan };
  }

  async close(): Promise<void> {
    await Promise.all(this.#probers.map((prober) => prober.stop(0)));
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}

export async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 20_000; waited += 10) await pause(10);
  if (!condition()) throw new Error('waited 20 s in vain');
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const llm = await startScriptedLlm(answer());
  await llm.close();
  return llm.port;
}
