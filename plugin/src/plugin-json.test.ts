import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** The part of Grafana's plugin.json schema that a panel needs: required keys, allowed keys, forms of id and dates. */
const SCHEMA = z.strictObject({
  $schema: z.string().optional(),
  type: z.literal('panel'),
  id: z.string().regex(/^[0-9a-z]+-([0-9a-z]+-)?panel$/),
  name: z.string().min(1),
  suggestions: z.boolean().optional(),
  skipDataQuery: z.boolean().optional(),
  info: z.strictObject({
    author: z.strictObject({ name: z.string(), url: z.url().optional(), email: z.email().optional() }),
    description: z.string().min(1),
    keywords: z.array(z.string()).min(1),
    links: z.array(z.strictObject({ name: z.string(), url: z.url() })),
    logos: z.strictObject({ small: z.string(), large: z.string() }),
    screenshots: z.array(z.strictObject({ name: z.string(), path: z.string() })),
    updated: z.string().regex(/^(\d{4}-\d{2}-\d{2}|%TODAY%)$/),
    version: z.string().regex(/^(\d+\.\d+\.\d+|%VERSION%)$/),
  }),
  dependencies: z.strictObject({
    grafanaDependency: z.string().regex(/^(<=|>=|>|<|=|~|\^)?\d+\.\d+\.\d+/),
    plugins: z.array(z.unknown()),
  }),
});

const manifest: unknown = JSON.parse(readFileSync(join(__dirname, 'plugin.json'), 'utf8'));

describe('plugin.json', () => {
  test('is complete and holds nothing unknown', () => {
    expect(SCHEMA.safeParse(manifest).error?.issues ?? []).toEqual([]);
  });

  test('names the plugin and the oldest Grafana', () => {
    const { id, dependencies } = SCHEMA.parse(manifest);
    expect([id, dependencies.grafanaDependency]).toEqual(['taillight-comparison-panel', '>=11.6.0']);
  });

  test('names only pictures that exist', () => {
    const { logos, screenshots } = SCHEMA.parse(manifest).info;
    const paths = [logos.small, logos.large, ...screenshots.map(({ path }) => path)];
    expect(paths.filter((path) => !existsSync(join(__dirname, path)))).toEqual([]);
  });
});
