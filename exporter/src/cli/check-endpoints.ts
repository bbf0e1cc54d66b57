import { createDiscovery } from '../discovery/discover';
import type { DiscoveredEndpoint } from '../discovery/listing';
import type { Endpoint } from '../http/endpoint';
import { fetchPage } from '../http/fetch-page';
import { oneLine } from '../http/network-error';
import { openEndpoint } from '../http/open-endpoint';
import type { Config, HttpSettings, ScrapeGroup, TargetConfig } from '../model/config';
import type { PageReading, Source } from '../model/reading';
import { readPage } from '../scrape/read-page';

/** One line of `taillight check`. */
export interface Finding {
  level: 'ok' | 'warn' | 'fail';
  /** What it speaks of, e.g. `target llm-d, router`. */
  place: string;
  text: string;
}

/** Of the findings about one target, the model that it serves. */
interface TargetFindings {
  model: string | null;
  findings: Finding[];
}

/** Reaches everything that the configuration names, all at once, and says what is found; never rejects, starts no load. */
export async function checkEndpoints(config: Config): Promise<Finding[]> {
  const [targets, gpus] = await Promise.all([
    Promise.all(config.targets.map((target) => checkTarget(target, config))),
    Promise.all(config.gpus.map((group, index) => checkGroup(group, `gpus[${index}]`, GPU_PAGE, config))),
  ]);
  return [...targets.flatMap(({ findings }) => findings), ...sameModel(config, targets), ...gpus.flat()];
}

function sameModel(config: Config, targets: TargetFindings[]): Finding[] {
  const served = targets.flatMap(({ model }, index) =>
    model === null ? [] : `${config.targets[index]?.name ?? ''} ${model}`,
  );
  const models = new Set(targets.flatMap(({ model }) => model ?? []));
  if (models.size < 2) return [];
  const text = `serve different models (${served.join(', ')}): no verdict will be given; set model for each`;
  return [{ level: 'warn', place: 'targets', text }];
}

async function checkTarget(target: TargetConfig, config: Config): Promise<TargetFindings> {
  const place = `target ${target.name}`;
  const [models, replicas, router] = await Promise.all([
    checkModels(target, `${place}, models`),
    target.replicas === null
      ? [noReplicas(`${place}, replicas`)]
      : checkGroup(target.replicas, `${place}, replicas`, ENGINE_PAGE, config),
    target.router === null ? null : checkRouter(target.router, `${place}, router`, config),
  ]);
  const findings = [models.finding, ...replicas, ...(router === null ? [] : [router])];
  return { model: models.model, findings };
}

function noReplicas(place: string): Finding {
  const text =
    'not configured: balance stays unknown, and the hit rate comes from the answers alone (vLLM needs --enable-prompt-tokens-details)';
  return { level: 'warn', place, text };
}

/** Opens an endpoint for one use. */
async function using<T>(http: HttpSettings, use: (endpoint: Endpoint) => Promise<T>): Promise<T> {
  const endpoint = openEndpoint(http);
  try {
    return await use(endpoint);
  } finally {
    await endpoint.close();
  }
}

const MODELS_LIMITS = { timeout_seconds: 10, max_body_bytes: 2 ** 20, accept: 'application/json' };

async function checkModels(
  target: TargetConfig,
  place: string,
): Promise<{ model: string | null; finding: Finding }> {
  const url = `${target.url}/models`;
  const page = await using(target.http, (endpoint) => fetchPage(url, endpoint, MODELS_LIMITS));
  const fail = (why: string) => ({
    model: null,
    finding: { level: 'fail' as const, place, text: `${url}: ${why}` },
  });
  if (!page.ok) {
    const hint = page.status === 404 && !/\/v\d+$/.test(target.url) ? '; should the url end with /v1?' : '';
    return fail(page.detail + hint);
  }
  const models = modelIds(page.body);
  if (models === null)
    return fail('the answer is not a list of models; is this the OpenAI API of the server?');
  const [first] = models;
  if (first === undefined) return fail('lists no model; is the server still loading it?');
  const listed = oneLine(models.slice(0, 8).join(', '));
  if (target.model !== null && !models.includes(target.model)) {
    return fail(`does not list the configured model ${target.model}; it lists ${listed}`);
  }
  const model = target.model ?? first;
  const others =
    target.model === null && models.length > 1 ? ` (the first of ${listed}; set model for another)` : '';
  return { model, finding: { level: 'ok', place, text: `${url}: serves ${oneLine(model)}${others}` } };
}

function modelIds(body: Buffer): string[] | null {
  try {
    const { data } = JSON.parse(body.toString('utf8')) as { data?: unknown };
    if (!Array.isArray(data)) return null;
    return data.flatMap((model: { id?: unknown } | null) => (typeof model?.id === 'string' ? model.id : []));
  } catch {
    return null;
  }
}

