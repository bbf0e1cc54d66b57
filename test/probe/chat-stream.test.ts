import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Agent, buildConnector } from 'undici';
import { streamChat, type ChatRequest } from '../../exporter/src/probe/chat-stream';
import { monotonicMs } from '../../exporter/src/probe/clock';
import {
  answer,
  delta,
  event,
  openStream,
  pause,
  startScriptedLlm,
  type ScriptedLlm,
} from '../support/scripted-llm';

const LIMITS = { timeout_seconds: 20, idle_timeout_seconds: 20, max_answer_bytes: 1e6 };
const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER);

let llm: ScriptedLlm;
let agent: Agent;
beforeEach(async () => {
  llm = await startScriptedLlm(answer());
  agent = new Agent();
});
afterEach(async () => {
  await agent.destroy();
  await llm.close();
});

function request(): ChatRequest {
  const body = Buffer.from(JSON.stringify({ model: 'm', messages: [], stream: true }));
  const headers = { 'content-type': 'application/json' };
  return { origin: `http://127.0.0.1:${llm.port}`, path: '/v1/chat/completions', headers, body };
}

it('sending is timed after the connection is made and before the server has the request', async () => {
  let connected = NaN;
  const connect = buildConnector({});
  // A slow way to the server: name lookup, handshake and TLS all happen in here.
  agent = new Agent({
    connect: (options, callback) =>
      void setTimeout(() => {
        connect(options, (...result) => {
          connected = monotonicMs();
          callback(...(result as [null, never]));
        });
      }, 200),
  });
  const asked = monotonicMs();
  const { timeline } = await streamChat(agent, request(), LIMITS, NEVER);
  expect(connected - asked).toBeGreaterThan(150);
  expect(timeline.sent).toBeGreaterThanOrEqual(connected);
  expect(timeline.sent).toBeLessThanOrEqual(llm.requests[0]!.at);
});

it('a chunk is timed when it arrives, not when its event is complete or read', async () => {
  const written: number[] = [];
  let looks = 0;
  const now = () => {
    looks += 1;
    return monotonicMs();
  };
  /** Writes, and goes on when the client has looked at its clock for it. */
  const write = async (response: ServerResponse, text: string) => {
    const before = looks;
    written.push(monotonicMs());
    response.write(text);
    while (looks === before) await pause(5);
    await pause(30);
  };
  llm.reply = async (response) => {
    openStream(response);
    await pause(50);
    await write(response, delta({ role: 'assistant', content: '' }));
    await write(response, delta({ content: 'a' }));
    await write(response, delta({ content: 'b' }, 'length'));
    response.end(event('[DONE]'));
  };
  const { timeline } = await streamChat(agent, request(), LIMITS, NEVER, now);
  const { first_event, first_token, last_token, gaps_ms, done } = timeline;
  expect(first_event).toBeGreaterThanOrEqual(written[0]!);
  expect(first_event).toBeLessThan(written[1]!);
  expect(first_token).toBeGreaterThanOrEqual(written[1]!);
  expect(first_token).toBeLessThan(written[2]!);
  expect(last_token).toBeGreaterThanOrEqual(written[2]!);
  expect(done).toBeGreaterThan(last_token!);
  expect(gaps_ms).toEqual([last_token! - first_token!]);
});

it('an exchange given up while it waits for its connection never reaches the server', async () => {
  const connect = buildConnector({});
  agent = new Agent({
    connect: (options, callback) => void setTimeout(() => connect(options, callback), 200),
  });
  const { end, timeline } = await streamChat(agent, request(), { ...LIMITS, timeout_seconds: 0.05 }, NEVER);
  expect(end.kind).toBe('timeout');
  expect(timeline.sent).toBeNull();
  await pause(400);
  expect(llm.requests).toHaveLength(0);
});

it('many streams at once each get their own answer', async () => {
  llm.reply = (response, seen) => answer({ words: [`w${seen.number}`, ' x'], gap_ms: 5 })(response, seen);
  const exchanges = await Promise.all(
    Array.from({ length: 40 }, () => streamChat(agent, request(), LIMITS, NEVER)),
  );
  expect(exchanges.every(({ end }) => end.kind === 'complete')).toBe(true);
  const answers = new Set(exchanges.map(({ answer: { content } }) => content));
  expect(answers).toEqual(new Set(Array.from({ length: 40 }, (_, n) => `w${n} x`)));
});

it('a dispatcher that is closed is a failed exchange, not an exception', async () => {
  await agent.destroy();
  const { end } = await streamChat(agent, request(), LIMITS, NEVER);
  expect(end.kind).toBe('network');
});
