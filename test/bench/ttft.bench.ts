import type { Arm } from '../../exporter/src/selftest/arms';
import { ARMS, runArm } from '../../exporter/src/selftest/arms';
import { armResult, judge, type ArmResult, type Judgement } from '../../exporter/src/selftest/judge';
import { firstMessage, measureArm, startScript } from '../../exporter/src/selftest/measure';

export interface TtftBench {
  streams: number;
  ours: ArmResult;
  bare: ArmResult;
  fetch: ArmResult;
  judgement: Judgement;
}

/** What many clients use: Node's global fetch and web streams. Never in the product. */
function fetchClient(port: number): Arm {
  return {
    async stream(id) {
      const sent = performance.now();
      // eslint-disable-next-line no-restricted-globals -- it is what is measured here
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        headers: { 'x-request-id': id },
        body: '{"messages":[]}',
      });
      const decoder = new TextDecoder();
      let ttft: number | null = null;
      // Types of browsers, which some package brings along, know no iteration of streams.
      const body = (response.body ?? []) as unknown as AsyncIterable<Uint8Array>;
      for await (const chunk of body) {
        const now = performance.now();
        if (ttft === null && decoder.decode(chunk, { stream: true }).includes('"content":" tok"'))
          ttft = now - sent;
      }
      return ttft;
    },
    close() {},
  };
}

const CLIENTS = { ...ARMS, fetch: fetchClient };
const ORDER = ['ours', 'bare', 'fetch', 'fetch', 'bare', 'ours'] as const;

/** Inner process of the bench: `selftest-arm CLIENT PORT STREAMS SECONDS`. */
export async function benchArm([arm = '', port, streams, seconds]: string[]): Promise<void> {
  const create = CLIENTS[arm as keyof typeof CLIENTS];
  if (create === undefined) throw new Error(`no client ${arm}`);
  const reported = await runArm(
    create,
    Number(port),
    Number(streams),
    Number(seconds),
    `${arm}-${process.pid}`,
  );
  await new Promise((resolve) => process.send?.(reported, resolve));
  process.disconnect();
}

/** The self-test with a third client, in turns: ours, bare, fetch, fetch, bare, ours. */
export async function benchTtft(script: string, bundle: string, seconds = 8): Promise<TtftBench[]> {
  const server = startScript(bundle)(['stamp-server']);
  const results: TtftBench[] = [];
  try {
    const { port } = await firstMessage<{ port: number }>(server);
    for (const streams of [16, 64, 128]) {
      const errors: Record<(typeof ORDER)[number], number[]> = { ours: [], bare: [], fetch: [] };
      for (const arm of ORDER) {
        errors[arm].push(...(await measureArm(startScript(script), arm, port, streams, seconds)));
      }
      const [ours, bare, fetched] = [armResult(errors.ours), armResult(errors.bare), armResult(errors.fetch)];
      results.push({ streams, ours, bare, fetch: fetched, judgement: judge({ streams, ours, bare }) });
    }
  } finally {
    server.kill('SIGTERM');
  }
  return results;
}
