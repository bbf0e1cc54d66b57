/** What a panel says instead of data: what is missing, and how to mend it. */
export const NONE = {
  window: 'No answered probe in the window yet.',
  probes: 'No probe was answered in this time range: see the row "Is the measurement sound?".',
  replicas: 'No replica page is scraped: set targets[].replicas in taillight.yaml.',
  gpu: 'No GPU page is configured: set gpus in taillight.yaml (DCGM or AMD exporter).',
  router:
    'No router page is scraped: set targets[].router in taillight.yaml (llm-d: the metrics of the EPP).',
  slo: 'No TTFT objective is set: set slo in taillight.yaml.',
} as const;
