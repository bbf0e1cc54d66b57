import Ajv, { type ValidateFunction } from 'ajv';
import { titleOf, type KubeObject } from '../kustomize';
import { anything, flag, integer, kind, list, oneOf, only, text, texts, type Schema } from './schema';
import { SERVING } from './serving';

/*
 * Schemas of the custom resources that the manifests use, written from the documentation of OpenShift 4, the Prometheus operator
 * and the Grafana operator 5. Only the keys in use are listed, and no others are allowed: a typo fails, and so does a key whose
 * documentation nobody has looked up.
 */

const durationText: Schema = { type: 'string', pattern: '^([0-9]+(ms|[smhdw]))+$' };
const portNameOrNumber: Schema = { anyOf: [text, integer(1, 65535)] };
const labelName: Schema = { type: 'string', pattern: '^[a-zA-Z_][a-zA-Z0-9_]*$' };

const labelSelector = only({
  matchLabels: texts,
  matchExpressions: list(
    only(
      { key: text, operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'), values: list(text) },
      'key',
      'operator',
    ),
  ),
});

const route = only(
  {
    host: text,
    path: text,
    to: only({ kind: { const: 'Service' }, name: text, weight: integer(0, 256) }, 'kind', 'name'),
    port: only({ targetPort: portNameOrNumber }, 'targetPort'),
    tls: only(
      {
        termination: oneOf('edge', 'passthrough', 'reencrypt'),
        insecureEdgeTerminationPolicy: oneOf('None', 'Allow', 'Redirect'),
      },
      'termination',
    ),
    wildcardPolicy: oneOf('None', 'Subdomain'),
  },
  'to',
);

const relabeling = only({
  sourceLabels: list({ type: 'string', pattern: '^[a-zA-Z_][a-zA-Z0-9_]*$' }),
  separator: { type: 'string' },
  regex: text,
  targetLabel: labelName,
  replacement: { type: 'string' },
  action: oneOf('replace', 'keep', 'drop', 'labelmap', 'labeldrop', 'labelkeep'),
});

const scraped = {
  scheme: oneOf('http', 'https'),
  path: text,
  interval: durationText,
  scrapeTimeout: durationText,
  relabelings: list(relabeling),
};

const namespaceSelector = only({ any: flag, matchNames: list(text) });

const serviceMonitor = only(
  {
    jobLabel: text,
    namespaceSelector,
    selector: labelSelector,
    endpoints: list(only({ ...scraped, port: text }, 'port')),
  },
  'selector',
  'endpoints',
);

const podMonitor = only(
  {
    jobLabel: text,
    namespaceSelector,
    selector: labelSelector,
    podMetricsEndpoints: list(only({ ...scraped, port: text, portNumber: integer(1, 65535) })),
  },
  'selector',
  'podMetricsEndpoints',
);

const rule: Schema = {
  ...only(
    {
      record: { type: 'string', pattern: '^[a-zA-Z_:][a-zA-Z0-9_:]*$' },
      alert: text,
      expr: text,
      for: durationText,
      keep_firing_for: durationText,
      labels: texts,
      annotations: texts,
    },
    'expr',
  ),
  oneOf: [{ required: ['record'] }, { required: ['alert'] }],
};

const prometheusRule = only(
  { groups: list(only({ name: text, interval: durationText, rules: list(rule) }, 'name', 'rules')) },
  'groups',
);

const grafana = only({
  version: { type: 'string', pattern: '^[0-9]+\\.[0-9]+\\.[0-9]+$' },
  // Sections of grafana.ini: texts only, also where they mean numbers.
  config: { type: 'object', additionalProperties: texts },
  persistentVolumeClaim: only({ spec: anything }, 'spec'),
  // A Deployment that is merged into the operator's own.
  deployment: only({
    spec: only({
      strategy: only({ type: oneOf('Recreate', 'RollingUpdate') }),
      template: only({ metadata: only({ labels: texts }), spec: anything }),
    }),
  }),
});

const keyOf = only({ name: text, key: text }, 'name', 'key');
const common = {
  instanceSelector: labelSelector,
  resyncPeriod: durationText,
  allowCrossNamespaceImport: flag,
};

const grafanaDashboard = only({ ...common, folder: text, configMapRef: keyOf }, 'instanceSelector');

const grafanaDatasource = only(
  {
    ...common,
    valuesFrom: list(
      only(
        { targetPath: text, valueFrom: only({ secretKeyRef: keyOf, configMapKeyRef: keyOf }) },
        'targetPath',
        'valueFrom',
      ),
    ),
    datasource: only(
      {
        uid: text,
        name: text,
        type: text,
        access: oneOf('proxy'),
        url: { type: 'string', pattern: '^https?://' },
        isDefault: flag,
        editable: flag,
        jsonData: anything,
        secureJsonData: anything,
      },
      'uid',
      'name',
      'type',
      'url',
    ),
  },
  'instanceSelector',
  'datasource',
);

const imageTag = only(
  { kind: { const: 'ImageStreamTag' }, name: { type: 'string', pattern: '^.+:.+$' } },
  'kind',
  'name',
);

const buildConfig = only(
  {
    runPolicy: oneOf('Parallel', 'Serial', 'SerialLatestOnly'),
    source: only(
      {
        type: oneOf('Binary', 'Git', 'Dockerfile'),
        binary: anything,
        git: only({ uri: text, ref: text }, 'uri'),
        contextDir: text,
      },
      'type',
    ),
    strategy: only(
      {
        type: { const: 'Docker' },
        dockerStrategy: only({ dockerfilePath: text, noCache: flag, buildArgs: list(anything) }),
      },
      'type',
      'dockerStrategy',
    ),
    output: only({ to: imageTag }, 'to'),
    triggers: list(anything, 0),
    resources: anything,
    successfulBuildsHistoryLimit: integer(0, 100),
    failedBuildsHistoryLimit: integer(0, 100),
    completionDeadlineSeconds: integer(1, 86400),
  },
  'source',
  'strategy',
  'output',
);

const imageStream = only({ lookupPolicy: only({ local: flag }, 'local'), tags: list(anything, 0) });

const MONITORING = 'monitoring.coreos.com/v1';
const GRAFANA = 'grafana.integreatly.org/v1beta1';

const SCHEMAS: Readonly<Record<string, Schema>> = {
  Route: kind('route.openshift.io/v1', 'Route', route),
  ServiceMonitor: kind(MONITORING, 'ServiceMonitor', serviceMonitor),
  PodMonitor: kind(MONITORING, 'PodMonitor', podMonitor),
  PrometheusRule: kind(MONITORING, 'PrometheusRule', prometheusRule),
  Grafana: kind(GRAFANA, 'Grafana', grafana),
  GrafanaDashboard: kind(GRAFANA, 'GrafanaDashboard', grafanaDashboard),
  GrafanaDatasource: kind(GRAFANA, 'GrafanaDatasource', grafanaDatasource),
  BuildConfig: kind('build.openshift.io/v1', 'BuildConfig', buildConfig),
  ImageStream: kind('image.openshift.io/v1', 'ImageStream', imageStream, []),
  ...SERVING,
};

const ajv = new Ajv({ allErrors: true });
const validators = new Map<string, ValidateFunction>(
  Object.entries(SCHEMAS).map(([name, schema]) => [name, ajv.compile(schema)]),
);

/** What is wrong with a custom resource, one line each; a kind without a schema is wrong. */
export function customResourceMistakes(object: KubeObject): string[] {
  const validate = validators.get(object.kind);
  if (validate === undefined) return [`${titleOf(object)}: has no schema in test/support/schemas`];
  if (validate(object)) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '', params }) =>
    `${titleOf(object)}: ${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
  );
}
