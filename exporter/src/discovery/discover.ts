import type { Discovery } from '../model/config';
import { createDnsDiscovery, type DnsEdges } from './dns';
import { createKubernetesDiscovery } from './kubernetes';
import type { DiscoverySource } from './listing';
import { createStaticDiscovery } from './static';

/** What discovery takes from the system around it; parameters for tests. */
export interface DiscoveryEdges {
  /** Default: `process.env`; tells where the Kubernetes API is. */
  env?: Readonly<Record<string, string | undefined>>;
  dns?: DnsEdges;
}

/** Opens the source of pages that the configuration names. */
export function createDiscovery(discovery: Discovery, edges: DiscoveryEdges = {}): DiscoverySource {
  switch (discovery.kind) {
    case 'static':
      return createStaticDiscovery(discovery.endpoints);
    case 'dns':
      return createDnsDiscovery(discovery, edges.dns);
    case 'kubernetes':
      return createKubernetesDiscovery(discovery, edges.env ?? process.env);
  }
}
