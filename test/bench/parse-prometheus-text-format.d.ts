declare module 'parse-prometheus-text-format' {
  export default function parsePrometheusTextFormat(metrics: string): { name: string; metrics: unknown[] }[];
}
