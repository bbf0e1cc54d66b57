import type { ProbeProgress } from '../probe/probe-plan';
import type { Level } from './stage';

export interface ProgressState {
  targets: readonly ProbeProgress[];
  level: Level | null;
  elapsed_seconds: number;
  /** Answered requests and failed ones so far. */
  failed: number;
}

const BAR = 24;

const conversationsOver = ({ finished, cut_short, skipped }: ProbeProgress): number =>
  finished + cut_short + skipped.down + skipped.saturated;

/** Planned conversations that are not over; 0 where there is no plan. */
export const conversationsLeft = (progress: ProbeProgress): number =>
  Math.max(0, (progress.planned ?? 0) - conversationsOver(progress));

/** Share of the planned conversations that are over, over all targets; null before anything is known. */
export function shareDone(targets: readonly ProbeProgress[]): number | null {
  const planned = targets.reduce((sum, target) => sum + (target.planned ?? 0), 0);
  if (planned === 0) return null;
  const over = targets.reduce((sum, target) => sum + conversationsOver(target), 0);
  return Math.min(1, over / planned);
}

/** One line: a bar on a terminal, the same in words in a log. */
export function progressLine(state: ProgressState, terminal: boolean): string {
  const { targets, level, elapsed_seconds, failed } = state;
  const share = shareDone(targets);
  const parts = targets.map(
    ({ target, up, finished, planned, requests }) =>
      `${target} ${finished}/${planned ?? '?'} conversations, ${requests} requests${up ? '' : ' (down)'}`,
  );
  const words = [
    clockText(elapsed_seconds),
    ...(level === null ? [] : [`${level.level} ${level.unit}`]),
    parts.join(' | ') || 'starting',
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join('  ');
  const percent = share === null ? '  – %' : `${String(Math.floor(share * 100)).padStart(3)} %`;
  if (!terminal) return `${percent}  ${words}`;
  const full = Math.floor((share ?? 0) * BAR);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${percent}  ${words}`;
}

function clockText(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
