import type { Dispatcher } from 'undici';

/**
 * A server that we talk to, with its authentication and TLS. One per base URL; secrets are read from their files again when
 * those change, so a rotated token or certificate needs no restart.
 */
export interface Endpoint {
  /** The current dispatcher (it is replaced when a certificate rotates: ask each time, keep none). */
  dispatcher(): Dispatcher;
  /** The current `authorization` and user headers. */
  headers(): Record<string, string>;
  close(): Promise<void>;
}

/** Why a request could not be carried out at all; a closed list. */
export type NetworkFailure = 'dns_error' | 'connect_error' | 'tls_error' | 'timeout' | 'cut';
