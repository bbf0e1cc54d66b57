import type { RouterReading } from '../../model/reading';
import type { Page } from '../exposition-page';
import { finite, firstPresent, label, processStart, sum } from './lookup';

/**
 * Upstream names of each quantity, newest first. Routers of the year 2026 emit old and new names side by side, so the first
 * that is present is read and the others never added to it. The word is the generation that the name belongs to.
 */
const NAMES = {
  ready_endpoints: [
    ['llm_d_epp_ready_endpoints', 'llm_d_epp'],
    ['llm_d_router_epp_ready_endpoints', 'llm_d_router_epp'],
    ['inference_pool_ready_pods', 'inference_extension'],
  ],
  requests_total: [
    ['llm_d_epp_request_total', 'llm_d_epp'],
    ['llm_d_router_epp_request_total', 'llm_d_router_epp'],
    ['inference_objective_request_total', 'inference_extension'],
    ['inference_model_request_total', 'inference_model'],
  ],
  requests_running: [
    ['llm_d_epp_request_running', 'llm_d_epp'],
    ['llm_d_router_epp_request_running', 'llm_d_router_epp'],
    ['inference_objective_running_requests', 'inference_extension'],
    ['inference_model_running_requests', 'inference_model'],
  ],
  // What waits in the router itself; without flow control nothing does, and what waits at the endpoints is told instead.
  queue_size: [
    ['llm_d_epp_flow_control_queue_size', 'llm_d_epp'],
    ['llm_d_router_epp_flow_control_queue_size', 'llm_d_router_epp'],
    ['inference_extension_flow_control_queue_size', 'inference_extension'],
    ['llm_d_epp_per_endpoint_queue_size', 'llm_d_epp'],
    ['llm_d_router_epp_per_endpoint_queue_size', 'llm_d_router_epp'],
    ['inference_pool_per_pod_queue_size', 'inference_extension'],
  ],
  cached_tokens_total: [
    ['llm_d_epp_request_cached_tokens_sum', 'llm_d_epp'],
    ['llm_d_router_epp_request_cached_tokens_sum', 'llm_d_router_epp'],
    ['inference_objective_prompt_cached_tokens_sum', 'inference_extension'],
  ],
  input_tokens_total: [
    ['llm_d_epp_request_input_tokens_sum', 'llm_d_epp'],
    ['llm_d_router_epp_request_input_tokens_sum', 'llm_d_router_epp'],
    ['inference_objective_input_tokens_sum', 'inference_extension'],
    ['inference_model_input_tokens_sum', 'inference_model'],
  ],
  decisions_by_endpoint: [
    ['llm_d_epp_scheduler_attempts_total', 'llm_d_epp'],
    ['llm_d_router_epp_scheduler_attempts_total', 'llm_d_router_epp'],
    ['inference_extension_scheduler_attempts_total', 'inference_extension'],
  ],
} as const satisfies Record<string, readonly (readonly [string, string])[]>;

const INFO = ['llm_d_epp_info', 'llm_d_router_epp_info', 'inference_extension_info'];
/** Names by which a router's page is known even before its first request and its first look at the pool. */
const FAMILIES = /^(kserve_)?(llm_d_epp_|llm_d_router_epp_|inference_(pool|objective|model|extension)_)/;

export interface RouterPage {
  router: RouterReading;
  aliases: Record<string, string>;
  missing: string[];
  notes: string[];
}

/** Reads the page of an endpoint picker; null when the page is none. */
export function readEpp(page: Page): RouterPage | null {
  const known = [...page.names()].find((name) => FAMILIES.test(name));
  if (known === undefined) return null;
  const prefix = known.startsWith('kserve_') ? 'kserve_' : '';
  const aliases: Record<string, string> = {};
  const read = (ours: keyof typeof NAMES) => {
    const name = firstPresent(
      page,
      NAMES[ours].map(([upstream]) => prefix + upstream),
    );
    if (name !== null) aliases[ours] = name;
    return name === null ? [] : finite(page.samples(name));
  };
  const total = (ours: keyof typeof NAMES) => sum(read(ours).map(({ value }) => value));

  const router: RouterReading = {
    ready_endpoints: total('ready_endpoints'),
    requests_total: total('requests_total'),
    queue_size: total('queue_size'),
    requests_running: total('requests_running'),
    decisions_by_endpoint: decisions(read('decisions_by_endpoint')),
    generation: null,
    version: version(page, prefix),
    cached_tokens_total: total('cached_tokens_total'),
    input_tokens_total: total('input_tokens_total'),
    process_start_time_seconds: processStart(page),
  };
  const notes: string[] = [];
  if (router.cached_tokens_total === 0 && (router.input_tokens_total ?? 0) > 0) {
    // A router that is not told writes 0 as well: unknown, not a hit rate of 0.
    router.cached_tokens_total = null;
    delete aliases['cached_tokens_total'];
    notes.push(
      'no cached tokens reach the router: the engines probably do not report them (--enable-prompt-tokens-details)',
    );
  }
  router.generation = generation(aliases, prefix) ?? FAMILIES.exec(known)?.[2]?.replace(/_$/, '') ?? null;
  const missing = Object.keys(NAMES).filter((ours) => aliases[ours] === undefined);
  return { router, aliases, missing, notes };
}

/** How often each endpoint was chosen; pool gauges and decisions spell endpoints with and without the data-parallel rank. */
function decisions(samples: ReturnType<Page['samples']>): Record<string, number> {
  const chosen = new Map<string, number>();
  for (const sample of samples) {
    const name = label(sample, 'endpoint_name', 'pod_name');
    if (name === null || (label(sample, 'status') ?? 'success') !== 'success') continue;
    const endpoint = name.replace(/-rank-\d+$/, '');
    chosen.set(endpoint, (chosen.get(endpoint) ?? 0) + sample.value);
  }
  return Object.fromEntries(chosen);
}

function generation(aliases: Record<string, string>, prefix: string): string | null {
  const used = Object.values(aliases).map((name) => name.slice(prefix.length));
  const words = Object.values(NAMES).flatMap((names) =>
    names.flatMap(([name, word]) => (used.includes(name) ? [word] : [])),
  );
  return words[0] ?? null;
}

function version(page: Page, prefix: string): string | null {
  const info = page.samples(
    firstPresent(
      page,
      INFO.map((name) => prefix + name),
    ) ?? '',
  )[0];
  if (info === undefined) return null;
  const told = label(info, 'build_ref') ?? label(info, 'commit');
  return told === 'unknown' ? null : told;
}
