import type { NetworkFailure } from './endpoint';

/** What went wrong with a connection: the closed reason, and one line for people (no secret, no line break). */
export interface NetworkProblem {
  failure: NetworkFailure;
  text: string;
}

/** A file of the endpoint's settings cannot be used; raised instead of connecting with half of the settings. */
export class EndpointFileError extends Error {
  override readonly name = 'EndpointFileError';
  constructor(
    message: string,
    readonly failure: NetworkFailure,
  ) {
    super(message);
  }
}

/** The fields that Node's and undici's errors bear; all of them may be absent. */
interface ErrorFields {
  name?: string;
  code?: unknown;
  message?: string;
  syscall?: string;
  hostname?: string;
  host?: string;
  address?: string;
  port?: number;
  reason?: string;
  /** ERR_TLS_CERT_ALTNAME_INVALID: the certificate that was shown. */
  cert?: { subjectaltname?: string; subject?: { CN?: unknown } };
  /** undici's SocketError. */
  socket?: { bytesRead?: number };
  /** undici's HTTPParserError: what the server sent. */
  data?: unknown;
  cause?: unknown;
  errors?: unknown[];
}

const UNTRUSTED =
  'the certificate is signed by an authority that is not trusted here; set tls.ca_file to that authority';
const TLS_EXPECTED = 'the server speaks TLS on this port; the url must start with https://';

/** Codes with one meaning wherever they occur. */
const TABLE: Readonly<Record<string, NetworkProblem>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { failure: 'tls_error', text: UNTRUSTED },
  UNABLE_TO_GET_ISSUER_CERT: { failure: 'tls_error', text: UNTRUSTED },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { failure: 'tls_error', text: UNTRUSTED },
  SELF_SIGNED_CERT_IN_CHAIN: { failure: 'tls_error', text: UNTRUSTED },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    failure: 'tls_error',
    text: 'the certificate is signed by itself and not trusted here; set tls.ca_file to that certificate, or tls.insecure_skip_verify',
  },
  CERT_HAS_EXPIRED: { failure: 'tls_error', text: 'the certificate has expired; it must be renewed' },
  CERT_NOT_YET_VALID: {
    failure: 'tls_error',
    text: 'the certificate is not valid yet; compare the clocks of both sides',
  },
  CERT_REVOKED: { failure: 'tls_error', text: 'the certificate was revoked' },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    failure: 'tls_error',
    text: 'the server does not speak TLS on this port; the url must start with http://, or the port is wrong',
  },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: {
    failure: 'tls_error',
    text: 'the server wants a client certificate; set tls.cert_file and tls.key_file',
  },
  UND_ERR_HEADERS_TIMEOUT: { failure: 'timeout', text: 'no answer in time' },
  UND_ERR_BODY_TIMEOUT: { failure: 'timeout', text: 'the answer stopped arriving' },
  UND_ERR_HEADERS_OVERFLOW: { failure: 'cut', text: 'the answer has more than 16 KiB of headers' },
  UND_ERR_ABORTED: { failure: 'timeout', text: 'given up before the answer was complete' },
  UND_ERR_DESTROYED: { failure: 'cut', text: 'the connection was closed on this side' },
  UND_ERR_CLOSED: { failure: 'cut', text: 'the connection was closed on this side' },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: {
    failure: 'cut',
    text: 'the answer is not as long as its content-length says',
  },
  EMFILE: { failure: 'connect_error', text: 'too many open files in this process; raise `ulimit -n`' },
  ENFILE: { failure: 'connect_error', text: 'too many open files on this machine' },
  EADDRNOTAVAIL: { failure: 'connect_error', text: 'no free local port for another connection' },
  EPIPE: { failure: 'cut', text: 'the server closed the connection while the request was sent' },
};

/** Codes of getaddrinfo and of c-ares that are about names. */
const DNS_CODES = /^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL|ENONAME|EREFUSED|EBADNAME|EBADRESP|ETIMEOUT)$/;
const TLS_CODES =
  /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|EPROTO$)/;

/**
 * Says in plain words why a request failed below HTTP. Takes whatever undici, `node:tls`, `node:net` or `node:dns` threw;
 * never throws itself. An unknown error becomes `cut` with its own name and message.
 */
export function classifyNetworkError(error: unknown): NetworkProblem {
  const fields = firstWithCode(error);
  if (error instanceof EndpointFileError) return { failure: error.failure, text: error.message };
  if (fields.name === 'TimeoutError') return { failure: 'timeout', text: 'no complete answer in time' };
  if (fields.name === 'HTTPParserError') return notHttp(fields.data);
  const code = typeof fields.code === 'string' ? fields.code : '';
  return (
    TABLE[code] ??
    lookupProblem(code, fields) ??
    connectProblem(code, fields) ??
    tlsProblem(code, fields) ??
    cutProblem(code, fields) ?? {
      failure: 'cut',
      text: oneLine(`${fields.name ?? 'error'} ${code}: ${fields.message ?? ''}`),
    }
  );
}

