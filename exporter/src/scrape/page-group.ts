import type { Endpoint } from '../http/endpoint';
import type { Logger } from '../log';
import type { Discovery, HttpSettings, ScrapeGroup } from '../model/config';
import { Transition, type Failure } from './scraped-page';

/** One page as discovery lists it. */
export interface DiscoveredEndpoint {
  name: string;
  url: string;
  ready: boolean;
  pod?: string | null;
  namespace?: string | null;
}

export type DiscoveryResult =
  { ok: true; endpoints: DiscoveredEndpoint[]; pending?: number } | ({ ok: false } & Failure);

/** The edges of a group: `http/open-endpoint` and `discovery/discover`. */
export interface GroupTools {
  openEndpoint(settings: HttpSettings): Endpoint;
  createDiscovery(discovery: Discovery): {
    list(signal: AbortSignal): Promise<DiscoveryResult>;
    close(): Promise<void>;
  };
}

/** How the latest listing went; after a failure the last good list stays in use. */
export type DiscoveryState = { success: true } | ({ success: false } & Failure);

/** The pages of one kind that discovery lists at present, each with what `create` made for it. */
export class PageGroup<Member extends { update(endpoint: DiscoveredEndpoint): void }> {
  readonly endpoint: Endpoint;
  /** null before the first listing. */
  state: DiscoveryState | null = null;
  /** By identity (name and url); null before the first good list. */
  members: ReadonlyMap<string, Member> | null = null;
  /** As of the latest good list: how many more are meant to be and have no address yet. */
  pending = 0;
  private readonly discovery: ReturnType<GroupTools['createDiscovery']>;
  private readonly transition: Transition;

  constructor(
    group: ScrapeGroup,
    tools: GroupTools,
    /** What is listed, for the log: `replicas` or `gpu exporters`, and whose. */
    private readonly label: { of: string; target: string | undefined },
    private readonly logger: Logger,
    private readonly on: {
      create(endpoint: DiscoveredEndpoint, identity: string): Member;
      gone?(member: Member, identity: string): void;
    },
  ) {
    this.endpoint = tools.openEndpoint(group.http);
    this.discovery = tools.createDiscovery(group.discovery);
    this.transition = new Transition(logger, 'discovery', { ...label });
  }

  /** Lists anew and waits at most `timeoutSeconds` for it. Never rejects. */
  async refresh(timeoutSeconds: number, signal: AbortSignal): Promise<void> {
    const result = await this.list(timeoutSeconds, signal);
    if (signal.aborted) return;
    if (!result.ok) {
      const failure = { reason: result.reason, detail: result.detail };
      this.state = { success: false, ...failure };
      this.transition.failed(failure);
      return;
    }
    this.state = { success: true };
    this.transition.succeeded();
    this.pending = result.pending ?? 0;
    this.replace(result.endpoints);
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.discovery.close(), this.endpoint.close()]);
  }

  private async list(timeoutSeconds: number, signal: AbortSignal): Promise<DiscoveryResult> {
    const deadline = AbortSignal.timeout(timeoutSeconds * 1000);
    try {
      return await abandonable(this.discovery.list(AbortSignal.any([signal, deadline])), signal, deadline);
    } catch (error) {
      if (deadline.aborted) {
        return { ok: false, reason: 'timeout', detail: `no list within ${timeoutSeconds} s` };
      }
      return {
        ok: false,
        reason: 'internal_error',
        detail: error instanceof Error ? error.message : String(error),
      };
    }
  }

  private replace(endpoints: readonly DiscoveredEndpoint[]): void {
    const old = this.members ?? new Map<string, Member>();
    const members = new Map<string, Member>();
    const appeared: string[] = [];
    for (const endpoint of uniquelyNamed(endpoints)) {
      const identity = `${endpoint.name} ${endpoint.url}`;
      const known = old.get(identity);
      const member = known ?? this.on.create(endpoint, identity);
      member.update(endpoint);
      members.set(identity, member);
      if (known === undefined) appeared.push(endpoint.name);
    }
    const gone = [...old].filter(([identity]) => !members.has(identity));
    for (const [identity, member] of gone) this.on.gone?.(member, identity);
    const first = this.members === null;
    this.members = members;
    if (first || appeared.length > 0 || gone.length > 0) {
      const fields = { ...this.label, count: members.size, gone: gone.length, appeared: fewNames(appeared) };
      this.logger.info('discovered', fields);
    }
  }
}

/** A discovery that does not heed its signal is left behind, not waited for. */
async function abandonable<Value>(work: Promise<Value>, ...signals: AbortSignal[]): Promise<Value> {
  let abandon = () => {};
  const abandoned = new Promise<never>((_, reject) => (abandon = () => reject(new Error('given up'))));
  for (const signal of signals) signal.addEventListener('abort', abandon, { once: true });
  try {
    return await Promise.race([work, abandoned]);
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', abandon);
  }
}

/** Two endpoints of one name would be one series: the second is told apart by where it is. Repeated ones count once. */
function uniquelyNamed(endpoints: readonly DiscoveredEndpoint[]): DiscoveredEndpoint[] {
  const byName = new Map<string, DiscoveredEndpoint>();
  for (const endpoint of endpoints) {
    const holder = byName.get(endpoint.name);
    if (holder === undefined) byName.set(endpoint.name, endpoint);
    else if (holder.url !== endpoint.url) {
      const name = `${endpoint.name}@${URL.canParse(endpoint.url) ? new URL(endpoint.url).host : endpoint.url}`;
      if (!byName.has(name)) byName.set(name, { ...endpoint, name });
    }
  }
  return [...byName.values()];
}

function fewNames(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  return names.slice(0, 5).join(' ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
}
