import { Engine } from '../../demo/fleet/engine';
import type { LatencyModel } from '../../demo/fleet/latency-model';
import { createRandom, mix32 } from '../../demo/fleet/random';

/** One request of a recorded run: when it was sent, to which replica, how long its prompt was, what was measured. */
export interface RecordedRequest {
  sent: number;
  replica: number;
  conversation: number;
  turn: number;
  promptTokens: number;
  cachedTokens: number;
  firstEvent: number;
  lastEvent: number;
}

export interface Replayed {
  recorded: RecordedRequest;
  cachedTokens: number;
  firstToken: number;
  lastToken: number;
}

export interface RecordedTable {
  columns: string[];
  rows: number[][];
}

export function readRecording(table: RecordedTable): RecordedRequest[] {
  return table.rows.map((row) => ({
    sent: row[0]!,
    replica: row[1]!,
    conversation: row[2]!,
    turn: row[3]!,
    promptTokens: row[4]!,
    cachedTokens: row[5]!,
    firstEvent: row[6]!,
    lastEvent: row[7]!,
  }));
}

const nothing = {
  admitted() {},
  firstToken() {},
  laterToken() {},
  finished() {},
  preempted() {},
  stepped() {},
};

/** A conversation's tokens: no two conversations share a block. */
function tokensOf(conversation: number): Uint32Array {
  return Uint32Array.from({ length: 16_000 }, (_, i) => mix32(conversation + 1, i));
}

/**
 * Sends the recorded requests, at their recorded times and to their recorded replicas, into simulated engines on a virtual
 * clock. A conversation's prompt is a growing prefix of a stream of its own; answers never hit, as the recorded model's were
 * random text that is tokenized differently when it comes back.
 */
export function replay(
  requests: readonly RecordedRequest[],
  model: LatencyModel,
  blocks: number,
  seed: number,
  outputTokens = 64,
): Replayed[] {
  const engines = new Map<number, Engine>();
  const streams = new Map<number, Uint32Array>();
  const replayed: Replayed[] = [];
  for (const recorded of [...requests].sort((a, b) => a.sent - b.sent)) {
    const { replica, conversation, promptTokens, sent } = recorded;
    if (!engines.has(replica)) {
      const settings = { block_size: 16, blocks, max_num_seqs: 256, model };
      engines.set(replica, new Engine(settings, nothing, createRandom(mix32(seed, replica))));
    }
    const engine = engines.get(replica)!;
    engine.advance(sent);
    const stream = streams.get(conversation) ?? tokensOf(conversation);
    streams.set(conversation, stream);
    const prompt = stream.subarray(0, promptTokens);
    const result: Replayed = { recorded, cachedTokens: 0, firstToken: NaN, lastToken: NaN };
    const sequence = engine.submit(
      {
        prompt,
        cacheSalt: null,
        outputTokens,
        outputToken: (k) => mix32(promptTokens, k),
        onToken: (k, at) => {
          if (k === 0) {
            result.firstToken = at - sent;
            result.cachedTokens = sequence.cachedTokens ?? 0;
          }
          result.lastToken = at - sent;
        },
      },
      sent,
    );
    replayed.push(result);
  }
  for (const engine of engines.values()) engine.advance(Infinity);
  return replayed;
}

/** Percentile by linear interpolation. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const low = sorted[Math.floor(position)] ?? NaN;
  return low + ((sorted[Math.ceil(position)] ?? NaN) - low) * (position % 1);
}