/** What a page of a kind must be. */
interface PageKind {
  /** In words, e.g. `a model server`. */
  of: string;
  sources: readonly Source[];
  /** What the page tells, for the line that it is fine; null where it holds nothing of use. */
  tells: (reading: PageReading) => string | null;
}

const SOURCE_WORDS: Readonly<Record<Source, string>> = {
  vllm: 'of a vLLM server',
  epp: "of llm-d's endpoint picker",
  dcgm: 'of NVIDIA GPUs (DCGM)',
  amd: 'of AMD GPUs',
  unknown: 'of something that Taillight does not read',
};

const ENGINE_PAGE: PageKind = {
  of: 'a model server',
  sources: ['vllm'],
  tells: ({ engine }) => engine?.engine_generation ?? null,
};
const ROUTER_PAGE: PageKind = {
  of: "llm-d's endpoint picker",
  sources: ['epp'],
  tells: ({ router }) => {
    const ready = router?.ready_endpoints ?? null;
    return ready === null ? 'endpoint picker' : `endpoint picker with ${ready} ready endpoints`;
  },
};
const GPU_PAGE: PageKind = {
  of: 'a GPU exporter',
  sources: ['dcgm', 'amd'],
  tells: ({ gpus }) => (gpus.length === 0 ? null : `${gpus.length} ${gpus.length === 1 ? 'GPU' : 'GPUs'}`),
};

async function checkPage(
  url: string,
  endpoint: Endpoint,
  place: string,
  kind: PageKind,
  { scrape }: Config,
): Promise<Finding> {
  const { timeout_seconds, max_body_bytes } = scrape;
  const page = await fetchPage(url, endpoint, { timeout_seconds, max_body_bytes });
  const finding = (level: Finding['level'], text: string): Finding => ({
    level,
    place,
    text: `${url}: ${text}`,
  });
  if (!page.ok) return finding('fail', page.detail);
  const read = readPage(page.body, page.content_type, scrape);
  if (!read.ok) return finding('fail', read.detail);
  const { source, notes = [], missing } = read.reading;
  if (!kind.sources.includes(source)) {
    return finding(
      'fail',
      oneLine([`is a page ${SOURCE_WORDS[source]}, not of ${kind.of}`, ...notes].join('; '), 500),
    );
  }
  const told = kind.tells(read.reading);
  if (told === null)
    return finding('fail', oneLine(notes.join('; ') || `holds no metrics of ${kind.of}`, 500));
  if (notes.length > 0) return finding('warn', oneLine(notes.join('; '), 500));
  const untold = missing.length === 0 ? '' : `; it does not tell ${missing.join(', ')}`;
  return finding('ok', oneLine(told + untold, 500));
}

async function checkRouter(
  { url, http }: NonNullable<TargetConfig['router']>,
  place: string,
  config: Config,
): Promise<Finding> {
  const finding = await using(http, (endpoint) => checkPage(url, endpoint, place, ROUTER_PAGE, config));
  // The endpoint picker asks the API server whether the caller may read its page.
  const refused = finding.level === 'fail' && /: answered 40[13]/.test(finding.text);
  const hint =
    '; it wants the token of a service account that may "get" the nonResourceURL /metrics (router.auth)';
  return refused ? { ...finding, text: finding.text + hint } : finding;
}

/** Discovery, then pages: every one of a static list or of GPUs; of a target's replicas one stands for all. */
async function checkGroup(
  group: ScrapeGroup,
  place: string,
  kind: PageKind,
  config: Config,
): Promise<Finding[]> {
  const discovery = createDiscovery(group.discovery);
  const listing = await discovery.list(AbortSignal.timeout(15_000));
  await discovery.close();
  if (!listing.ok) return [{ level: 'fail', place, text: listing.detail }];
  const { endpoints, note } = listing;
  if (endpoints.length === 0) return [{ level: 'fail', place, text: note ?? 'there is no page' }];
  const all = group.discovery.kind === 'static' || kind === GPU_PAGE;
  const pages = toVisit(endpoints, all);
  const found = await using(group.http, (endpoint) =>
    Promise.all(pages.map(({ url }) => checkPage(url, endpoint, place, kind, config))),
  );
  return group.discovery.kind === 'static' ? found : [readiness(endpoints, place), ...found];
}

function toVisit(endpoints: DiscoveredEndpoint[], all: boolean): DiscoveredEndpoint[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  return all ? ready : ready.slice(0, 1);
}

function readiness(endpoints: DiscoveredEndpoint[], place: string): Finding {
  const waiting = endpoints.filter(({ ready }) => !ready).map(({ name }) => name);
  if (waiting.length === 0) return { level: 'ok', place, text: `${endpoints.length} found, all ready` };
  const text = `${waiting.length} of ${endpoints.length} not ready: ${waiting.slice(0, 8).join(', ')}`;
  return { level: waiting.length === endpoints.length ? 'fail' : 'warn', place, text };
}
