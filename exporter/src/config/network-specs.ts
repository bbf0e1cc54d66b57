import { text, wholeNumber, type Spec } from './specs';

/** A target's name becomes a label, a part of ids and a part of file names. */
export const targetName: Spec<string> = text(
  'a name',
  'use up to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends',
  /^(?=.{1,63}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
);

export const filePath: Spec<string> = text('a path', 'write the path of a file');
export const folderPath: Spec<string> = text('a path', 'write the path of a folder');

export const hostName: Spec<string> = text(
  'a host name',
  'write it like qwen-headless.demo-llm.svc, without scheme and port',
  /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/,
);

export const urlPath: Spec<string> = text('a path', 'write it like /metrics', /^\/[^\s?#]*$/);

export const port: Spec<number> = {
  ...wholeNumber(1, 65_535, 8000),
  is: 'a port number',
  use: 'use 1-65535',
};

/** As in a pod: a number, or the name of a container port (IANA service name: at most 15 characters, one of them a letter). */
export const portOrName: Spec<number | string> = {
  is: 'a port number or port name',
  use: "use 1-65535 or the port's name",
  read: (raw) =>
    port.read(raw) ??
    (typeof raw === 'string' && /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/.test(raw) ? raw : null),
};

/** Kubernetes' rule for the names of namespaces. */
export const namespaceName: Spec<string> = text(
  'the name of a namespace',
  'write it like demo-llm',
  /^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
);

export const labelSelector: Spec<string> = text(
  'a label selector',
  'write it as for `kubectl -l`, e.g. app=vllm',
  /^[\w./\-=!,() ]{1,1000}$/,
);

/** `host:port`, `:port` or a port; port 0 takes a free one. */
export const listenAddress: Spec<{ host: string; port: number }> = {
  is: 'an address to listen on',
  use: 'write it like 0.0.0.0:9108 or [::]:9108',
  read: (raw) => {
    const [, host, digits] = /^(?:(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]*):)?(\d{1,5})$/.exec(String(raw)) ?? [];
    if (digits === undefined || Number(digits) > 65_535) return null;
    return { host: host ? host.replace(/^\[|\]$/g, '') : '0.0.0.0', port: Number(digits) };
  },
};

function parseUrl(raw: unknown): URL | null {
  if (typeof raw !== 'string' || !/^https?:\/\/[^/]/i.test(raw) || !URL.canParse(raw)) return null;
  const url = new URL(raw);
  // Credentials belong into `auth`, where nothing prints them.
  return url.username === '' && url.password === '' && url.hash === '' ? url : null;
}

/** The base of an OpenAI API, without a slash at the end. A bare host gets `/v1`. */
export const apiUrl: Spec<string> = {
  is: 'the http or https URL of an API, without credentials, query and fragment',
  use: 'write it like http://host:8000/v1',
  read: (raw) => {
    const url = parseUrl(raw);
    if (url === null || url.search !== '') return null;
    const path = url.pathname.replace(/\/+$/, '');
    return `${url.origin}${path === '' ? '/v1' : path}`;
  },
};

/** A page to scrape. A bare host gets `/metrics`. */
export const pageUrl: Spec<string> = {
  is: 'the http or https URL of a page, without credentials and fragment',
  use: 'write it like http://host:8000/metrics',
  read: (raw) => {
    const url = parseUrl(raw);
    if (url === null) return null;
    return `${url.origin}${url.pathname === '/' && url.search === '' ? '/metrics' : url.pathname + url.search}`;
  },
};

/** The Kubernetes API server. */
export const serverUrl: Spec<string> = {
  is: 'the http or https URL of a server, without a path',
  use: 'write it like https://host:6443',
  read: (raw) => {
    const url = parseUrl(raw);
    return url !== null && url.pathname === '/' && url.search === '' ? url.origin : null;
  },
};

/** Of a page in a static list; becomes the label `replica`. */
export const endpointName: Spec<string> = text(
  'a name',
  'use letters, digits, and any of . _ : [ ] -',
  /^[\w.:[\]-]{1,253}$/,
);

/** Headers that the HTTP client must be left to set. */
const FORBIDDEN_HEADERS = new Set([
  'host',
  'connection',
  'content-length',
  'content-type',
  'transfer-encoding',
  'expect',
  'keep-alive',
  'upgrade',
  'accept',
  'accept-encoding',
  'x-request-id',
]);

/** Read as lower case. */
export const headerName: Spec<string> = {
  is: 'a header that can be set here',
  use: 'use a name like x-api-key (what frames the request is set by Taillight)',
  read: (raw) => {
    const name = /^[\w!#$%&'*+.^`|~-]+$/.test(String(raw)) ? String(raw).toLowerCase() : null;
    return name === null || FORBIDDEN_HEADERS.has(name) ? null : name;
  },
};

export const bearerToken: Spec<string> = {
  ...text('a token', 'use one word of printable ASCII, or bearer_token_file', /^[\x21-\x7e]+$/),
  secret: true,
};

export const headerValue: Spec<string> = {
  ...text('the value of a header', 'use one line of printable ASCII', /^[\x20-\x7e]+$/),
  secret: true,
};
