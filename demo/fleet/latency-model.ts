import type { Random } from './random';
import { logNormal } from './random';

/**
 * How long a model server takes, in seconds. One engine step = fixed work of the host + prefill tokens + sequences that
 * decode. README.md says how the numbers were fitted and what they reproduce.
 */
export interface LatencyModel {
  /** HTTP, JSON, chat template and tokenizer, before the engine sees the request; per request and not serial. */
  frontend_seconds: number;
  frontend_seconds_per_token: number;
  frontend_sigma: number;
  /** Scheduler and kernel launches: the GPU idles meanwhile. */
  host_seconds_per_step: number;
  /** Reading the weights once. */
  gpu_seconds_per_step: number;
  seconds_per_prefill_token: number;
  seconds_per_decoding_sequence: number;
  step_sigma: number;
  /** Tokens that one step may hold (`--max-num-batched-tokens`). */
  max_batched_tokens: number;
}

export const CALIBRATED: LatencyModel = {
  frontend_seconds: 0.032,
  frontend_seconds_per_token: 2e-6,
  frontend_sigma: 0.25,
  host_seconds_per_step: 0.0035,
  gpu_seconds_per_step: 0.0065,
  seconds_per_prefill_token: 44e-6,
  seconds_per_decoding_sequence: 0.0006,
  step_sigma: 0.1,
  max_batched_tokens: 8192,
};

export interface StepWork {
  prefillTokens: number;
  decodingSequences: number;
}

export interface StepTime {
  seconds: number;
  /** Of which the GPU works. */
  gpuSeconds: number;
}

/** Time of one engine step, with its jitter. */
export function stepTime(model: LatencyModel, work: StepWork, random: Random): StepTime {
  const gpu =
    model.gpu_seconds_per_step +
    model.seconds_per_prefill_token * work.prefillTokens +
    model.seconds_per_decoding_sequence * work.decodingSequences;
  const jitter = logNormal(random, model.step_sigma);
  return { seconds: (gpu + model.host_seconds_per_step) * jitter, gpuSeconds: gpu * jitter };
}

/** Time until the engine knows of a request with a prompt of that length. */
export function frontendSeconds(model: LatencyModel, promptTokens: number, random: Random): number {
  const mean = model.frontend_seconds + model.frontend_seconds_per_token * promptTokens;
  return mean * logNormal(random, model.frontend_sigma);
}

/** The same server `factor` times slower (or faster, below 1). */
export function scaled(model: LatencyModel, factor: number): LatencyModel {
  return {
    ...model,
    frontend_seconds: model.frontend_seconds * factor,
    frontend_seconds_per_token: model.frontend_seconds_per_token * factor,
    host_seconds_per_step: model.host_seconds_per_step * factor,
    gpu_seconds_per_step: model.gpu_seconds_per_step * factor,
    seconds_per_prefill_token: model.seconds_per_prefill_token * factor,
    seconds_per_decoding_sequence: model.seconds_per_decoding_sequence * factor,
  };
}
