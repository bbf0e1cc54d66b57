import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Express, Request, Response } from 'express';

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** In the built index.html, where each response has a number of its own. */
const NONCE_MARK = '%NONCE%';

interface Asset {
  type: string;
  /** By content encoding, the best first. */
  bodies: [encoding: 'br' | 'gzip' | 'identity', body: Buffer][];
}

/** The built live page: small enough to be held in memory, so that no request path ever reaches the file system. */
export interface LivePage {
  index: string;
  /** By file name. */
  assets: ReadonlyMap<string, Asset>;
}

/** Reads the folder that `npm run build:live` writes; null where it was not built, as for a bundle that runs alone. */
export function readLivePage(folder: string): LivePage | null {
  try {
    const index = readFileSync(join(folder, 'index.html'), 'utf8');
    const assets = join(folder, 'assets');
    const names = readdirSync(assets).filter((name) => TYPES[extname(name)] !== undefined);
    return { index, assets: new Map(names.map((name) => [name, readAsset(join(assets, name))])) };
  } catch {
    return null;
  }
}

function readAsset(path: string): Asset {
  const bodies: Asset['bodies'] = [];
  for (const [encoding, suffix] of [
    ['br', '.br'],
    ['gzip', '.gz'],
  ] as const) {
    try {
      bodies.push([encoding, readFileSync(path + suffix)]);
    } catch {
      // Not worth compressing: the plain one is enough.
    }
  }
  bodies.push(['identity', readFileSync(path)]);
  return { type: TYPES[extname(path)] ?? 'application/octet-stream', bodies };
}

/** Everything comes from here and nothing is inline, but for styles that bear the number of this very response. */
const policy = (nonce: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

function sendAsset(request: Request, response: Response, asset: Asset): void {
  const [encoding, body] =
    asset.bodies.find(([one]) => one !== 'identity' && request.acceptsEncodings(one) === one) ??
    (asset.bodies.at(-1) as Asset['bodies'][number]);
  response.setHeader('content-type', asset.type);
  response.setHeader('vary', 'accept-encoding');
  // Names contain a digest of the content.
  response.setHeader('cache-control', 'public, max-age=31536000, immutable');
  if (encoding !== 'identity') response.setHeader('content-encoding', encoding);
  response.end(body);
}

/** `/` and what it loads. */
export function routeLivePage(app: Express, { index, assets }: LivePage): void {
  app.get('/', (_request, response) => {
    const nonce = randomBytes(16).toString('base64');
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('cache-control', 'no-cache');
    response.setHeader('content-security-policy', policy(nonce));
    response.setHeader('referrer-policy', 'no-referrer');
    response.end(index.replaceAll(NONCE_MARK, nonce));
  });
  app.get('/assets/:name', (request, response, next) => {
    const asset = assets.get(request.params.name);
    if (asset === undefined) next();
    else sendAsset(request, response, asset);
  });
}
