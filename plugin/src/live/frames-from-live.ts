import type { DataFrame, Field } from '@grafana/data';
import type { LiveAnswer } from './answer';

const field = (name: string, type: 'time' | 'number' | 'string', values: unknown[], labels = {}): Field =>
  ({ name, type, values, labels, config: {} }) as unknown as Field;

/** A curve that has only just begun is not squeezed into the right edge of the whole window. */
const SHORTEST_RANGE_MS = 60_000;

/** An instant answer as Prometheus gives it to Grafana as a table: a column per label. */
function instantFrame({ instant, now }: LiveAnswer): DataFrame {
  const names = [...new Set(instant.flatMap(([, labels]) => Object.keys(labels)))].sort();
  const column = (name: string) => instant.map(([, labels]) => labels[name] ?? null);
  const fields = [
    field(
      'Time',
      'time',
      instant.map(() => now),
    ),
    field(
      '__name__',
      'string',
      instant.map(([metric]) => metric),
    ),
    ...names.map((name) => field(name, 'string', column(name))),
    field(
      'Value',
      'number',
      instant.map(([, , value]) => value),
    ),
  ];
  return { fields, length: instant.length };
}

/** The exporter's answer as the frames that Prometheus would have brought. */
export function framesFromLive(answer: LiveAnswer): DataFrame[] {
  const series = answer.series.map(({ name, labels, times, values }): DataFrame => {
    const fields = [
      field('Time', 'time', times),
      field('Value', 'number', values, { __name__: name, ...labels }),
    ];
    return { fields, length: times.length };
  });
  return answer.instant.length === 0 ? series : [instantFrame(answer), ...series];
}

/** The time axis: the window, or as much of it as there is. */
export function rangeOf({ now, window_seconds, series }: LiveAnswer): { from: number; to: number } {
  const begun = Math.min(now, ...series.flatMap(({ times }) => times[0] ?? []));
  return { from: Math.max(now - window_seconds * 1000, Math.min(begun, now - SHORTEST_RANGE_MS)), to: now };
}
