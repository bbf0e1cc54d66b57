import { z } from 'zod';

/**
 * What Grafana 12 documents for provisioning files (administration/provisioning, alerting/…/file-provisioning), as far as
 * ours use it. Grafana passes over keys that it does not know; here they are refused, as they are typing mistakes.
 */

/** Go's time.ParseDuration, as alerting reads it, and Prometheus' form. */
const duration = z.string().regex(/^(\d+(ms|s|m|h|d|w|y))+$/);
/** `$NAME` or `${NAME}` within a value. */
const withVariables = z.string().min(1);
const orgId = z.number().int().positive().optional();
/** At most 40 letters, digits, - and _. */
const uid = z.string().regex(/^[\w-]{1,40}$/);

const datasourceBase = {
  name: z.string().min(1),
  uid,
  access: z.enum(['proxy', 'direct']),
  orgId,
  url: withVariables,
  user: z.string().optional(),
  basicAuth: z.boolean().optional(),
  basicAuthUser: z.string().optional(),
  withCredentials: z.boolean().optional(),
  isDefault: z.boolean().optional(),
  editable: z.boolean().optional(),
  version: z.number().int().optional(),
  secureJsonData: z.record(z.string(), z.string()).optional(),
};

const http = {
  tlsAuth: z.boolean().optional(),
  tlsAuthWithCACert: z.boolean().optional(),
  tlsSkipVerify: z.boolean().optional(),
  serverName: z.string().optional(),
  timeout: z.number().optional(),
  httpHeaderName1: z.string().optional(),
};

const prometheus = z.strictObject({
  ...datasourceBase,
  type: z.literal('prometheus'),
  jsonData: z.strictObject({
    ...http,
    httpMethod: z.enum(['GET', 'POST']).optional(),
    customQueryParameters: z.string().optional(),
    manageAlerts: z.boolean().optional(),
    alertmanagerUid: uid.optional(),
    timeInterval: duration.optional(),
    queryTimeout: duration.optional(),
    prometheusType: z.enum(['Prometheus', 'Cortex', 'Mimir', 'Thanos']).optional(),
    prometheusVersion: z.string().optional(),
    cacheLevel: z.enum(['Low', 'Medium', 'High', 'None']).optional(),
    incrementalQuerying: z.boolean().optional(),
    incrementalQueryOverlapWindow: duration.optional(),
    disableRecordingRules: z.boolean().optional(),
  }),
});

const alertmanager = z.strictObject({
  ...datasourceBase,
  type: z.literal('alertmanager'),
  jsonData: z.strictObject({
    ...http,
    implementation: z.enum(['prometheus', 'mimir', 'cortex']),
    handleGrafanaManagedAlerts: z.boolean().optional(),
  }),
});

export const datasourcesFile = z.strictObject({
  apiVersion: z.literal(1),
  prune: z.boolean().optional(),
  deleteDatasources: z.array(z.strictObject({ name: z.string(), orgId })).optional(),
  datasources: z.array(z.discriminatedUnion('type', [prometheus, alertmanager])),
});

export const dashboardsFile = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.array(
    z
      .strictObject({
        name: z.string().min(1),
        orgId,
        folder: z.string().optional(),
        folderUid: uid.optional(),
        type: z.literal('file').optional(),
        disableDeletion: z.boolean().optional(),
        allowUiUpdates: z.boolean().optional(),
        updateIntervalSeconds: z.number().int().positive().optional(),
        options: z.strictObject({
          path: withVariables,
          foldersFromFilesStructure: z.boolean().optional(),
        }),
      })
      .refine(({ folder, options }) => !(folder && options.foldersFromFilesStructure), {
        message: 'folder must be empty for foldersFromFilesStructure to work',
      }),
  ),
});

export const pluginsFile = z.strictObject({
  apiVersion: z.literal(1),
  apps: z.array(
    z.strictObject({
      type: z.string().regex(/-app$/, 'only app plugins have settings here'),
      org_id: orgId,
      org_name: z.string().optional(),
      disabled: z.boolean().optional(),
      jsonData: z.record(z.string(), z.unknown()).optional(),
      secureJsonData: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

export const contactPointsFile = z.strictObject({
  apiVersion: z.literal(1),
  contactPoints: z.array(
    z.strictObject({
      orgId,
      name: z.string().min(1),
      receivers: z.array(
        z.strictObject({
          uid,
          type: z.literal('prometheus-alertmanager'),
          disableResolveMessage: z.boolean().optional(),
          settings: z.strictObject({
            url: withVariables,
            basicAuthUser: z.string().optional(),
            basicAuthPassword: z.string().optional(),
          }),
        }),
      ),
    }),
  ),
});

/** The root of the tree, which may have neither matchers nor times of muting. */
export const policiesFile = z.strictObject({
  apiVersion: z.literal(1),
  policies: z.array(
    z.strictObject({
      orgId,
      receiver: z.string().min(1),
      group_by: z.array(z.string()).optional(),
      group_wait: duration.optional(),
      group_interval: duration.optional(),
      repeat_interval: duration.optional(),
      routes: z.array(z.record(z.string(), z.unknown())).optional(),
    }),
  ),
});
