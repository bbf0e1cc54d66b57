// The rules of monitoring/rules as one object for the Prometheus operator.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

const root = new URL('..', import.meta.url).pathname;

/** A PrometheusRule with every group of the files that monitoring/rules/kustomization.yml lists, in that order. */
export function prometheusRule() {
  const read = (name) => parse(readFileSync(join(root, 'monitoring/rules', name), 'utf8'));
  const [{ files }] = read('kustomization.yml').configMapGenerator;
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'taillight', labels: { 'app.kubernetes.io/part-of': 'taillight' } },
    spec: { groups: files.flatMap((file) => read(file).groups) },
  };
  // Unfolded, so that a changed rule is a changed line.
  const text = stringify(rule, { lineWidth: 0, singleQuote: true });
  return `# Generated from monitoring/rules by \`npm run build:monitoring\`.\n${text}`;
}
