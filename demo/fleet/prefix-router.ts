import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoints } from './endpoints';
import { EppMetrics } from './epp-metrics';
import { HttpHost, readBody, reply } from './http-host';
import { chainHash, rootHash } from './kv-cache';
import { PrefixIndex } from './prefix-index';
import { forward } from './proxy';
import type { Random } from './random';
import type { Replica, ReplicaLoad } from './replica';
import { RouterFront } from './router-front';
import type { Weights } from './scorer';
import { pickBest, scores } from './scorer';
import type { ChatMessage, Tokenizer } from './tokenizer';

export interface PrefixRouterOptions {
  host: string;
  model: string;
  namespace: string;
  weights: Weights;
  block_size: number;
  /** Between two looks at the replicas' queues and KV use. llm-d's default is 50 ms. */
  poll_seconds: number;
  /** Between two refreshes of the pool gauges on the metrics page. */
  pool_refresh_seconds: number;
  /** Flow control by concurrency: beyond so many requests per ready replica new ones get 429; null: off, as by default. */
  max_concurrency: number | null;
}

const MARK = { 'x-went-into-resp-headers': 'true' };
const UNKNOWN_LOAD: ReplicaLoad = { running: 0, waiting: 0, kvUsage: 0 };

/** A gateway with an llm-d endpoint picker: the replica with the best score of prefix match, KV use and queue gets it. */
export class PrefixRouter {
  readonly front: RouterFront;
  readonly metricsHost: HttpHost;
  private readonly metrics: EppMetrics;
  private readonly indexes: Map<Replica, PrefixIndex>;
  private readonly loads = new Map<Replica, ReplicaLoad>();
  private readonly timers: NodeJS.Timeout[];
  private inFlight = 0;

  constructor(
    private readonly endpoints: Endpoints,
    private readonly tokenizer: Tokenizer,
    private readonly random: Random,
    private readonly options: PrefixRouterOptions,
  ) {
    this.front = new RouterFront(options.host, (request, response) => this.receive(request, response));
    this.metricsHost = new HttpHost(options.host, (request, response) =>
      this.answerMetrics(request, response),
    );
    this.metrics = new EppMetrics(options.model, 'demo-pool', options.namespace);
    // The index of a replica is as large as its cache, as the real one learns from `cache_config_info`.
    this.indexes = new Map(endpoints.replicas.map((replica) => [replica, new PrefixIndex(replica.kvBlocks)]));
    this.timers = [
      setInterval(() => this.poll(), options.poll_seconds * 1000),
      setInterval(() => this.refreshPool(), options.pool_refresh_seconds * 1000),
    ];
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all([this.front.kill(), this.metricsHost.kill()]);
  }

  private poll(): void {
    for (const replica of this.endpoints.replicas) {
      // A page that cannot be read leaves the last values in place.
      const load = replica.load();
      if (load !== null) this.loads.set(replica, load);
    }
  }

  private refreshPool(): void {
    let indexed = 0;
    for (const index of this.indexes.values()) indexed += index.size;
    this.metrics.refreshPool(this.endpoints.ready(), this.loads, indexed);
  }

