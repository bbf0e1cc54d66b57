import * as z from 'zod';
import type { Endpoint } from '../http/endpoint';
import { fetchPage, type Page } from '../http/fetch-page';
import { openEndpoint } from '../http/open-endpoint';
import { oneLine } from '../http/network-error';
import type { Discovery } from '../model/config';
import { hostAndPort, type DiscoveredEndpoint, type DiscoverySource, type Listing } from './listing';

/*
 * No Kubernetes client library: listing pods is one GET with paging, while the library is megabytes in a bundle that must fit
 * into ConfigMaps.
 */

type KubernetesDiscovery = Extract<Discovery, { kind: 'kubernetes' }>;

const LIMITS = { timeout_seconds: 10, max_body_bytes: 64 * 2 ** 20, accept: 'application/json' };
const PAGE_SIZE = 500;
const MAX_PAGES = 40;

const containerSchema = z.object({
  ports: z.array(z.object({ name: z.string().optional(), containerPort: z.number().int() })).optional(),
});

/** The part of a pod list that is used here. */
const podListSchema = z.object({
  metadata: z.object({ continue: z.string().optional() }).optional(),
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        namespace: z.string().optional(),
        deletionTimestamp: z.string().optional(),
      }),
      spec: z.object({
        nodeName: z.string().optional(),
        containers: z.array(containerSchema).optional(),
        initContainers: z.array(containerSchema).optional(),
      }),
      status: z
        .object({
          phase: z.string().optional(),
          podIP: z.string().optional(),
          conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
        })
        .optional(),
    }),
  ),
});

type Pod = z.output<typeof podListSchema>['items'][number];
type Failure = Extract<Listing, { ok: false }>;

/**
 * The pods that a label selector matches. One that has ended is not listed, one without an address only counted; one that starts,
 * ends or fails its readiness probe is listed as not ready. Token and authority are read again when they are rotated.
 */
export function createKubernetesDiscovery(
  discovery: KubernetesDiscovery,
  env: Readonly<Record<string, string | undefined>>,
): DiscoverySource {
  const server = discovery.api_server ?? serverOf(env);
  const endpoint = openEndpoint({
    bearer_token_file: discovery.token_file,
    bearer_token: null,
    headers: {},
    tls: {
      ca_file: server?.startsWith('https:') === true ? discovery.ca_file : null,
      cert_file: null,
      key_file: null,
      server_name: null,
      insecure_skip_verify: discovery.insecure_skip_verify,
    },
  });
  const outside: Listing = {
    ok: false,
    reason: 'connect_error',
    detail:
      'this process does not run in a pod (KUBERNETES_SERVICE_HOST is not set); set api_server and token_file',
  };
  return {
    list: async (signal) =>
      server === null ? outside : listing(discovery, await listPods(server, discovery, endpoint, signal)),
    close: () => endpoint.close(),
  };
}

function serverOf(env: Readonly<Record<string, string | undefined>>): string | null {
  const {
    KUBERNETES_SERVICE_HOST: host,
    KUBERNETES_SERVICE_PORT_HTTPS: https,
    KUBERNETES_SERVICE_PORT: port,
  } = env;
  return host === undefined || host === ''
    ? null
    : `https://${hostAndPort(host, Number(https ?? port ?? 443))}`;
}

