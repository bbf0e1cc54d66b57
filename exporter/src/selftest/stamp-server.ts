import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the stamping server streams: like a busy model server, but with times that it knows exactly. */
export const STREAM = {
  tokens: 150,
  gap_ms: 20,
  /** The first token comes after a log-normal delay of this mean. */
  first_token_mean_ms: 120,
  first_token_sigma: 0.5,
};

const event = (delta: object, extra: object = {}) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-0123456789abcdef',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'stamp',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
    ...extra,
  })}\n\n`;

const ROLE = event({ role: 'assistant', content: '' });
const TOKEN = event({ content: ' tok' });
const END = `data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"stamp","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}\n\ndata: {"id":"x","object":"chat.completion.chunk","created":1,"model":"stamp","choices":[],"usage":{"prompt_tokens":8,"completion_tokens":${STREAM.tokens},"total_tokens":${STREAM.tokens + 8}}}\n\ndata: [DONE]\n\n`;

/** Log-normal with the given mean: exp(mu + sigma z), mu = ln(mean) - sigma^2 / 2. */
function firstTokenDelay(): number {
  const { first_token_mean_ms: mean, first_token_sigma: sigma } = STREAM;
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return Math.exp(Math.log(mean) - sigma ** 2 / 2 + sigma * normal);
}

function answer(request: IncomingMessage, response: ServerResponse, stamps: Map<string, number>): void {
  const id = String(request.headers['x-request-id']);
  request.resume();
  request.on('end', () => {
    const arrived = process.hrtime.bigint();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(ROLE);
    let sent = 0;
    let timer: NodeJS.Timeout;
    const token = () => {
      if (sent === 0) stamps.set(id, Number(process.hrtime.bigint() - arrived) / 1e6);
      sent += 1;
      response.write(TOKEN);
      if (sent === STREAM.tokens) {
        clearInterval(timer);
        response.end(END);
      }
    };
    timer = setTimeout(() => {
      timer = setInterval(token, STREAM.gap_ms);
      token();
    }, firstTokenDelay());
    response.on('close', () => clearTimeout(timer));
  });
}

/**
 * Serves streams and remembers for each `x-request-id` the true time in ms from the arrival of the request to the first
 * token; `GET /stamps` gives and forgets them. Runs in a process of its own, so that it shares no event loop with a client.
 */
export function startStampServer(): Promise<number> {
  const stamps = new Map<string, number>();
  const server = createServer((request, response) => {
    if (request.url !== '/stamps') return answer(request, response, stamps);
    response.end(JSON.stringify(Object.fromEntries(stamps)));
    stamps.clear();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