  private answerMetrics(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const path = (request.url ?? '/').split('?')[0];
    if (path === '/metrics') {
      reply(response, 200, this.metrics.render(), {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
      });
    } else if (path === '/healthz' || path === '/health') {
      reply(response, 200, 'ok', { 'content-type': 'text/plain' });
    } else {
      reply(response, 404, '404 page not found\n', { 'content-type': 'text/plain; charset=utf-8' });
    }
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'POST') {
      void this.route(request, response);
      return;
    }
    const chosen = this.randomReady();
    if (chosen === undefined) {
      request.resume();
      reply(response, 500, 'inference error: Internal - no pods available in datastore', {
        'content-type': 'text/plain',
      });
      return;
    }
    forward(request, response, { host: this.options.host, port: chosen.port, body: null, headers: MARK });
  }

  private randomReady(): Replica | undefined {
    const ready = this.endpoints.ready();
    return ready[Math.floor(this.random() * ready.length)];
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = performance.now();
    const body = await readBody(request);
    if (body === null) return void response.destroy();
    const prompt = readPrompt(body);
    if (typeof prompt === 'string') {
      this.metrics.refused('BadRequest');
      return reply(response, 400, `inference error: BadRequest - ${prompt}`, {
        'content-type': 'text/plain',
      });
    }
    const ready = this.endpoints.ready();
    if (ready.length === 0) {
      this.metrics.schedulingFailed();
      const text =
        'inference error: ServiceUnavailable - failed to find endpoint candidates for serving the request';
      return this.refuse(response, 503, 'rejected-no-endpoints', 'ServiceUnavailable', text);
    }
    if (this.saturated(ready)) {
      const text = 'inference error: ResourceExhausted - request rejected pre-queue: queue at capacity';
      return this.refuse(response, 429, 'rejected-saturated', 'ResourceExhausted', text);
    }
    const chosen = this.choose(ready, prompt, arrived);
    if (chosen !== undefined) this.pass(request, response, body, chosen, prompt.stream, arrived);
  }

  private refuse(response: ServerResponse, status: number, reason: string, code: string, text: string): void {
    this.metrics.refused(code);
    reply(response, status, text, { 'content-type': 'text/plain', 'x-llm-d-request-dropped-reason': reason });
  }

  private saturated(ready: readonly Replica[]): boolean {
    const { max_concurrency: limit } = this.options;
    return limit !== null && this.inFlight >= limit * ready.length;
  }

  private choose(ready: readonly Replica[], prompt: Prompt, started: number): Replica | undefined {
    const { block_size } = this.options;
    const tokens = this.tokenizer.encodeChat(prompt.messages);
    const chain: number[] = [];
    const tokenAt = (i: number) => tokens[i] ?? 0;
    for (let i = 0; i < Math.floor(tokens.length / block_size); i++) {
      chain.push(chainHash(chain[i - 1] ?? rootHash(prompt.cacheSalt), tokenAt, i * block_size, block_size));
    }
    const matches = ready.map((replica) => this.indexes.get(replica)?.match(chain) ?? 0);
    const candidates = ready.map((replica, i) => {
      const { waiting, kvUsage } = this.loads.get(replica) ?? UNKNOWN_LOAD;
      return { prefixMatch: chain.length === 0 ? 0 : (matches[i] ?? 0) / chain.length, waiting, kvUsage };
    });
    const best = pickBest(scores(candidates, this.options.weights), this.random);
    const chosen = ready[best];
    if (chosen === undefined) return undefined;
    this.indexes.get(chosen)?.record(chain);
    const seconds = (performance.now() - started) / 1000;
    this.metrics.scheduled(chosen, seconds, matches[best] ?? 0, chain.length, block_size);
    return chosen;
  }

  private pass(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    chosen: Replica,
    streaming: boolean,
    arrived: number,
  ): void {
    this.inFlight++;
    let firstByte: number | null = null;
    let lastByte = 0;
    let responseBytes = 0;
    let tail = '';
    forward(request, response, {
      host: this.options.host,
      port: chosen.port,
      body,
      headers: MARK,
      onChunk: (chunk) => {
        const now = performance.now();
        if (firstByte === null) firstByte = now;
        else if (streaming) this.metrics.chunkGap((now - lastByte) / 1000);
        lastByte = now;
        responseBytes += chunk.length;
        if (chunk.includes('"usage":{')) tail = chunk.toString('utf8');
      },
      onEnd: () =>
        this.metrics.passed({
          streaming,
          ttft: firstByte === null ? null : (firstByte - arrived) / 1000,
          duration: (performance.now() - arrived) / 1000,
          requestBytes: body.length,
          responseBytes,
          usage: readUsage(tail),
        }),
      onClose: () => {
        this.inFlight--;
        this.metrics.left();
      },
    });
  }
}

interface Prompt {
  messages: ChatMessage[];
  stream: boolean;
  cacheSalt: string | null;
}

/** What the picker needs of a body, or why it cannot be read. Strange messages are left to the model server to refuse. */
function readPrompt(body: Buffer): Prompt | string {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    return 'error unmarshaling request bodyMap: invalid character';
  }
  if (typeof json !== 'object' || json === null || !('model' in json) || typeof json.model !== 'string') {
    return 'model not found in request body';
  }
  const fields = json as Record<string, unknown>;
  const messages = Array.isArray(fields['messages']) ? (fields['messages'] as unknown[]) : [];
  return {
    messages: messages.map((message) => {
      const { role, content } = (message ?? {}) as Record<string, unknown>;
      return {
        role: String(role),
        content: typeof content === 'string' ? content : JSON.stringify(content ?? ''),
      };
    }),
    stream: fields['stream'] === true,
    cacheSalt: typeof fields['cache_salt'] === 'string' ? fields['cache_salt'] : null,
  };
}

/** Token counts from the last event (or the whole answer) as they pass. */
function readUsage(text: string): { input: number; output: number; cached: number | null } | null {
  const input = /"prompt_tokens":(\d+)/.exec(text)?.[1];
  const output = /"completion_tokens":(\d+)/.exec(text)?.[1];
  const cached = /"cached_tokens":(\d+)/.exec(text)?.[1];
  if (input === undefined || output === undefined) return null;
  return {
    input: Number(input),
    output: Number(output),
    cached: cached === undefined ? null : Number(cached),
  };
}