async function listPods(
  server: string,
  { namespace, selector }: KubernetesDiscovery,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<Pod[] | Failure> {
  const pods: Pod[] = [];
  let next: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = new URLSearchParams({ labelSelector: selector, limit: String(PAGE_SIZE) });
    // From the API server's cache: cheap for it, and seconds of age do no harm. Not allowed with `continue`.
    if (next === undefined) query.set('resourceVersion', '0');
    else query.set('continue', next);
    const answer = await fetchPage(
      `${server}/api/v1/namespaces/${namespace}/pods?${query.toString()}`,
      endpoint,
      LIMITS,
      signal,
    );
    if (!answer.ok) {
      // The snapshot that `continue` speaks of is gone: begin anew.
      if (answer.status === 410 && next !== undefined) {
        pods.length = 0;
        next = undefined;
        continue;
      }
      return inWords(answer, namespace);
    }
    const list = parse(answer.body);
    if (!('items' in list)) return list;
    pods.push(...list.items);
    next = list.metadata?.continue;
    if (next === undefined || next === '') return pods;
  }
  return {
    ok: false,
    reason: 'bad_answer',
    detail: `more than ${MAX_PAGES * PAGE_SIZE} pods match the selector`,
  };
}

function parse(body: Buffer): z.output<typeof podListSchema> | Failure {
  try {
    const list = podListSchema.safeParse(JSON.parse(body.toString('utf8')));
    if (list.success) return list.data;
  } catch {
    // Told below.
  }
  return {
    ok: false,
    reason: 'bad_answer',
    detail: 'the answer is not a list of pods; is api_server the Kubernetes API?',
  };
}

function inWords({ reason, detail, status }: Extract<Page, { ok: false }>, namespace: string): Failure {
  const words: Readonly<Record<number, string>> = {
    401: 'the API server does not accept the token; is token_file right, and is it of this cluster?',
    403: `the service account may not list pods in namespace ${namespace}; give it a Role there with verb "list" on resource "pods", and a RoleBinding`,
    404: 'there is no Kubernetes API at this server; is api_server right?',
  };
  if (reason === 'body_too_large') return { ok: false, reason: 'bad_answer', detail };
  return { ok: false, reason, detail: words[status ?? 0] ?? detail };
}

function listing(discovery: KubernetesDiscovery, pods: Pod[] | Failure): Listing {
  if (!Array.isArray(pods)) return pods;
  const { namespace, selector, port } = discovery;
  const meant = pods.filter(({ status }) => !hasEnded(status?.phase));
  const alive = meant.filter(({ status }) => status?.podIP !== undefined && status.podIP !== '');
  const endpoints = alive.map((pod) => endpointOf(pod, discovery)).filter((endpoint) => endpoint !== null);
  if (endpoints.length === 0 && alive.length > 0) {
    const names = [...new Set(alive.flatMap(portsOf).flatMap(({ name }) => name ?? []))];
    const has =
      names.length === 0 ? 'their ports have no names' : `they have ${names.slice(0, 8).join(', ')}`;
    return {
      ok: false,
      reason: 'no_such_port',
      detail: oneLine(`no pod has a port named "${port}"; ${has}`),
    };
  }
  const where = `in namespace ${namespace}`;
  const none =
    pods.length === 0
      ? `no pod ${where} matches "${selector}"`
      : `no pod of "${selector}" ${where} has an address yet`;
  const pending = meant.length - alive.length;
  return { ok: true, endpoints, pending, note: endpoints.length === 0 ? none : null };
}

function hasEnded(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

function endpointOf(
  pod: Pod,
  { port, scheme, path, namespace }: KubernetesDiscovery,
): DiscoveredEndpoint | null {
  const number =
    typeof port === 'number' ? port : portsOf(pod).find(({ name }) => name === port)?.containerPort;
  const address = pod.status?.podIP;
  if (number === undefined || address === undefined) return null;
  return {
    name: pod.metadata.name,
    url: `${scheme}://${hostAndPort(address, number)}${path}`,
    ready: isReady(pod),
    host: pod.spec.nodeName ?? null,
    pod: pod.metadata.name,
    namespace: pod.metadata.namespace ?? namespace,
  };
}

/** Init containers too: sidecars are written as such, and llm-d's routing proxy is one. */
function portsOf({ spec }: Pod): { name?: string | undefined; containerPort: number }[] {
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ ports }) => ports ?? []);
}

function isReady({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp !== undefined || status?.phase !== 'Running') return false;
  return status.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') ?? false;
}
