import type { Engine, EngineRequest, Sequence } from './engine';

/**
 * Runs an engine on the wall clock: one timer per step, for all its streams. The engine keeps its own times, so a late timer
 * delays one write and not the schedule; what was missed is caught up at once.
 */
export class EngineDriver {
  private timer: NodeJS.Timeout | null = null;
  private pausedAt: number | null = null;
  private pausedSeconds = 0;
  private stopped = false;

  constructor(readonly engine: Engine) {}

  /** Seconds of the engine's clock, which stands still while paused. */
  now(): number {
    return (this.pausedAt ?? performance.now() / 1000) - this.pausedSeconds;
  }

  /** Takes a request; its tokens come later, never from within this call. */
  submit(request: EngineRequest): Sequence {
    const sequence = this.engine.submit(request, this.now());
    this.arm();
    return sequence;
  }

  abort(sequence: Sequence): void {
    this.engine.abort(sequence);
  }

  pause(): void {
    this.pausedAt ??= performance.now() / 1000;
    this.clearTimer();
  }

  resume(): void {
    if (this.pausedAt === null) return;
    this.pausedSeconds += performance.now() / 1000 - this.pausedAt;
    this.pausedAt = null;
    this.arm();
  }

  stop(): void {
    this.stopped = true;
    this.clearTimer();
  }

  private run(): void {
    this.engine.advance(this.now());
    this.arm();
  }

  private arm(): void {
    this.clearTimer();
    const next = this.engine.nextEvent();
    if (next === null || this.stopped || this.pausedAt !== null) return;
    this.timer = setTimeout(() => this.run(), Math.max(0, (next - this.now()) * 1000));
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
