import { Control } from './control';
import { Endpoints } from './endpoints';
import type { GpuOwner } from './gpu-page';
import { renderGpuPage } from './gpu-page';
import { HttpHost, reply } from './http-host';
import { PrefixRouter } from './prefix-router';
import { createRandom, mix32 } from './random';
import type { ReplicaProfile } from './replica';
import { Replica } from './replica';
import { RoundRobinRouter } from './round-robin-router';
import type { ScenarioName } from './scenario';
import { scenario, SCENARIOS } from './scenario';
import { DEFAULT_WEIGHTS } from './scorer';
import type { Tokenizer } from './tokenizer';
import { createTokenizer } from './tokenizer';

export interface FleetOptions {
  scenario: ScenarioName;
  /** Replicas of each fleet, 1..16. */
  replicas: number;
  host: string;
  /** 0: any free ports; otherwise the first of a range of 64. */
  base_port: number;
  seed: number;
  /** All times are divided by it; 1 when absent. */
  speed?: number;
  /** The one fleet to start; with a fixed `base_port` its addresses are those that it has beside the other. Both when absent. */
  only?: 'baseline' | 'candidate';
}

export interface ReplicaAddress {
  name: string;
  /** Base URL: `/metrics`, `/v1`, `/health`, `/version` are under it. */
  url: string;
}

export interface RunningFleet {
  baseline: { url: string; replicas: ReplicaAddress[] };
  candidate: { url: string; replicas: ReplicaAddress[]; router_metrics_url: string };
  gpu_metrics_url: string;
  control_url: string;
  stop(): Promise<void>;
}

const MAX_REPLICAS = 16;
const READINESS_PERIOD_SECONDS = 1;
const POLL_SECONDS = 0.05;
const POOL_REFRESH_SECONDS = 5;
const BYTES_PER_KV_TOKEN = 28 * 2 * 8 * 128 * 2;
const WEIGHTS_MIB = 3_000;

/** Where each server stands in the range of a fixed `base_port`. */
const OFFSETS = {
  baseline: 0,
  candidate: 1,
  epp: 2,
  gpu: 3,
  control: 4,
  baselineReplicas: 10,
  candidateReplicas: 30,
};

/** Where everything answers that `runFleet` starts with a fixed `base_port`, whether it runs or not. */
export function fleetAddresses(
  host: string,
  base_port: number,
  replicas: number,
): Omit<RunningFleet, 'stop'> {
  const url = (offset: number) => `http://${host}:${base_port + offset}`;
  const list = (prefix: string, first: number) =>
    Array.from({ length: replicas }, (_, i) => ({ name: `${prefix}-${i}`, url: url(first + i) }));
  return {
    baseline: { url: `${url(OFFSETS.baseline)}/v1`, replicas: list('vllm', OFFSETS.baselineReplicas) },
    candidate: {
      url: `${url(OFFSETS.candidate)}/v1`,
      replicas: list('llm-d', OFFSETS.candidateReplicas),
      router_metrics_url: `${url(OFFSETS.epp)}/metrics`,
    },
    gpu_metrics_url: `${url(OFFSETS.gpu)}/metrics`,
    control_url: url(OFFSETS.control),
  };
}

/** One sentence about the first option that cannot be, or null. */
export function invalidFleetOption(options: FleetOptions): string | null {
  const { replicas, base_port, speed = 1 } = options;
  if (!SCENARIOS.includes(options.scenario)) {
    return `unknown scenario ${options.scenario}; known: ${SCENARIOS.join(', ')}`;
  }
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > MAX_REPLICAS) {
    return `replicas must be a whole number from 1 to ${MAX_REPLICAS}, got ${replicas}`;
  }
  if (!Number.isInteger(base_port) || base_port < 0 || base_port > 65_535 - 64) {
    return `port must be 0 or a port with 64 free ones after it, got ${base_port}`;
  }
  if (!Number.isSafeInteger(options.seed)) return `seed must be a whole number, got ${options.seed}`;
  return speed > 0 && speed <= 1000 ? null : `speed must be above 0 and at most 1000, got ${speed}`;
}

/**
 * Starts both fleets (or one) with their routers, the GPU page and the control port. Rejects when an option is invalid or a port is
 * taken; then nothing is left running.
 */
