import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerTo } from './answer-text';
import type { ChatRequest } from './chat-api';
import {
  apiError,
  contextExceeded,
  modelList,
  parseChatRequest,
  StreamWriter,
  wholeAnswer,
} from './chat-api';
import { Engine } from './engine';
import { EngineDriver } from './engine-driver';
import { HttpHost, readBody, reply, replyJson } from './http-host';
import type { LatencyModel } from './latency-model';
import { createRandom } from './random';
import { RequestLog, stampToken, type LoggedRequest } from './request-log';
import type { Tokenizer } from './tokenizer';
import type { Rejection } from './vllm-metrics';
import { VllmMetrics } from './vllm-metrics';

/** What kind of server a replica is; the same for all of a fleet. */
export interface ReplicaProfile {
  model: string;
  block_size: number;
  blocks: number;
  max_model_len: number;
  max_num_seqs: number;
  /** Requests under way (waiting and running) before new ones get 503; null: no limit. */
  max_num_queued_reqs: number | null;
  /** Prompt tokens in their prefill phase before new requests get 503; null: no limit. */
  max_num_queued_tokens: number | null;
  latency: LatencyModel;
}

export interface ReplicaLoad {
  running: number;
  waiting: number;
  kvUsage: number;
}

type Refusal = 'none' | 429 | 500 | 503;

const SERVER = { server: 'uvicorn', vary: 'Origin' };

const REFUSALS = {
  429: ['RateLimitError', 'Failed to enqueue request, waiting requests queue is full'],
  500: [
    'InternalServerError',
    'EngineCore encountered an issue. See stack trace (above) for the root cause.',
  ],
  503: ['ServiceUnavailableError', 'The server is overloaded or not ready yet.'],
} as const;

/** One simulated vLLM process with its HTTP server, its GPU and its faults. */
export class Replica {
  readonly log: RequestLog;
  private readonly host: HttpHost;
  private driver: EngineDriver;
  private metrics: VllmMetrics;
  private refusal: Refusal = 'none';
  private cutAfter: number | null = null;
  private garbage = false;
  private slowness = 1;
  /** Requests that came while hung; null: not hung. */
  private held: (() => void)[] | null = null;
  private revival: NodeJS.Timeout | null = null;
  private incarnation = 0;
  private served = 0;

  constructor(
    readonly name: string,
    private readonly profile: ReplicaProfile,
    private readonly tokenizer: Tokenizer,
    host: string,
    private readonly seed: number,
  ) {
    this.log = new RequestLog(name);
    this.host = new HttpHost(host, (request, response) => this.receive(request, response));
    this.metrics = new VllmMetrics(profile);
    this.driver = this.newDriver();
  }

  get url(): string {
    return this.host.url;
  }

  get port(): number {
    return this.host.port;
  }

  get listening(): boolean {
    return this.host.listening;
  }

  /** Whether a readiness probe of `/health` would succeed. */
  get healthy(): boolean {
    return this.host.listening && this.held === null;
  }

  get kvBlocks(): number {
    return this.profile.blocks;
  }

  /** What a scrape of its metrics would tell; null where it would fail. */
  load(): ReplicaLoad | null {
    return this.healthy && !this.garbage ? this.liveValues() : null;
  }

  activity(): { gpu: number; any: number } {
    return this.host.listening ? this.driver.engine.activity(this.driver.now()) : { gpu: 0, any: 0 };
  }

  start(port: number): Promise<void> {
    return this.host.open(port);
  }

  async kill(): Promise<void> {
    this.cancelRevival();
    this.driver.stop();
    this.held = null;
    await this.host.kill();
  }

  /** Comes back on its port: empty cache, zero counters, a new start time. */
  async revive(): Promise<void> {
    this.cancelRevival();
    if (this.host.listening) return;
    this.metrics = new VllmMetrics(this.profile);
    this.driver = this.newDriver();
    await this.host.open();
  }

  async restart(seconds: number): Promise<void> {
    await this.kill();
    this.revival = setTimeout(() => void this.revive().catch(() => undefined), seconds * 1000);
  }

  /** Everything stands still: connections are accepted and nothing is answered. */
  hang(): void {
    this.held ??= [];
    this.driver.pause();
  }

  refuse(status: 429 | 500 | 503): void {
    this.refusal = status;
  }

