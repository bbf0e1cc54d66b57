import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../exporter/src/config/load-config';

const TWO = `
targets:
  - { name: vllm, url: "http://vllm:8000" }
  - { name: llm-d, url: "http://llm-d/v1/" }
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taillight-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function slos(yaml: string) {
  const path = join(folder, 'taillight.yaml');
  writeFileSync(path, yaml);
  const result = loadConfig(path, {});
  return result.ok ? result.config.targets.map(({ slo }) => slo) : result.mistakes;
}

test('a promise holds for all targets; one may have its own time, share, or both', () => {
  expect(slos(TWO)).toEqual([null, null]);
  expect(slos(`slo: { ttft: 500ms, objective: 95% }\n${TWO}`)).toEqual(
    Array(2).fill({ ttft_seconds: 0.5, objective_ratio: 0.95 }),
  );
  const own = TWO.replace('vllm:8000" }', 'vllm:8000", slo: { ttft: 2s } }');
  expect(slos(`slo: { ttft: 500ms, objective: 0.99 }\n${own}`)).toEqual([
    { ttft_seconds: 2, objective_ratio: 0.99 },
    { ttft_seconds: 0.5, objective_ratio: 0.99 },
  ]);
  const alone = TWO.replace('vllm:8000" }', 'vllm:8000", slo: { ttft: 2s, objective: 90% } }');
  expect(slos(alone)).toEqual([{ ttft_seconds: 2, objective_ratio: 0.9 }, null]);
});
