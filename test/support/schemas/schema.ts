/** Words to write JSON schemas with, for objects in which no key is allowed that is not listed. */

export type Schema = Record<string, unknown>;

export const text: Schema = { type: 'string', minLength: 1 };
export const flag: Schema = { type: 'boolean' };
export const texts: Schema = { type: 'object', additionalProperties: { type: 'string' } };
export const integer = (minimum: number, maximum: number): Schema => ({ type: 'integer', minimum, maximum });
export const oneOf = (...values: string[]): Schema => ({ enum: values });
export const list = (items: Schema, minItems = 1): Schema => ({ type: 'array', minItems, items });
export const anything: Schema = { type: 'object' };

/** An object with these keys only; `required` names those that must be there. */
export const only = (properties: Record<string, Schema>, ...required: string[]): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const metadata = (...required: string[]) =>
  only(
    {
      name: { type: 'string', pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$', maxLength: 253 },
      namespace: text,
      labels: texts,
      annotations: texts,
    },
    'name',
    ...required,
  );

/** Type, metadata and what else an object of this kind has. */
export const kind = (apiVersion: string, name: string, spec: Schema, required = ['spec']): Schema =>
  only(
    { apiVersion: { const: apiVersion }, kind: { const: name }, metadata: metadata('namespace'), spec },
    'apiVersion',
    'kind',
    'metadata',
    ...required,
  );

/** As `kind`, for objects that belong to no namespace. */
export const clusterKind = (apiVersion: string, name: string, spec: Schema): Schema => ({
  ...kind(apiVersion, name, spec),
  properties: { apiVersion: { const: apiVersion }, kind: { const: name }, metadata: metadata(), spec },
});
