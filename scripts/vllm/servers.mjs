// Two plain vLLM servers, one per target.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { Unfit } from './install.mjs';
import { Child, freePort } from './processes.mjs';

export const MODEL_NAME = 'tiny-qwen3';
/** 72 s alone on an idle core; several times that where others use the cores too. */
const START_SECONDS = 900;
const MEMORY_BYTES_EACH = 3e9;
/** Of 128 tokens each: far more than the workload fills, so that nothing is evicted. */
const KV_BLOCKS = 1024;

const ENVIRONMENT = {
  HF_HUB_OFFLINE: '1',
  VLLM_NO_USAGE_STATS: '1',
  VLLM_CPU_KVCACHE_SPACE: '1',
  // One thread each: two engines share what may be two cores.
  OMP_NUM_THREADS: '1',
  // By itself each server would bind itself to the same first core.
  VLLM_CPU_OMP_THREADS_BIND: 'nobind',
};

function flags(model, port) {
  return [
    ['--model', model],
    ['--served-model-name', MODEL_NAME],
    ['--host', '127.0.0.1'],
    ['--port', String(port)],
    ['--dtype', 'bfloat16'],
    ['--max-model-len', '8192'],
    ['--max-num-seqs', '8'],
    ['--num-gpu-blocks-override', String(KV_BLOCKS)],
    ['--enable-prefix-caching'],
    ['--enable-prompt-tokens-details'],
    // Compiling would need a C++ compiler and minutes, and change nothing that is tested.
    ['--enforce-eager'],
  ].flat();
}

export function checkMemory(servers) {
  const [, kilobytes] = /^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  const needed = servers * MEMORY_BYTES_EACH;
  if (kilobytes === undefined || kilobytes * 1024 >= needed) return;
  throw new Unfit(`${(kilobytes * 1024) / 1e9} GB of memory are free and ${needed / 1e9} GB are needed`);
}

/** The `vllm` command asks for a package of that very name, which vllm-cpu is not; the module works. */
export async function startServer(name, { python, model }, folder) {
  const port = await freePort();
  const args = ['-m', 'vllm.entrypoints.openai.api_server', ...flags(model, port)];
  const child = new Child(name, python, args, { log: join(folder, `${name}.log`), env: ENVIRONMENT });
  return { name, child, url: `http://127.0.0.1:${port}`, started: Date.now() };
}

async function healthy(url) {
  try {
    const { statusCode, body } = await request(`${url}/health`, { headersTimeout: 5000, bodyTimeout: 5000 });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

/** Resolves to the seconds that the start took. */
export async function untilHealthy({ name, child, url, started }) {
  while (!(await healthy(url))) {
    const seconds = (Date.now() - started) / 1000;
    const problem =
      child.ended !== null
        ? `ended (${child.ended})`
        : seconds > START_SECONDS
          ? 'is still not healthy'
          : null;
    if (problem !== null) {
      throw new Error(`vLLM for ${name} ${problem} after ${seconds.toFixed(0)} s:\n${child.lastLines(25)}`);
    }
    await sleep(1000);
  }
  return (Date.now() - started) / 1000;
}
