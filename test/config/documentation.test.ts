import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadConfig } from '../../exporter/src/config/load-config';
import { fileSchema } from '../../exporter/src/config/schema';
import { PRESETS } from '../../exporter/src/probe/presets';

const ROOT = join(__dirname, '../..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/CONFIGURATION.md'), 'utf8');

interface Definition {
  _zod: {
    def: {
      type: string;
      shape?: Record<string, Definition>;
      innerType?: Definition;
      element?: Definition;
      out?: Definition;
    };
  };
}

/** Every path of a schema, `[]` for the entries of a list. */
function paths(schema: Definition, prefix = ''): string[] {
  const { type, shape, innerType, element, out } = schema._zod.def;
  if (type === 'object') {
    return Object.entries(shape ?? {}).flatMap(([key, inner]) => {
      const path = prefix === '' ? key : `${prefix}.${key}`;
      return [path, ...paths(inner, path)];
    });
  }
  if (type === 'array' && element !== undefined) return paths(element, `${prefix}[]`);
  const inner = innerType ?? (type === 'pipe' ? out : undefined);
  return inner === undefined ? [] : paths(inner, prefix);
}

/** Sections that occur in several places are documented once. */
function documented(path: string): string {
  return path
    .replace(/^(targets\[\]\.replicas|gpus\[\])\./, '')
    .replace(/^targets\[\]\.(router\.)?(?=(auth|tls)\.)/, '')
    .replace(/^targets\[\]\.router\.(auth|tls)$/, '$1')
    .replace(/^(auth|tls)$/, 'targets[].$1');
}

test('every key is documented, and every documented key exists', () => {
  const known = new Set(paths(fileSchema as unknown as Definition).map(documented));
  const told = new Set([...DOCUMENT.matchAll(/^\| `([^`]+)`/gm)].map(([, key]) => key!));
  expect(known.size).toBeGreaterThan(70);
  expect([...known].filter((key) => !told.has(key))).toEqual([]);
  expect([...told].filter((key) => !known.has(key))).toEqual([]);
});

test('the presets are documented as they are', () => {
  const range = ({ min, max }: { min: number; max: number }) => `${min}..${max}`;
  for (const [column, preset] of [
    [2, PRESETS.live],
    [3, PRESETS['multi-turn']],
  ] as const) {
    const told = (key: string) => {
      const row = DOCUMENT.split('\n').find((line) => line.startsWith(`| \`probe.${key}\``));
      return row?.split('|')[column]?.trim();
    };
    const { think_time } = preset;
    expect({
      seed: told('seed'),
      conversations: told('conversations'),
      turns: told('turns'),
      document_tokens: told('document_tokens'),
      documents: told('documents'),
      shared_prefix_tokens: told('shared_prefix_tokens'),
      max_tokens: told('max_tokens'),
      think_time: told('think_time'),
      rate: told('rate'),
      concurrency: told('concurrency'),
      warmup: told('warmup'),
    }).toEqual({
      seed: String(preset.seed),
      conversations: String(preset.conversations),
      turns: String(preset.turns),
      document_tokens: range(preset.document_tokens),
      documents: preset.documents,
      shared_prefix_tokens: String(preset.shared_prefix_tokens),
      max_tokens: String(preset.max_tokens),
      think_time: `${think_time.min_seconds}s..${think_time.max_seconds}s`,
      rate: preset.rate === null ? 'none' : String(preset.rate),
      concurrency: String(preset.concurrency),
      warmup: String(preset.warmup),
    });
  }
});

test('documented defaults are the defaults', () => {
  const lines = DOCUMENT.split('\n').flatMap(
    (line) => /^\| `((?:scrape|comparison|log|probe)\.\w+)`\s*\| `([^`]+)`/.exec(line)?.slice(1, 3) ?? [],
  );
  const sections: Record<string, Record<string, unknown>> = {};
  for (let i = 0; i < lines.length; i += 2) {
    const [section = '', key = ''] = lines[i]!.split('.');
    (sections[section] ??= {})[key] = parse(lines[i + 1]!);
  }
  const targets = [
    { name: 'a', url: 'http://a' },
    { name: 'b', url: 'http://b' },
  ];
  const explicit = loadText(JSON.stringify({ targets, ...sections }));
  expect(Object.keys(sections)).toEqual(['probe', 'scrape', 'comparison', 'log']);
  expect(explicit).toEqual(loadText(JSON.stringify({ targets })));
});

test('the example file loads', () => {
  const result = loadConfig(join(ROOT, 'taillight.example.yaml'), {});
  expect(result.ok ? result.config.targets.map(({ name, role }) => [name, role]) : result.mistakes).toEqual([
    ['vllm', 'baseline'],
    ['llm-d', 'candidate'],
  ]);
});

test('the smallest file of the document loads', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(DOCUMENT) ?? [];
  expect(loadText(yaml)).toMatchObject({ targets: [{ name: 'vllm' }, { name: 'llm-d' }] });
});

function loadText(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'taillight-config-'));
  try {
    const path = join(folder, 'taillight.yaml');
    writeFileSync(path, text);
    const result = loadConfig(path, {});
    if (!result.ok) throw new Error(result.mistakes.join('\n'));
    return { ...result.config, data_dir: null };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
