/** Looking into values that some other program wrote: nothing is taken for granted, what is not there is null. */

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value below a path of keys; undefined where a step is missing. */
export function at(value: unknown, ...path: string[]): unknown {
  let here = value;
  for (const key of path) {
    if (!isObject(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}

export const finite = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** A finite number that is not negative: every time, count and rate. Tools write -1 for "not measured". */
export const amount = (value: unknown): number | null => {
  const number = finite(value);
  return number === null || number < 0 ? null : number;
};

export const word = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The first that is not null. */
export const firstOf = <T>(...values: (T | null)[]): T | null =>
  values.find((value) => value !== null) ?? null;
