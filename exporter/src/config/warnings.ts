import type { Config, HttpSettings } from '../model/config';

/** What is allowed and yet should be known. `written` is the file before interpolation. One line each, without secrets. */
export function warningsOf(config: Config, written: unknown): string[] {
  const warnings: string[] = [];
  for (const { at, url, http } of connections(config)) {
    if (http.tls.insecure_skip_verify) {
      warnings.push(
        `${at}.tls.insecure_skip_verify: any certificate is accepted there; set ca_file instead where you can`,
      );
    }
    if (url.startsWith('http:') && (http.bearer_token ?? http.bearer_token_file) !== null) {
      warnings.push(
        `${at}.auth: the token is sent over plain http, where it can be read on the way; use https where you can`,
      );
    }
  }
  for (const at of literalTokens(written)) {
    warnings.push(
      `${at}: the token stands in the file; use bearer_token_file or \${NAME} where others read the file`,
    );
  }
  return warnings;
}

interface Connection {
  /** Path in the file. */
  at: string;
  url: string;
  http: HttpSettings;
}

function connections(config: Config): Connection[] {
  const groups = [
    ...config.targets.map(({ replicas }, index) => ({ at: `targets[${index}].replicas`, group: replicas })),
    ...config.gpus.map((group, index) => ({ at: `gpus[${index}]`, group })),
  ];
  return [
    ...config.targets.map(({ url, http }, index) => ({ at: `targets[${index}]`, url, http })),
    ...config.targets.flatMap(({ router }, index) =>
      router === null ? [] : [{ at: `targets[${index}].router`, ...router }],
    ),
    ...groups.flatMap(({ at, group }) =>
      group === null ? [] : groupConnections(at, group.discovery, group.http),
    ),
  ];
}

function groupConnections(
  at: string,
  discovery: Config['gpus'][number]['discovery'],
  http: HttpSettings,
): Connection[] {
  if (discovery.kind === 'static') {
    const plain = discovery.endpoints.find(({ url }) => url.startsWith('http:'));
    return [{ at, url: plain?.url ?? 'https:', http }];
  }
  return [{ at, url: `${discovery.scheme}:`, http }];
}

/** Paths of bearer tokens that are written out. */
function literalTokens(node: unknown, path = ''): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, inner]: [string, unknown]) => {
    const at = Array.isArray(node) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    if (key === 'extra_body') return [];
    return key === 'bearer_token' && !/\$\{/.test(String(inner)) ? [at] : literalTokens(inner, at);
  });
}
