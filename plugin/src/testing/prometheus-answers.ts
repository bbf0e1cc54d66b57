import type { DataFrame } from '@grafana/data';
import { asInstant, asTable, field, frame, type Sample } from './frames';

/** What Prometheus' HTTP API answers to one query. */
export interface PrometheusAnswer {
  refId: string;
  format: 'table' | 'time_series';
  resultType: 'vector' | 'matrix';
  result: {
    metric: Record<string, string>;
    value?: [number, string];
    values?: [number, string][];
  }[];
}

/** Grafana gives NaN and infinities as numbers, as Prometheus writes them. */
const numberOf = (text: string) => Number(text.replace('Inf', 'Infinity'));

function samplesOf({ result }: PrometheusAnswer): Sample[] {
  return result.map(({ metric: { __name__: metric = '', ...labels }, value }) => ({
    metric,
    labels,
    value: numberOf(value?.[1] ?? 'NaN'),
  }));
}

/** The answer as frames, in the shape in which Grafana's Prometheus data source makes them. */
export function framesOf(answer: PrometheusAnswer, shape: 'table' | 'series' = 'table'): DataFrame[] {
  if (answer.resultType === 'vector') {
    const time = (answer.result[0]?.value?.[0] ?? 0) * 1000;
    const samples = samplesOf(answer);
    return shape === 'table' ? asTable(samples, time) : asInstant(samples, time);
  }
  return answer.result.map(({ metric: { __name__: name = '', ...labels }, values = [] }) =>
    frame([
      field(
        'Time',
        'time',
        values.map(([at]) => at * 1000),
      ),
      field(
        'Value',
        'number',
        values.map(([, value]) => numberOf(value)),
        { labels: { __name__: name, ...labels } },
      ),
    ]),
  );
}
