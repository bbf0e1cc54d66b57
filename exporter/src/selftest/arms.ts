import { setMaxListeners } from 'node:events';
import { openEndpoint } from '../http/open-endpoint';
import type { HttpSettings } from '../model/config';
import { streamChat } from '../probe/chat-stream';
import { createBareClient } from './bare-client';

/** A client under test: streams one answer and reports its TTFT in ms; null when there was none. */
export interface Arm {
  stream(id: string): Promise<number | null>;
  close(): void | Promise<void>;
}

const HTTP: HttpSettings = {
  bearer_token_file: null,
  bearer_token: null,
  headers: {},
  tls: { ca_file: null, cert_file: null, key_file: null, server_name: null, insecure_skip_verify: false },
};

const LIMITS = { timeout_seconds: 60, idle_timeout_seconds: 30, max_answer_bytes: 16 * 1024 * 1024 };
const BODY = Buffer.from('{"model":"stamp","messages":[{"role":"user","content":"Hello"}],"stream":true}');

/** The very client that probes: a new connection per request, the whole reading of the stream. */
function ours(port: number): Arm {
  const endpoint = openEndpoint(HTTP, { keep_alive: false });
  const { signal } = new AbortController();
  // One signal for all streams, each of which listens to it.
  setMaxListeners(0, signal);
  return {
    async stream(id) {
      const headers = { 'content-type': 'application/json', 'x-request-id': id };
      const request = {
        origin: `http://127.0.0.1:${port}`,
        path: '/v1/chat/completions',
        headers,
        body: BODY,
      };
      const { timeline } = await streamChat(endpoint.dispatcher(), request, LIMITS, signal);
      return timeline.sent === null || timeline.first_token === null
        ? null
        : timeline.first_token - timeline.sent;
    },
    close: () => endpoint.close(),
  };
}

export const ARMS: Record<string, (port: number) => Arm> = { ours, bare: createBareClient };

/**
 * Keeps `streams` answers streaming for `seconds` and returns what the client reported, by request id. The first
 * answers are left out: just-in-time compilation belongs to no measurement.
 */
export async function runArm(
  create: (port: number) => Arm,
  port: number,
  streams: number,
  seconds: number,
  label: string,
): Promise<Record<string, number>> {
  const arm = create(port);
  const reported: Record<string, number> = {};
  const begun = performance.now();
  const worker = async (number: number) => {
    // Spread over the length of an answer, so that the streams do not begin in step.
    await new Promise((resolve) => setTimeout(resolve, (number * 2000) / streams));
    for (let round = 0; performance.now() - begun < seconds * 1000; round += 1) {
      const id = `${label}/${number}/${round}`;
      const warm = performance.now() - begun > 3000;
      const ttft = await arm.stream(id);
      if (ttft !== null && warm) reported[id] = ttft;
    }
  };
  await Promise.all(Array.from({ length: streams }, (_, number) => worker(number)));
  await arm.close();
  return reported;
}
