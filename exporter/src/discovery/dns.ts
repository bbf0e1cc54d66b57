import { lookup, Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { classifyNetworkError } from '../http/network-error';
import type { Discovery } from '../model/config';
import { hostAndPort, type DiscoverySource, type Listing } from './listing';

type DnsDiscovery = Extract<Discovery, { kind: 'dns' }>;

/** The ways to the name servers; the system's own unless given. */
export interface DnsEdges {
  servers?: readonly string[];
  /** Text of resolv.conf, for its search list. */
  resolvConf?: () => Promise<string>;
  /** Names that no name server knows: /etc/hosts. */
  hostsFile?: (host: string) => Promise<string[]>;
}

/** c-ares' words for "there is no such name" and "the name has no such address". */
const NO_ADDRESS = new Set(['ENOTFOUND', 'ENODATA']);
const QUERY_TIMEOUT_MS = 2000;
const QUERY_TRIES = 2;

/**
 * All A and AAAA records of a name: the ready pods of a headless service. A service without pods has no records: that is an
 * empty list, not a failure.
 */
export function createDnsDiscovery(discovery: DnsDiscovery, edges: DnsEdges = {}): DiscoverySource {
  return {
    list: (signal) => list(discovery, edges, signal),
    close: () => Promise.resolve(),
  };
}

async function list(discovery: DnsDiscovery, edges: DnsEdges, signal: AbortSignal): Promise<Listing> {
  const { host, port, scheme, path } = discovery;
  // A new one each time, as it takes up changes of resolv.conf only when it is made.
  const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES });
  if (edges.servers !== undefined) resolver.setServers(edges.servers);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const addresses = await addressesOf(host, resolver, edges);
    if (signal.aborted)
      return {
        ok: false,
        reason: 'timeout',
        detail: `the name servers did not answer about "${host}" in time`,
      };
    const endpoints = [...new Set(addresses)].sort().map((address) => {
      const name = hostAndPort(address, port);
      return {
        name,
        url: `${scheme}://${name}${path}`,
        ready: true,
        host: address,
        pod: null,
        namespace: null,
      };
    });
    const note =
      endpoints.length > 0
        ? null
        : `no address is known for "${host}"; a headless service without ready pods looks like that`;
    return { ok: true, endpoints, note };
  } catch (error) {
    if (signal.aborted)
      return {
        ok: false,
        reason: 'timeout',
        detail: `the name servers did not answer about "${host}" in time`,
      };
    const { text } = classifyNetworkError(Object.assign(error as Error, { hostname: host }));
    return { ok: false, reason: 'dns_error', detail: text };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function addressesOf(host: string, resolver: Resolver, edges: DnsEdges): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  const resolvConf = edges.resolvConf ?? (() => readFile('/etc/resolv.conf', 'utf8'));
  for (const name of candidates(host, await resolvConf().catch(() => ''))) {
    const found = await query(name, resolver);
    if (found.length > 0) return found;
  }
  const hostsFile =
    edges.hostsFile ?? (async (name) => (await lookup(name, { all: true })).map(({ address }) => address));
  return hostsFile(host).catch(() => []);
}

/**
 * The names to ask for, in the order of resolv.conf(5). c-ares' queries do not use the search list, without which
 * `qwen-headless.demo-llm.svc` is unknown in a cluster whose domain is `cluster.local`.
 */
export function candidates(host: string, resolvConf: string): string[] {
  if (host.endsWith('.')) return [host];
  const lines = resolvConf.split('\n').map((line) => line.trim().split(/\s+/));
  const search = lines.findLast(([word]) => word === 'search' || word === 'domain')?.slice(1) ?? [];
  const ndots = Number(/^\s*options\s.*\bndots:(\d{1,2})\b/m.exec(resolvConf)?.[1] ?? 1);
  const longer = search.map((domain) => `${host}.${domain.replace(/\.$/, '')}`);
  const dots = host.split('.').length - 1;
  return dots >= ndots ? [host, ...longer] : [...longer, host];
}

/** Empty where the name or its addresses do not exist. One family is enough; a failure counts only where the other has none. */
async function query(name: string, resolver: Resolver): Promise<string[]> {
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const failed = answers.find(
    (answer): answer is PromiseRejectedResult =>
      answer.status === 'rejected' && !NO_ADDRESS.has(String((answer.reason as NodeJS.ErrnoException).code)),
  );
  if (found.length === 0 && failed !== undefined) throw failed.reason;
  return found;
}