export async function runFleet(options: FleetOptions): Promise<RunningFleet> {
  const invalid = invalidFleetOption(options);
  if (invalid !== null) throw new Error(invalid);
  const { host, seed, speed = 1 } = options;
  const { profile, max_concurrency } = scenario(options.scenario, speed);
  const tokenizer = createTokenizer();
  const wanted = { baseline: options.only !== 'candidate', candidate: options.only !== 'baseline' };
  const baselineReplicas = wanted.baseline ? makeReplicas('vllm', options, profile, tokenizer) : [];
  const candidateReplicas = wanted.candidate ? makeReplicas('llm-d', options, profile, tokenizer) : [];
  const period = READINESS_PERIOD_SECONDS / speed;
  const baselineEndpoints = new Endpoints(baselineReplicas, period);
  const candidateEndpoints = new Endpoints(candidateReplicas, period);
  const roundRobin = new RoundRobinRouter(baselineEndpoints, host);
  const picker = new PrefixRouter(candidateEndpoints, tokenizer, createRandom(mix32(seed, 4711)), {
    host,
    model: profile.model,
    namespace: 'llm-d',
    weights: DEFAULT_WEIGHTS,
    block_size: profile.block_size,
    poll_seconds: POLL_SECONDS / speed,
    pool_refresh_seconds: POOL_REFRESH_SECONDS / speed,
    max_concurrency,
  });
  const gpu = gpuHost(host, profile, baselineReplicas, candidateReplicas);
  const control = new Control(host, [
    { name: 'baseline', replicas: baselineReplicas, router: roundRobin.front },
    { name: 'candidate', replicas: candidateReplicas, router: picker.front },
  ]);

  async function stop(): Promise<void> {
    baselineEndpoints.stop();
    candidateEndpoints.stop();
    await control.stop();
    await Promise.all([roundRobin.front.kill(), picker.stop(), gpu.kill()]);
    await Promise.all([...baselineReplicas, ...candidateReplicas].map((replica) => replica.kill()));
  }

  const port = (offset: number) => (options.base_port === 0 ? 0 : options.base_port + offset);
  try {
    for (const [i, replica] of baselineReplicas.entries())
      await replica.start(port(OFFSETS.baselineReplicas + i));
    for (const [i, replica] of candidateReplicas.entries())
      await replica.start(port(OFFSETS.candidateReplicas + i));
    if (wanted.baseline) await roundRobin.front.host.open(port(OFFSETS.baseline));
    if (wanted.candidate) await picker.front.host.open(port(OFFSETS.candidate));
    if (wanted.candidate) await picker.metricsHost.open(port(OFFSETS.epp));
    await gpu.open(port(OFFSETS.gpu));
    await control.host.open(port(OFFSETS.control));
  } catch (error) {
    await stop();
    throw error;
  }
  const addresses = (replicas: readonly Replica[]) => replicas.map(({ name, url }) => ({ name, url }));
  return {
    baseline: { url: `${roundRobin.front.host.url}/v1`, replicas: addresses(baselineReplicas) },
    candidate: {
      url: `${picker.front.host.url}/v1`,
      replicas: addresses(candidateReplicas),
      router_metrics_url: `${picker.metricsHost.url}/metrics`,
    },
    gpu_metrics_url: `${gpu.url}/metrics`,
    control_url: control.host.url,
    stop,
  };
}

function makeReplicas(
  prefix: string,
  options: FleetOptions,
  profile: ReplicaProfile,
  tokenizer: Tokenizer,
): Replica[] {
  return Array.from({ length: options.replicas }, (_, i) => {
    const seed = mix32(options.seed, prefix.length * 1000 + i);
    return new Replica(`${prefix}-${i}`, profile, tokenizer, options.host, seed);
  });
}

function gpuHost(
  host: string,
  profile: ReplicaProfile,
  baseline: readonly Replica[],
  candidate: readonly Replica[],
): HttpHost {
  const cacheMib = Math.round((profile.blocks * profile.block_size * BYTES_PER_KV_TOKEN) / 2 ** 20);
  const owner =
    (namespace: string) =>
    (replica: Replica): GpuOwner => ({
      replica,
      namespace,
      usedMib: WEIGHTS_MIB + cacheMib,
    });
  const owners = [...baseline.map(owner('vllm')), ...candidate.map(owner('llm-d'))];
  return new HttpHost(host, (request, response) => {
    request.resume();
    if ((request.url ?? '/').split('?')[0] !== '/metrics') {
      reply(response, 404, '404 page not found\n', { 'content-type': 'text/plain' });
      return;
    }
    reply(response, 200, renderGpuPage(owners), {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    });
  });
}