  /** Streams end without a word after so many tokens. */
  cut(afterTokens: number): void {
    this.cutAfter = afterTokens;
  }

  slow(factor: number): void {
    this.slowness = factor;
    this.driver.engine.slowFactor = factor;
  }

  loseCache(): void {
    this.driver.engine.cache.clear();
  }

  garbleMetrics(): void {
    this.garbage = true;
  }

  /** Ends every fault; a killed replica comes back. */
  async clear(): Promise<void> {
    this.refusal = 'none';
    this.cutAfter = null;
    this.garbage = false;
    this.slow(1);
    const held = this.held ?? [];
    this.held = null;
    this.driver.resume();
    for (const proceed of held) proceed();
    await this.revive();
  }

  faults(): string[] {
    return [
      ...(this.host.listening ? [] : ['kill']),
      ...(this.held === null ? [] : ['hang']),
      ...(this.refusal === 'none' ? [] : [String(this.refusal)]),
      ...(this.cutAfter === null ? [] : ['cut']),
      ...(this.slowness === 1 ? [] : ['slow']),
      ...(this.garbage ? ['garbage-metrics'] : []),
    ];
  }

  /** For `GET /state`. */
  state(): Record<string, unknown> {
    const { engine } = this.driver;
    return {
      name: this.name,
      url: this.url,
      up: this.listening,
      faults: this.faults(),
      ...this.liveValues(),
      cached_blocks: engine.cache.cachedBlocks,
      blocks: this.profile.blocks,
      evictions: engine.cache.evictions,
      requests: this.served,
    };
  }

  private newDriver(): EngineDriver {
    const { block_size, blocks, max_num_seqs, latency } = this.profile;
    const random = createRandom(this.seed + 7919 * this.incarnation++);
    const engine = new Engine({ block_size, blocks, max_num_seqs, model: latency }, this.metrics, random);
    engine.slowFactor = this.slowness;
    return new EngineDriver(engine);
  }

  private cancelRevival(): void {
    if (this.revival !== null) clearTimeout(this.revival);
    this.revival = null;
  }

  private liveValues(): ReplicaLoad {
    const { engine } = this.driver;
    return { ...engine.load, kvUsage: engine.cache.usage };
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    if (this.held !== null) {
      this.held.push(() => {
        if (!request.destroyed) this.receive(request, response);
      });
      return;
    }
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const route = `${request.method ?? 'GET'} ${path}`;
    if (route === 'POST /v1/chat/completions') {
      void this.chat(request, response);
      return;
    }
    request.resume();
    const json = (body: unknown) => replyJson(response, 200, body, SERVER);
    switch (route) {
      case 'GET /metrics':
        return this.answerMetrics(response);
      case 'GET /health':
      case 'GET /ping':
        return reply(response, 200, '', SERVER);
      case 'GET /version':
        return json({ version: '0.32.0' });
      case 'GET /load':
        return json({ server_load: this.driver.engine.inFlight });
      case 'GET /v1/models':
        this.watch(request, response, path);
        return json(modelList(this.profile.model, this.profile.max_model_len, Math.floor(Date.now() / 1000)));
      default:
        this.watch(request, response, 'none');
        return replyJson(response, 404, { detail: 'Not Found' }, SERVER);
    }
  }

  private answerMetrics(response: ServerResponse): void {
    const page = this.garbage
      ? '# TYPE vllm:prompt_tokens_total counter\nvllm:prompt_tokens_total{engine="0 NaN}}\n\u0000\u0001<html>502</html>\n'
      : this.metrics.render(this.liveValues());
    reply(response, 200, page, { ...SERVER, 'content-type': 'text/plain; version=1.0.0; charset=utf-8' });
  }

  /** Counts the request among the HTTP metrics when its answer is out. */
  private watch(request: IncomingMessage, response: ServerResponse, handler: string): void {
    const { metrics } = this;
    const started = performance.now();
    response.on('close', () => {
      const length = Number(response.getHeader('content-length') ?? 0);
      metrics.answered({
        handler,
        method: request.method ?? 'GET',
        // A client that leaves before the headers is counted as served, as the original does.
        status: response.headersSent ? response.statusCode : 200,
        seconds: (performance.now() - started) / 1000,
        requestBytes: Number(request.headers['content-length'] ?? 0) || 0,
        responseBytes: Number.isFinite(length) ? length : 0,
      });
    });
  }

