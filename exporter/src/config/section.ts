import * as z from 'zod';
import type { Spec } from './specs';

/** What the custom issues of the schema bear in `params`. */
export type Flaw =
  | {
      /** Completes the path and the value: `is not a number`. */
      problem: string;
      /** An imperative. */
      remedy: string;
      /** Whether the value stands before the problem. */
      show: boolean;
    }
  /** A key that is none of these. */
  | { known: string[] };

export type Path = (string | number)[];
export type AddFlaw = (path: Path, problem: string, remedy: string) => void;

/** `continue`: a wrong value keeps nothing else from being checked, so that all mistakes are told at once. */
function report(ctx: { issues: unknown[] }, input: unknown, flaw: Flaw, path: Path = []): void {
  ctx.issues.push({ code: 'custom', input, continue: true, path, params: flaw });
}

function reportValue<T>(ctx: { issues: unknown[] }, raw: unknown, spec: Spec<T>, path: Path = []): void {
  const remedy = spec.use;
  if (raw === undefined) report(ctx, raw, { problem: 'is missing', remedy, show: false }, path);
  else if (raw === null || raw === '') report(ctx, raw, { problem: 'is empty', remedy, show: false }, path);
  else report(ctx, raw, { problem: `is not ${spec.is}`, remedy, show: spec.secret !== true }, path);
}

const readValue = <T>(spec: Spec<T>, raw: unknown) =>
  raw === undefined || raw === null ? null : spec.read(raw);

/**
 * A value of a kind. After a mistake the output is undefined, against the type: only the rules of the sections around see it,
 * as the parse as a whole fails.
 */
export function field<T>(spec: Spec<T>): z.ZodType<T> {
  return z.unknown().transform((raw, ctx): T => {
    const value = readValue(spec, raw);
    if (value === null) reportValue(ctx, raw, spec);
    return (value ?? undefined) as T;
  });
}

/** As `field`, where an explicit null means something. */
export function nullable<T>(spec: Spec<T>): z.ZodType<T | null> {
  return z.unknown().transform((raw, ctx): T | null => {
    const value = readValue(spec, raw);
    if (value === null && raw !== null) reportValue(ctx, raw, spec);
    return value;
  });
}

type OptionalFields<S> = { [K in keyof S]: z.ZodOptional<z.ZodType<S[K] extends Spec<infer T> ? T : never>> };

/** A table of specs as optional fields of the same names. */
export function optionalFields<S extends Record<string, Spec<unknown>>>(specs: S): OptionalFields<S> {
  const fields = Object.entries(specs).map(([key, spec]) => [key, field(spec).optional()]);
  return Object.fromEntries(fields) as OptionalFields<S>;
}

const shapeError = (noun: string, remedy: string) => (issue: { input?: unknown }) =>
  `${issue.input === undefined ? 'is missing' : `is not ${noun}`}; ${remedy}`;

/** Fields as a rule sees them: what is wrong itself is undefined. */
export type Draft<T> = { [K in keyof T]?: T[K] | undefined };

/** A mapping with known keys only; `rule` looks at keys together. */
export function section<S extends z.ZodRawShape>(
  shape: S,
  rule: (value: Draft<z.output<z.ZodObject<S>>>, add: AddFlaw) => void = () => {},
): z.ZodType<z.output<z.ZodObject<S>>> {
  const known = Object.keys(shape);
  const stranger = z.unknown().transform((raw, ctx) => report(ctx, raw, { known }));
  const checked = z
    .object(shape, {
      error: shapeError('a mapping', `write its keys below it: ${known.slice(0, 8).join(', ')}`),
    })
    .catchall(stranger)
    .check((ctx) =>
      rule(ctx.value as Draft<z.output<z.ZodObject<S>>>, (path, problem, remedy) =>
        report(ctx, ctx.value, { problem, remedy, show: false }, path),
      ),
    );
  return checked as unknown as z.ZodType<z.output<z.ZodObject<S>>>;
}

/** A list with at least one entry. */
export function listOf<T>(entry: z.ZodType<T>, remedy: string): z.ZodType<T[]> {
  return z.array(entry, { error: shapeError('a list', remedy) }).check((ctx) => {
    if (ctx.value.length === 0) report(ctx, ctx.value, { problem: 'is an empty list', remedy, show: false });
  });
}

/** A mapping whose keys are free within a kind. */
export function mapOf<T>(key: Spec<string>, value: Spec<T>): z.ZodType<Record<string, T>> {
  const pairs = z.record(z.string(), z.unknown(), {
    error: shapeError('a mapping', 'write `name: value` below it'),
  });
  return pairs.transform((raw, ctx) => {
    const read: [string, T][] = [];
    for (const [name, content] of Object.entries(raw)) {
      const [known, checked] = [key.read(name), readValue(value, content)];
      if (known === null)
        report(ctx, name, { problem: `is not ${key.is}`, remedy: key.use, show: false }, [name]);
      else if (checked === null) reportValue(ctx, content, value, [name]);
      else read.push([known, checked]);
    }
    return Object.fromEntries(read);
  });
}
