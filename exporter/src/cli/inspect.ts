import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { fetchPage } from '../http/fetch-page';
import { openEndpoint } from '../http/open-endpoint';
import type { HttpSettings } from '../model/config';
import { DEFAULT_LIMITS } from '../scrape/exposition';
import { inspectJson, inspectTable } from '../scrape/inspect-report';
import { readPage } from '../scrape/read-page';
import { firstLine } from './io';

export const INSPECT_USAGE = `Usage: taillight inspect URL|FILE|- [--json]
  Shows what Taillight reads from a /metrics page: a URL, a file (also .gz), or - for standard input.
  --json                     print JSON (schema taillight.inspect/1)
  --bearer-token-file FILE   token to send to the URL
  --ca-file FILE             certificate authority of the URL
  --insecure-skip-verify     do not check the URL's certificate
`;

const TIMEOUT_SECONDS = 30;

export interface InspectIo {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
}

type Body = { ok: true; body: Buffer; content_type: string | null } | { ok: false; detail: string };

/**
 * `taillight inspect`.
 *
 * @param argv what follows the command's name.
 * @returns the exit code: 0, or 2 with one line on `stderr` when the arguments or the page are no good.
 */
export async function inspect(argv: string[], io: InspectIo): Promise<number> {
  const refuse = (why: string) => {
    io.stderr(`taillight inspect: ${why.replace(/\s*\n\s*/g, ' ')}\n`);
    return 2;
  };
  let options;
  try {
    options = parse(argv);
  } catch (error) {
    return refuse(`${firstLine(error)}; see taillight inspect --help`);
  }
  if (options.help) {
    io.stdout(INSPECT_USAGE);
    return 0;
  }
  const { where, http, json } = options;
  if (where === null)
    return refuse('give one URL, one file, or - for standard input; see taillight inspect --help');
  const got = /^https?:\/\//i.test(where) ? await fetchBody(where, http) : await readFile(where);
  if (!got.ok) return refuse(`${where}: ${got.detail}`);
  const page = readPage(got.body, got.content_type);
  if (!page.ok) return refuse(`${where}: ${page.detail}`);
  io.stdout(json ? `${JSON.stringify(inspectJson(page.reading), null, 2)}\n` : inspectTable(page.reading));
  return 0;
}

function parse(argv: string[]) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      'bearer-token-file': { type: 'string' },
      'ca-file': { type: 'string' },
      'insecure-skip-verify': { type: 'boolean', default: false },
    },
  });
  const http: HttpSettings = {
    bearer_token_file: values['bearer-token-file'] ?? null,
    bearer_token: null,
    headers: {},
    tls: {
      ca_file: values['ca-file'] ?? null,
      cert_file: null,
      key_file: null,
      server_name: null,
      insecure_skip_verify: values['insecure-skip-verify'],
    },
  };
  const where = positionals.length === 1 ? (positionals[0] ?? null) : null;
  return { where, http, json: values.json, help: values.help };
}

async function fetchBody(url: string, http: HttpSettings): Promise<Body> {
  if (!URL.canParse(url)) return { ok: false, detail: 'not a URL' };
  let endpoint;
  try {
    endpoint = openEndpoint(http);
  } catch (error) {
    return { ok: false, detail: (error as Error).message };
  }
  try {
    const { max_body_bytes } = DEFAULT_LIMITS;
    return await fetchPage(url, endpoint, { timeout_seconds: TIMEOUT_SECONDS, max_body_bytes });
  } finally {
    await endpoint.close();
  }
}

/** Reads a file or standard input, at most as much as a page may have. */
async function readFile(path: string): Promise<Body> {
  const limit = DEFAULT_LIMITS.max_body_bytes;
  const file = path === '-' ? process.stdin : createReadStream(path);
  const source = path.endsWith('.gz') ? pipeline(file, createGunzip(), () => undefined) : file;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) return { ok: false, detail: `the page is larger than ${limit} bytes` };
    }
  } catch (error) {
    return { ok: false, detail: fileProblem(error as NodeJS.ErrnoException) };
  }
  return { ok: true, body: Buffer.concat(chunks), content_type: null };
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file; a URL starts with http:// or https://',
  EISDIR: 'a directory, not a file',
  EACCES: 'this user may not read the file',
};

function fileProblem(error: NodeJS.ErrnoException): string {
  return FILE_PROBLEMS[error.code ?? ''] ?? error.message;
}
