import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { monotonicMs } from '../../exporter/src/probe/clock';

/** What the server saw of one chat request. */
export interface SeenRequest {
  /** 0, 1, 2 … in order of arrival. */
  number: number;
  headers: IncomingMessage['headers'];
  raw: string;
  body: ChatBody;
  /** When the head of the request had arrived. */
  at: number;
  /** Number of the TCP connection it came on, from 0. */
  connection: number;
}

export interface ChatBody {
  model: string;
  messages: { role: string; content: string }[];
  max_tokens?: number;
  stream?: boolean;
  stream_options?: { include_usage: boolean };
  ignore_eos?: boolean;
  temperature?: number;
  [field: string]: unknown;
}

/** Answers a chat request; one that does nothing hangs. */
export type Reply = (response: ServerResponse, request: SeenRequest) => unknown;

export interface ScriptedLlm {
  /** Base URL with `/v1`. */
  url: string;
  port: number;
  /** Chat requests so far. */
  requests: SeenRequest[];
  modelChecks: number;
  /** For chat requests that come from now on. */
  reply: Reply;
  /** Status of `GET /v1/models`, from now on. */
  modelsStatus: number;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/** An OpenAI-like server of our own on a free port (or `port`) that answers every chat request as `reply` says. */
export async function startScriptedLlm(reply: Reply, port = 0, model = 'scripted'): Promise<ScriptedLlm> {
  const sockets = new Set<Socket>();
  const connections = new Map<Socket, number>();
  const server: Server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/v1/models') {
      llm.modelChecks += 1;
      const body =
        llm.modelsStatus === 200 ? { object: 'list', data: [{ id: model }] } : { error: 'not ready' };
      response.writeHead(llm.modelsStatus, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      response.writeHead(404).end('no such page');
      return;
    }
    const at = monotonicMs();
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const raw = Buffer.concat(parts).toString('utf8');
      const seen: SeenRequest = {
        number: llm.requests.length,
        headers: request.headers,
        raw,
        body: JSON.parse(raw) as ChatBody,
        at,
        connection: connections.get(request.socket) ?? -1,
      };
      llm.requests.push(seen);
      void llm.reply(response, seen);
    });
  });
  server.on('connection', (socket) => {
    connections.set(socket, connections.size);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const llm: ScriptedLlm = {
    url: `http://127.0.0.1:${bound}/v1`,
    port: bound,
    requests: [],
    modelChecks: 0,
    reply,
    modelsStatus: 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return llm;
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const event = (value: unknown) =>
  `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;

export const delta = (fields: Record<string, unknown>, finish_reason: string | null = null) =>
  event({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: fields, finish_reason }] });

export const usage = (prompt_tokens: number, completion_tokens: number, cached_tokens?: number) =>
  event({
    choices: [],
    usage: {
      prompt_tokens,
      completion_tokens,
      total_tokens: prompt_tokens + completion_tokens,
      ...(cached_tokens !== undefined && { prompt_tokens_details: { cached_tokens } }),
    },
  });

export function openStream(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
  response.flushHeaders();
}

export interface AnswerOptions {
  words?: string[];
  gap_ms?: number;
  first_ms?: number;
  cached?: number;
  headers?: Record<string, string>;
}

/** A whole answer as vLLM streams it: role, words, finish, usage (if asked for), `[DONE]`. */
export function answer(options: AnswerOptions = {}): Reply {
  const { words = ['All', ' is', ' well'], gap_ms = 1, first_ms = 1, cached, headers } = options;
  return async (response, { body }) => {
    openStream(response, headers);
    response.write(delta({ role: 'assistant', content: '' }));
    await pause(first_ms);
    for (const [index, word] of words.entries()) {
      if (index > 0) await pause(gap_ms);
      response.write(delta({ content: word }, index === words.length - 1 ? 'length' : null));
    }
    const prompt = Math.ceil(JSON.stringify(body.messages).length / 4);
    if (body.stream_options?.include_usage === true) response.write(usage(prompt, words.length, cached));
    response.end(event('[DONE]'));
  };
}

/** A refusal with a JSON error as vLLM writes it, or with plain text. */
export function refuse(
  status: number,
  message: string,
  options: { param?: string; text?: boolean } = {},
): Reply {
  return (response) => {
    const error = { message, type: 'error', param: options.param ?? null, code: status };
    response.writeHead(status, { 'content-type': options.text === true ? 'text/plain' : 'application/json' });
    response.end(options.text === true ? message : JSON.stringify({ error }));
  };
}
