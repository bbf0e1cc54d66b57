import {
  anything,
  clusterKind,
  flag,
  integer,
  kind,
  list,
  oneOf,
  only,
  text,
  texts,
  type Schema,
} from './schema';

/*
 * Schemas of what serves models: KServe 0.15 and later (ServingRuntime, InferenceService, LLMInferenceService), the Gateway API,
 * and the configuration of llm-d's endpoint picker inside of an LLMInferenceService.
 */

/** Parts of Kubernetes' own containers and pods, as far as they are used. */
const port = integer(1, 65535);
const probe = only(
  {
    httpGet: only({ path: text, port, scheme: oneOf('HTTP', 'HTTPS') }, 'path', 'port'),
    periodSeconds: integer(1, 600),
    timeoutSeconds: integer(1, 600),
    failureThreshold: integer(1, 1000),
  },
  'httpGet',
);
const resources = only({ requests: texts, limits: texts }, 'requests', 'limits');
const securityContext = only({
  allowPrivilegeEscalation: flag,
  runAsNonRoot: flag,
  readOnlyRootFilesystem: flag,
  capabilities: only({ drop: list(text) }),
  seccompProfile: only({ type: oneOf('RuntimeDefault') }, 'type'),
});
const container = only(
  {
    name: text,
    image: text,
    command: list(text),
    args: list(text),
    env: list(only({ name: text, value: text }, 'name', 'value')),
    ports: list(only({ containerPort: port, protocol: oneOf('TCP') }, 'containerPort')),
    startupProbe: probe,
    readinessProbe: probe,
    livenessProbe: probe,
    resources,
    securityContext,
    volumeMounts: list(only({ name: text, mountPath: text }, 'name', 'mountPath')),
  },
  'name',
);
const tolerations = list(
  only(
    { key: text, operator: oneOf('Exists', 'Equal'), effect: oneOf('NoSchedule', 'NoExecute') },
    'operator',
  ),
);

const servingRuntime = only(
  {
    annotations: texts,
    multiModel: flag,
    supportedModelFormats: list(only({ name: text, version: text, autoSelect: flag }, 'name')),
    containers: list(container),
    volumes: list(only({ name: text, emptyDir: anything }, 'name', 'emptyDir')),
  },
  'containers',
);

const storageUri: Schema = { type: 'string', pattern: '^(hf|oci|pvc|s3)://.+' };

const inferenceService = only(
  {
    predictor: only(
      {
        minReplicas: integer(0, 1000),
        maxReplicas: integer(1, 1000),
        automountServiceAccountToken: flag,
        tolerations,
        model: only(
          { runtime: text, modelFormat: only({ name: text }, 'name'), storageUri, resources },
          'modelFormat',
        ),
      },
      'model',
    ),
  },
  'predictor',
);

/** `EndpointPickerConfig`: the plugins there are, and how much each counts. */
export const endpointPickerConfig = only(
  {
    apiVersion: oneOf('inference.networking.x-k8s.io/v1alpha1'),
    kind: oneOf('EndpointPickerConfig'),
    plugins: list(only({ type: text, name: text, parameters: anything }, 'type')),
    schedulingProfiles: list(
      only(
        {
          name: text,
          plugins: list(
            only({ pluginRef: text, weight: { type: 'number', exclusiveMinimum: 0 } }, 'pluginRef'),
          ),
        },
        'name',
        'plugins',
      ),
    ),
  },
  'apiVersion',
  'kind',
  'plugins',
  'schedulingProfiles',
);

const podTemplate = only({ containers: list(container), tolerations }, 'containers');

const llmInferenceService = only(
  {
    model: only({ uri: storageUri, name: text }, 'uri', 'name'),
    replicas: integer(0, 1000),
    router: only({
      gateway: only({ refs: list(only({ name: text, namespace: text }, 'name', 'namespace')) }),
      route: only({}),
      scheduler: only({
        config: only({ inline: endpointPickerConfig }, 'inline'),
        template: podTemplate,
      }),
    }),
    template: podTemplate,
  },
  'model',
  'router',
);

const gateway = only(
  {
    gatewayClassName: text,
    listeners: list(
      only(
        {
          name: text,
          port,
          protocol: oneOf('HTTP', 'HTTPS'),
          hostname: text,
          allowedRoutes: only({ namespaces: only({ from: oneOf('All', 'Same') }) }),
        },
        'name',
        'port',
        'protocol',
      ),
    ),
  },
  'gatewayClassName',
  'listeners',
);

const GATEWAY = 'gateway.networking.k8s.io/v1';
const KSERVE = 'serving.kserve.io';

export const SERVING: Readonly<Record<string, Schema>> = {
  ServingRuntime: kind(`${KSERVE}/v1alpha1`, 'ServingRuntime', servingRuntime),
  InferenceService: kind(`${KSERVE}/v1beta1`, 'InferenceService', inferenceService),
  LLMInferenceService: kind(`${KSERVE}/v1alpha1`, 'LLMInferenceService', llmInferenceService),
  Gateway: kind(GATEWAY, 'Gateway', gateway),
  GatewayClass: clusterKind(GATEWAY, 'GatewayClass', only({ controllerName: text }, 'controllerName')),
};
