import { timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import express, { type Express, type Request, type Response } from 'express';
import type { Comparison } from '../model/comparison';
import { liveQuery, type LiveAnswer, type LiveQuery } from './live';
import { routeLivePage, type LivePage } from './live-page';
import { CONTENT_TYPES, type PageFormat } from './page';

const compress = promisify(gzip);

/** Bodies below this are not worth compressing. */
const MIN_COMPRESSED_BYTES = 2048;

export type ReloadResult = { ok: true } | { ok: false; mistakes: string[] };

/** What the HTTP face asks of the exporter. */
export interface AppDeps {
  page(format: PageFormat): Promise<string>;
  comparison(): Comparison | null;
  runs(): Promise<unknown[]>;
  live(query: LiveQuery): LiveAnswer;
  /** null: `/` is a list of links. */
  livePage: LivePage | null;
  /** null when ready, else the reason in words. */
  notReady(): string | null;
  /** null: the configuration cannot be reloaded over HTTP. */
  reload: { token(): string | null; run(): Promise<ReloadResult> } | null;
  onError(error: unknown): void;
}

/**
 * OpenMetrics where the client prefers it, else text 0.0.4.
 * `*` alone means text: the format that every reader knows.
 */
export function negotiate(accept: string | undefined): PageFormat {
  const wanted = (accept ?? '').split(',').map((part) => {
    const [type = '', ...parameters] = part.trim().split(/\s*;\s*/);
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    return { type: type.toLowerCase(), q: q === undefined ? 1 : Number(q.slice(2)) || 0 };
  });
  const weight = (type: string) =>
    Math.max(0, ...wanted.filter((entry) => entry.type === type).map(({ q }) => q));
  const openmetrics = weight('application/openmetrics-text');
  return openmetrics > 0 && openmetrics >= weight('text/plain') ? 'openmetrics' : 'text';
}

async function send(request: Request, response: Response, type: string, body: string): Promise<void> {
  response.setHeader('content-type', type);
  response.setHeader('vary', 'accept, accept-encoding');
  const bytes = Buffer.from(body);
  if (bytes.length < MIN_COMPRESSED_BYTES || !request.acceptsEncodings('gzip')) {
    response.end(bytes);
    return;
  }
  response.setHeader('content-encoding', 'gzip');
  response.end(await compress(bytes, { level: 1 }));
}

const JSON_TYPE = 'application/json; charset=utf-8';

const sendJson = (request: Request, response: Response, value: unknown) =>
  send(request, response, JSON_TYPE, `${JSON.stringify(value, null, 1)}\n`);

function authorized(request: Request, token: string | null): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token ?? ''}`);
  return token !== null && token !== '' && given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function reload(
  reloader: NonNullable<AppDeps['reload']>,
  request: Request,
  response: Response,
): Promise<void> {
  if (!authorized(request, reloader.token())) {
    response.status(401).setHeader('www-authenticate', 'Bearer');
    response.end('reloading needs the bearer token of lifecycle_token_file\n');
    return;
  }
  const result = await reloader.run();
  response.status(result.ok ? 200 : 400);
  response.end(result.ok ? 'reloaded\n' : `${result.mistakes.join('\n')}\n`);
}

const INDEX = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Taillight</title></head>
<body><h1>Taillight</h1><ul>
<li><a href="api/v1/comparison">api/v1/comparison</a>: the comparison as JSON</li>
<li><a href="metrics">metrics</a>: for Prometheus</li>
<li><a href="api/v1/runs">api/v1/runs</a>: results files</li>
<li><a href="healthz">healthz</a>, <a href="readyz">readyz</a></li>
</ul></body></html>
`;

/** The HTTP face: reading only, but for a reload that needs a token. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    response.setHeader('cache-control', 'no-store');
    next();
  });
  if (deps.livePage !== null) routeLivePage(app, deps.livePage);
  else app.get('/', (request, response) => send(request, response, 'text/html; charset=utf-8', INDEX));
  app.get('/healthz', (_request, response) => void response.type('text/plain').send('ok\n'));
  app.get('/readyz', (_request, response) => {
    const reason = deps.notReady();
    response
      .status(reason === null ? 200 : 503)
      .type('text/plain')
      .send(`${reason ?? 'ready'}\n`);
  });
  app.get('/metrics', async (request, response) => {
    const format = negotiate(request.headers.accept);
    await send(request, response, CONTENT_TYPES[format], await deps.page(format));
  });
  app.get('/api/v1/comparison', async (request, response) => {
    const comparison = deps.comparison();
    if (comparison === null) response.status(503);
    await sendJson(
      request,
      response,
      comparison ?? { error: 'the first comparison is not made yet; ask again' },
    );
  });
  app.get('/api/v1/runs', async (request, response) => {
    await sendJson(request, response, { schema: 'taillight.runs/1', runs: await deps.runs() });
  });
  app.get('/api/v1/live', async (request, response) => {
    const query = liveQuery(request.query['turn'], request.query['quantile']);
    if (query !== null) return send(request, response, JSON_TYPE, JSON.stringify(deps.live(query)));
    response.status(400);
    await sendJson(request, response, {
      error: 'turn must be first, later or all; quantile 0.5, 0.9, 0.95 or 0.99',
    });
  });
  const reloader = deps.reload;
  if (reloader !== null) app.post('/-/reload', (request, response) => reload(reloader, request, response));
  app.use((_request, response) => void response.status(404).type('text/plain').send('not found\n'));
  // Four parameters are how express tells an error handler.
  app.use((error: unknown, _request: Request, response: Response, _next: () => void) => {
    deps.onError(error);
    if (!response.headersSent) response.status(500).type('text/plain').send('internal error\n');
  });
  return app;
}
