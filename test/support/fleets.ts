import { request } from 'undici';
import { runFleet, type FleetOptions, type RunningFleet } from '../../demo/fleet/main';

/** Two small fleets whose times are a fraction of the real ones. */
export function startFleets(options: Partial<FleetOptions> = {}): Promise<RunningFleet> {
  return runFleet({
    scenario: 'multi-turn',
    replicas: 2,
    host: '127.0.0.1',
    base_port: 0,
    seed: 7,
    speed: 20,
    ...options,
  });
}

/** The section `targets` for the fleets; replicas by a static list. */
export function fleetTargets(fleet: RunningFleet) {
  const pages = (replicas: RunningFleet['baseline']['replicas']) => ({
    static: replicas.map(({ name, url }) => ({ name, url: `${url}/metrics` })),
  });
  return [
    { name: 'vllm', url: fleet.baseline.url, replicas: pages(fleet.baseline.replicas) },
    {
      name: 'llm-d',
      url: fleet.candidate.url,
      replicas: pages(fleet.candidate.replicas),
      router: { url: fleet.candidate.router_metrics_url },
    },
  ];
}

export interface FaultRequest {
  fleet: 'baseline' | 'candidate' | 'all';
  replica: string | number;
  fault: string;
  factor?: number;
  seconds?: number;
}

export async function fault(fleet: RunningFleet, command: FaultRequest): Promise<void> {
  const answer = await request(`${fleet.control_url}/fault`, {
    method: 'POST',
    body: JSON.stringify(command),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`the fault was refused: ${text}`);
}