  private async chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.watch(request, response, '/v1/chat/completions');
    this.served++;
    const logged = this.log.begin(request.headers['x-request-id']);
    const body = await readBody(request);
    if (body === null) {
      if (!response.destroyed)
        replyJson(response, 413, apiError(413, 'BadRequestError', 'body too large').body, SERVER);
      return;
    }
    if (this.refusal !== 'none') {
      const [type, message] = REFUSALS[this.refusal];
      return replyJson(response, this.refusal, apiError(this.refusal, type, message).body, SERVER);
    }
    const parsed = parseChatRequest(body, this.profile.model);
    if (!parsed.ok) return replyJson(response, parsed.error.status, parsed.error.body, SERVER);
    const rejected = this.admission();
    if (rejected !== null) {
      this.metrics.rejected(rejected);
      const message = `Request rejected: ${rejected} limit reached. Please retry later.`;
      return replyJson(response, 503, apiError(503, 'ServiceUnavailableError', message).body, SERVER);
    }
    const prompt = this.tokenizer.encodeChat(parsed.request.messages);
    const { max_model_len } = this.profile;
    if (prompt.length + (parsed.request.maxTokens ?? 1) > max_model_len) {
      const error = contextExceeded(max_model_len, prompt.length, parsed.request.maxTokens);
      return replyJson(response, error.status, error.body, SERVER);
    }
    this.generate(parsed.request, prompt, response, logged);
  }

  /** vLLM's admission control: by requests under way, and by prompt tokens that wait for their first token. */
  private admission(): Rejection | null {
    const { max_num_queued_reqs, max_num_queued_tokens } = this.profile;
    const { engine } = this.driver;
    if (max_num_queued_reqs !== null && engine.inFlight >= max_num_queued_reqs) return 'max_num_queued_reqs';
    if (max_num_queued_tokens !== null && engine.promptTokensUnderway >= max_num_queued_tokens) {
      return 'max_num_queued_tokens';
    }
    return null;
  }

  private generate(
    chat: ChatRequest,
    prompt: Uint32Array,
    response: ServerResponse,
    logged: LoggedRequest,
  ): void {
    const { driver, metrics } = this;
    const answer = answerTo(prompt);
    const maxTokens = chat.maxTokens ?? this.profile.max_model_len - prompt.length;
    const stopsItself = !chat.ignoreEos && answer.naturalLength <= maxTokens;
    const outputTokens = stopsItself ? answer.naturalLength : maxTokens;
    const finishReason = stopsItself ? 'stop' : 'length';
    const head = {
      id: `chatcmpl-${(this.seed >>> 0).toString(16)}-${this.incarnation}-${this.served}`,
      created: Math.floor(Date.now() / 1000),
      model: chat.model,
    };
    const writer = new StreamWriter(head);
    let text = '';
    if (chat.stream) {
      response.writeHead(200, { ...SERVER, 'content-type': 'text/event-stream; charset=utf-8' });
      response.flushHeaders();
    }
    const usageNow = () => ({
      promptTokens: prompt.length,
      completionTokens: sequence.generated,
      cachedTokens: sequence.cachedTokens ?? 0,
    });
    const onToken = (k: number) => {
      const last = k + 1 === outputTokens;
      if (last) metrics.completed(finishReason, maxTokens);
      if (this.cutAfter !== null && k >= this.cutAfter) {
        driver.abort(sequence);
        response.socket?.destroySoon();
        return;
      }
      stampToken(logged, { prompt: prompt.length, cached: sequence.cachedTokens ?? 0, tokens: k + 1 });
      const word = answer.text(k);
      if (!chat.stream) {
        text += word;
        if (last) replyJson(response, 200, wholeAnswer(head, text, finishReason, usageNow()), SERVER);
        return;
      }
      const role = k === 0 ? writer.role() : '';
      if (!last) {
        response.write(role + writer.delta(word));
        return;
      }
      const usage = chat.includeUsage ? writer.usage(usageNow()) : '';
      response.end(role + writer.lastDelta(word, finishReason) + usage + writer.done());
    };
    const sequence = driver.submit({
      prompt,
      cacheSalt: chat.cacheSalt,
      outputTokens,
      outputToken: (k) => answer.token(k),
      onToken,
    });
    response.on('close', () => {
      if (sequence.generated < outputTokens) driver.abort(sequence);
    });
  }
}
