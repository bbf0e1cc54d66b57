import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { Agent, buildConnector, type Pool } from 'undici';
import type { HttpSettings, TlsSettings } from '../model/config';
import type { Endpoint, NetworkFailure } from './endpoint';
import { LastingPools } from './lasting-pools';
import { EndpointFileError } from './network-error';
import { watchFiles } from './watch-files';

export interface EndpointOptions {
  /** false: a new TCP connection for each request, closed after it. Default: true. */
  keep_alive?: boolean;
  /** Default: 10. */
  connect_timeout_seconds?: number;
  /** How often the files of the settings are looked at. Default: 5. */
  file_check_seconds?: number;
}

/**
 * Opens the way to a server: authentication, TLS, connection reuse. No connection is made yet and nothing throws: a token or
 * certificate file that cannot be read fails each request with an `EndpointFileError` until it can be.
 *
 * The files are looked at by a timer, never by a request: what Kubernetes rotates is in use a few seconds later. Once read,
 * the last good state stays in use while a rotation is half done (new certificate, old key).
 *
 * Deadlines are the callers' (undici's own header and body timeouts are off); redirects are not followed.
 */
export function openEndpoint(settings: HttpSettings, options: EndpointOptions = {}): Endpoint {
  const { tls, bearer_token_file } = settings;
  const token = new FromFiles(() => readToken(settings), 'connect_error');
  const context = new FromFiles(() => readContext(tls), 'tls_error');
  let dispatcher: Agent | LastingPools | null = null;
  const current = () => (dispatcher ??= createDispatcher(tls, options, context, token));

  const seconds = options.file_check_seconds ?? 5;
  const tokenWatch = watchFiles(bearer_token_file === null ? [] : [bearer_token_file], seconds, () =>
    token.load(),
  );
  const tlsWatch = watchFiles(tlsFiles(tls), seconds, () => {
    if (!context.load()) return false;
    // Requests under way end on the old connections.
    void dispatcher?.close();
    dispatcher = null;
    return true;
  });

  return {
    dispatcher: current,
    headers: () => ({
      ...settings.headers,
      ...(token.value !== null && { authorization: `Bearer ${token.value}` }),
    }),
    close: async () => {
      tokenWatch.close();
      tlsWatch.close();
      await current().destroy();
    },
  };
}

/** What was last read well; until there is such a value, the reason why not. */
class FromFiles<T> {
  value: T | null = null;
  problem: EndpointFileError | null = null;

  constructor(
    private readonly read: () => T,
    private readonly failure: NetworkFailure,
  ) {}

  /** Returns whether it went well; otherwise the old value stays. */
  load(): boolean {
    try {
      this.value = this.read();
      this.problem = null;
      return true;
    } catch (error) {
      // The texts are ours (below): they name files, never their content.
      if (this.value === null) this.problem = new EndpointFileError((error as Error).message, this.failure);
      return false;
    }
  }
}

function tlsFiles(tls: TlsSettings): string[] {
  return [tls.ca_file, tls.cert_file, tls.key_file].filter((path) => path !== null);
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(
      `the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    );
  }
}

function readToken({ bearer_token, bearer_token_file }: HttpSettings): string | null {
  if (bearer_token_file === null) return bearer_token;
  const token = readFile(bearer_token_file).trim();
  if (token === '') throw new Error(`the token file ${bearer_token_file} is empty`);
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new Error(`the token file ${bearer_token_file} holds more than one word of printable ASCII`);
  }
  return token;
}

/** Parsed once, not at each connection: a probe opens one per request. */
function readContext(tls: TlsSettings): SecureContext {
  const read = (path: string | null) => (path === null ? undefined : readFile(path));
  const [ca, cert, key] = [read(tls.ca_file), read(tls.cert_file), read(tls.key_file)];
  try {
    // OpenSSL passes over an authority file without a certificate in silence, and would then trust nobody.
    if (ca !== undefined) new X509Certificate(ca);
    return createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'not PEM';
    throw new Error(`OpenSSL does not accept ${tlsFiles(tls).join(', ')} (${code})`);
  }
}

function createDispatcher(
  tls: TlsSettings,
  options: EndpointOptions,
  context: FromFiles<SecureContext>,
  token: FromFiles<string | null>,
): Agent | LastingPools {
  const keepAlive = options.keep_alive ?? true;
  const connect = buildConnector({
    timeout: (options.connect_timeout_seconds ?? 10) * 1000,
    rejectUnauthorized: !tls.insecure_skip_verify,
    ...(context.value !== null && { secureContext: context.value }),
    ...(tls.server_name !== null && { servername: tls.server_name }),
  });
  const pool: Pool.Options = {
    headersTimeout: 0,
    bodyTimeout: 0,
    // Pipelining 0 is undici's way to say `connection: close`.
    pipelining: keepAlive ? 1 : 0,
    connect: (target, callback) => {
      const problem = context.problem ?? token.problem;
      if (problem === null) connect(target, callback);
      else callback(problem, null);
    },
  };
  return keepAlive ? new Agent(pool) : new LastingPools(pool);
}
