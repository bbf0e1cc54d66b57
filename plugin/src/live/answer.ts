/** What `GET api/v1/live` of the exporter answers; see `exporter/src/publish/live.ts`. */
export interface LiveAnswer {
  version: string;
  run: string;
  /** Unix milliseconds, as all instants here. */
  started: number;
  now: number;
  /** ISO time of the comparison that all values belong to; null before the first one. */
  generated: string | null;
  window_seconds: number;
  instant: [metric: string, labels: Record<string, string>, value: number][];
  series: { name: string; labels: Record<string, string>; times: number[]; values: (number | null)[] }[];
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

const isLabels = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((one) => typeof one === 'string');

function isSample(value: unknown): value is LiveAnswer['instant'][number] {
  if (!Array.isArray(value)) return false;
  const [metric, labels, number] = value as unknown[];
  return typeof metric === 'string' && isLabels(labels) && typeof number === 'number';
}

function isSeries(value: unknown): value is LiveAnswer['series'][number] {
  if (!isObject(value) || !Array.isArray(value['times']) || !Array.isArray(value['values'])) return false;
  return (
    typeof value['name'] === 'string' &&
    isLabels(value['labels']) &&
    value['times'].every((time) => typeof time === 'number') &&
    value['values'].every((one) => one === null || typeof one === 'number')
  );
}

/** The answer, or null where it is not one: another program may listen on the port by now. */
export function readAnswer(json: unknown): LiveAnswer | null {
  if (!isObject(json) || json['schema'] !== 'taillight.live/1') return null;
  const { version, run, started, now, generated, window_seconds, instant, series } = json;
  if (typeof version !== 'string' || typeof run !== 'string') return null;
  if (typeof started !== 'number' || typeof now !== 'number' || typeof window_seconds !== 'number')
    return null;
  if (generated !== null && typeof generated !== 'string') return null;
  if (!Array.isArray(instant) || !Array.isArray(series)) return null;
  if (!instant.every(isSample) || !series.every(isSeries)) return null;
  return { version, run, started, now, generated, window_seconds, instant, series };
}
