import type { IncomingMessage, ServerResponse } from 'node:http';

export type Pod = Record<string, unknown>;

export interface PodOptions {
  ip?: string;
  ready?: boolean;
  phase?: string;
  deleted?: boolean;
  ports?: { name?: string; containerPort: number }[];
  sidecarPorts?: { name?: string; containerPort: number }[];
}

/** A pod as the API lists it. */
export function pod(name: string, options: PodOptions = {}): Pod {
  const {
    ip = '10.0.0.1',
    ready = true,
    phase = 'Running',
    deleted = false,
    ports = [],
    sidecarPorts,
  } = options;
  return {
    metadata: { name, namespace: 'demo-llm', ...(deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    spec: {
      nodeName: 'gpu-node-1',
      containers: [{ name: 'vllm', ports }],
      ...(sidecarPorts && { initContainers: [{ name: 'proxy', ports: sidecarPorts }] }),
    },
    status: {
      phase,
      ...(ip !== '' && { podIP: ip }),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}

/** Behaves as the API server does for pod lists: token, RBAC, selector syntax, paging. */
export class ApiServer {
  pods: Pod[] = [];
  token = 'right-token';
  forbidden = false;
  pageSize = 500;
  /** Answers this many `continue` requests with 410 Gone. */
  expired = 0;
  requests: URL[] = [];

  answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'https://api');
    this.requests.push(url);
    const { status, body } = this.decide(url, request.headers.authorization);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };

  private decide(url: URL, authorization: string | undefined): { status: number; body: unknown } {
    const failure = (status: number, message: string) => ({
      status,
      body: { kind: 'Status', status: 'Failure', message, code: status },
    });
    if (authorization !== `Bearer ${this.token}`) return failure(401, 'Unauthorized');
    if (url.pathname !== '/api/v1/namespaces/demo-llm/pods') return failure(404, '404 page not found');
    if (this.forbidden) return failure(403, 'pods is forbidden: User "x" cannot list resource "pods"');
    const from = url.searchParams.get('continue');
    if (from !== null && url.searchParams.has('resourceVersion'))
      return failure(400, 'resourceVersion with continue');
    if (from !== null && this.expired-- > 0)
      return failure(410, 'The provided continue parameter is too old');
    const start = Number(from ?? 0);
    const items = this.pods.slice(start, start + this.pageSize);
    const more = start + this.pageSize < this.pods.length;
    return {
      status: 200,
      body: { kind: 'PodList', metadata: more ? { continue: String(start + this.pageSize) } : {}, items },
    };
  }
}
