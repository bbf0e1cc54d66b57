import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchPage } from '../../exporter/src/http/fetch-page';
import { openEndpoint } from '../../exporter/src/http/open-endpoint';
import type { LogFields, Logger } from '../../exporter/src/log';
import type { HttpSettings, ScrapeConfig, TargetConfig } from '../../exporter/src/model/config';
import type { DiscoveredEndpoint, DiscoveryResult } from '../../exporter/src/scrape/page-group';
import { Scraper, type ScraperTools } from '../../exporter/src/scrape/scraper';

export const PLAIN_HTTP: HttpSettings = {
  bearer_token_file: null,
  bearer_token: null,
  headers: {},
  tls: { ca_file: null, cert_file: null, key_file: null, server_name: null, insecure_skip_verify: false },
};

const SCRAPE: ScrapeConfig = {
  interval_seconds: 60,
  timeout_seconds: 20,
  max_body_bytes: 1024 * 1024,
  max_line_bytes: 16 * 1024,
  max_series: 10_000,
  concurrency: 8,
};

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Pages {
  /** What answers at a path, e.g. `/a/metrics`; anything else is 404. */
  handlers: Map<string, Handler>;
  /** Paths in the order they were asked for. */
  requests: string[];
  /** URL of the metrics page of a replica of this server. */
  url(replica: string): string;
  close(): Promise<void>;
}

/** A real server whose pages may be changed while it runs. */
export async function startPages(): Promise<Pages> {
  const handlers = new Map<string, Handler>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const handler = handlers.get(path);
    if (handler === undefined) response.writeHead(404).end('no such page');
    else handler(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    handlers,
    requests,
    url: (replica) => `http://127.0.0.1:${port}/${replica}/metrics`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** A vLLM page that tells a few values. */
export function vllmPage(values: {
  prompt: number;
  cached?: number;
  running?: number;
  start?: number;
}): string {
  const { prompt, cached = 0, running = 0, start = 1000 } = values;
  const labels = '{engine="0",model_name="tiny"}';
  return [
    '# TYPE vllm:prompt_tokens_total counter',
    `vllm:prompt_tokens_total${labels} ${prompt}`,
    '# TYPE vllm:prompt_tokens_cached_total counter',
    `vllm:prompt_tokens_cached_total${labels} ${cached}`,
    '# TYPE vllm:generation_tokens_total counter',
    `vllm:generation_tokens_total${labels} 0`,
    '# TYPE vllm:num_requests_running gauge',
    `vllm:num_requests_running${labels} ${running}`,
    '# TYPE process_start_time_seconds gauge',
    `process_start_time_seconds ${start}`,
    '',
  ].join('\n');
}

export function page(text: string): Handler {
  return (_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(text);
  };
}

export interface LogLine {
  level: string;
  event: string;
  fields: LogFields;
}

/** A logger that keeps its lines. */
export function keepLog(): { logger: Logger; lines: LogLine[]; events(event: string): LogFields[] } {
  const lines: LogLine[] = [];
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      void lines.push({ level, event, fields });
  return {
    logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    lines,
    events: (event) => lines.filter((line) => line.event === event).map(({ fields }) => fields),
  };
}

/** Discovery by the test: the result that `list` gives from now on. */
export interface ListedBy {
  list: () => Promise<DiscoveryResult>;
}

export function listing(...endpoints: (Partial<DiscoveredEndpoint> & { name: string; url: string })[]) {
  return () =>
    Promise.resolve<DiscoveryResult>({
      ok: true,
      endpoints: endpoints.map((one) => ({ ready: true, ...one })),
    });
}

export interface Setup {
  scraper: Scraper;
  log: ReturnType<typeof keepLog>;
  /** What discovery lists, by name of the target, and `gpus`. */
  discovery: Record<string, ListedBy>;
  /** The clock of the scraper; moves only by hand. */
  clock: { now: number };
}

export interface SetupOptions {
  targets: string[];
  gpus?: boolean;
  routers?: Record<string, string>;
  scrape?: Partial<ScrapeConfig>;
  window_seconds?: number;
  tools?: Partial<ScraperTools>;
  /** The stopped scraper of an earlier configuration. */
  earlier?: Scraper;
}

/** A scraper with the real edges but for discovery and the clock, which the test holds. */
export function setUp(options: SetupOptions): Setup {
  const log = keepLog();
  const clock = { now: 1_800_000_000 };
  const names = [...options.targets, ...(options.gpus === true ? ['gpus'] : [])];
  const discovery = Object.fromEntries(names.map((name): [string, ListedBy] => [name, { list: listing() }]));
  const group = (host: string) => ({
    discovery: { kind: 'dns' as const, host, port: 1, scheme: 'http' as const, path: '/metrics' },
    http: PLAIN_HTTP,
  });
  const target = (name: string, index: number): TargetConfig => ({
    name,
    role: index === 0 ? 'baseline' : 'candidate',
    url: 'http://127.0.0.1:1/v1',
    model: null,
    http: PLAIN_HTTP,
    replicas: group(name),
    router: options.routers?.[name] === undefined ? null : { url: options.routers[name], http: PLAIN_HTTP },
    slo: null,
  });
  const scraper = new Scraper(
    {
      targets: options.targets.map(target),
      gpus: options.gpus === true ? [group('gpus')] : [],
      scrape: { ...SCRAPE, ...options.scrape },
      window_seconds: options.window_seconds ?? 900,
    },
    {
      openEndpoint,
      fetchPage,
      createDiscovery: (wanted) => {
        const holder = discovery[wanted.kind === 'dns' ? wanted.host : ''];
        return { list: () => holder!.list(), close: () => Promise.resolve() };
      },
      logger: log.logger,
      now: () => clock.now,
      ...options.tools,
    },
    options.earlier,
  );
  return { scraper, log, discovery, clock };
}