/** Several addresses tried at once end as an AggregateError, a wrapper keeps the true error in `cause`. */
function firstWithCode(error: unknown, depth = 0): ErrorFields {
  if (typeof error !== 'object' || error === null) return { name: 'error', message: String(error) };
  const fields = error as ErrorFields;
  const inner = fields.errors?.[0] ?? fields.cause;
  const better =
    inner !== undefined && inner !== null && (fields.errors !== undefined || fields.code === undefined);
  return better && depth < 5 ? firstWithCode(inner, depth + 1) : fields;
}

function lookupProblem(code: string, { hostname }: ErrorFields): NetworkProblem | null {
  if (!DNS_CODES.test(code)) return null;
  const host = hostname === undefined ? 'the host' : `"${oneLine(hostname)}"`;
  if (code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EAI_NONAME') {
    return {
      failure: 'dns_error',
      text: `no address is known for ${host}; is the name right and the service there?`,
    };
  }
  return { failure: 'dns_error', text: `the name server gave no answer about ${host} (${code})` };
}

function connectProblem(code: string, fields: ErrorFields): NetworkProblem | null {
  const at = (word: string) => place(word, fields);
  switch (code) {
    case 'ECONNREFUSED':
      return { failure: 'connect_error', text: `connection refused${at('by')}: nothing listens there` };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { failure: 'connect_error', text: `there is no way${at('to')} through the network` };
    case 'EACCES':
    case 'EPERM':
      return { failure: 'connect_error', text: `this system forbids connecting${at('to')}` };
    case 'UND_ERR_CONNECT_TIMEOUT':
      return {
        failure: 'connect_error',
        text: 'no connection in time; a firewall or network policy may swallow it',
      };
    case 'ETIMEDOUT':
      return fields.syscall === 'connect'
        ? {
            failure: 'connect_error',
            text: `no connection${at('to')} in time; a firewall or network policy may swallow it`,
          }
        : { failure: 'cut', text: 'the server went silent' };
    default:
      return null;
  }
}

function place(word: string, { address, port }: ErrorFields): string {
  if (address === undefined) return '';
  const host = address.includes(':') ? `[${address}]` : address;
  return port === undefined ? ` ${word} ${host}` : ` ${word} ${host}:${port}`;
}

function tlsProblem(code: string, fields: ErrorFields): NetworkProblem | null {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return { failure: 'tls_error', text: wrongName(fields) };
  if (code === 'ECONNRESET' && /before secure TLS/.test(fields.message ?? '')) {
    return {
      failure: 'tls_error',
      text: 'the server hung up during the TLS handshake; perhaps it speaks no TLS on this port, or wants a client certificate',
    };
  }
  if (!TLS_CODES.test(code)) return null;
  if (/wrong version number|packet length too long|unknown protocol/.test(fields.message ?? '')) {
    return TABLE['ERR_SSL_WRONG_VERSION_NUMBER'] ?? null;
  }
  return {
    failure: 'tls_error',
    text: `TLS failed: ${oneLine(fields.reason ?? fields.message ?? '')} (${code})`,
  };
}

function wrongName({ host, cert }: ErrorFields): string {
  const names = (cert?.subjectaltname ?? '')
    .split(', ')
    .filter((name) => name !== '')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''));
  const has = names.length === 0 ? 'has no names' : `is for ${names.slice(0, 8).join(', ')}`;
  const asked = host === undefined ? 'the host of the url' : oneLine(host);
  return oneLine(
    `the certificate ${has}, not for ${asked}; use such a name in the url or set tls.server_name to it`,
  );
}

function cutProblem(code: string, fields: ErrorFields): NetworkProblem | null {
  if (code.startsWith('Z_')) return { failure: 'cut', text: 'the compressed answer is damaged' };
  if (code !== 'UND_ERR_SOCKET' && code !== 'ECONNRESET') return null;
  if (fields.socket?.bytesRead === 0) {
    return {
      failure: 'cut',
      text: 'the server hung up without an answer; so does a TLS port that is spoken to in plain http, and one that wants a client certificate',
    };
  }
  return { failure: 'cut', text: 'the connection broke before the answer was complete' };
}

/** A TLS alert record begins with 0x15 0x03: the answer of a TLS server to plain text. */
function notHttp(data: unknown): NetworkProblem {
  if (typeof data === 'string' && data.startsWith('\u0015\u0003'))
    return { failure: 'tls_error', text: TLS_EXPECTED };
  return { failure: 'cut', text: 'the answer is not HTTP; is the port right?' };
}

/** Text from outside, made fit for one line of a log. */
export function oneLine(text: string, limit = 300): string {
  const clean = text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}
