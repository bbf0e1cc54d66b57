/** One page to scrape. */
export interface DiscoveredEndpoint {
  /** Unique within its group: the pod, the configured name, or `address:port`. */
  name: string;
  url: string;
  /** False for a pod that starts, ends or fails its readiness probe; always true where nobody tells. */
  ready: boolean;
  /** The node that a pod runs on; elsewhere the host of the url. */
  host: string | null;
  pod: string | null;
  namespace: string | null;
}

export type DiscoveryFailure =
  | 'dns_error'
  | 'connect_error'
  | 'tls_error'
  | 'timeout'
  | 'cut'
  | 'http_status'
  | 'bad_answer'
  | 'no_such_port';

/**
 * `note`: why there is none, in words, when the list is empty. `pending`: how many are meant to be and have no address yet (a pod
 * that no node has room for); they cannot be asked, and yet their target is not one that nobody deployed.
 */
export type Listing =
  | { ok: true; endpoints: DiscoveredEndpoint[]; pending?: number; note: string | null }
  | { ok: false; reason: DiscoveryFailure; detail: string };

/** Tells which pages there are now; asked again and again, as replicas come and go. Never rejects. */
export interface DiscoverySource {
  list(signal: AbortSignal): Promise<Listing>;
  close(): Promise<void>;
}

/** `host:port` for a url; an IPv6 address gets its brackets. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
