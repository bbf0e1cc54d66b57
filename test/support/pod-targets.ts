export interface ListedPod {
  name: string;
  ip: string;
  labels?: Record<string, string>;
  phase?: string;
  /** Ports of the containers, one list each. */
  containers?: number[][];
  /** Name of every port, where they have one. */
  port?: string;
}

/** A group of targets, as files for `file_sd_configs` have them. */
export interface TargetGroup {
  targets: string[];
  labels: Record<string, string>;
}

/**
 * What Prometheus makes of a pod before relabeling (kubernetes_sd_configs, role pod, as documented): a target for each port of
 * each container, and one without a port for a container that has none.
 */
export function discovered({
  name,
  ip,
  labels = {},
  phase = 'Running',
  containers = [[8000]],
  port: portName,
}: ListedPod): TargetGroup[] {
  const host = ip.includes(':') ? `[${ip}]` : ip;
  const meta = {
    namespace: 'demo-llm',
    pod_name: name,
    pod_ip: ip,
    pod_phase: phase,
    pod_ready: 'true',
    pod_node_name: 'gpu-node-1',
    ...Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [
        `pod_label_${key.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`,
        value,
      ]),
    ),
  };
  return containers.flatMap((ports, index) =>
    (ports.length === 0 ? [null] : ports).map((port) => ({
      targets: [port === null ? host : `${host}:${port}`],
      labels: prefixed({
        ...meta,
        pod_container_name: `container-${index}`,
        ...(port !== null && { pod_container_port_number: String(port) }),
        ...(portName !== undefined && { pod_container_port_name: portName }),
      }),
    })),
  );
}

const prefixed = (labels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [`__meta_kubernetes_${name}`, value]));
