import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { until } from './until';

/** A series of an answer: its labels and its values in the order of time. */
export interface Answer {
  labels: Record<string, string>;
  values: number[];
}

interface RawSeries {
  metric: Record<string, string>;
  value?: [number, string];
  values?: [number, string][];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

/** Asks an API of Prometheus. Errors have its own words. */
export class PrometheusApi {
  constructor(readonly url: string) {}

  private async get<Data>(path: string, query: Record<string, string>): Promise<Data> {
    const { body } = await request(`${this.url}/api/v1/${path}?${new URLSearchParams(query).toString()}`);
    const answer = (await body.json()) as { status: string; error?: string; data: Data };
    if (answer.status !== 'success')
      throw new Error(`${answer.error ?? 'no reason'}: ${query['query'] ?? path}`);
    return answer.data;
  }

  private static answers(result: RawSeries[]): Answer[] {
    return result.map(({ metric, value, values = [] }) => ({
      labels: metric,
      values: (value === undefined ? values : [value]).map(([, text]) => Number(text)),
    }));
  }

  async instant(query: string): Promise<Answer[]> {
    const { result } = await this.get<{ result: RawSeries[] }>('query', { query });
    return PrometheusApi.answers(result);
  }

  /** Over the latest `seconds`. */
  async range(query: string, seconds: number, step: number): Promise<Answer[]> {
    const end = Date.now() / 1000;
    const { result } = await this.get<{ result: RawSeries[] }>('query_range', {
      query,
      start: String(end - seconds),
      end: String(end),
      step: String(step),
    });
    return PrometheusApi.answers(result);
  }

  labelValues(label: string, match: string): Promise<string[]> {
    return this.get(`label/${label}/values`, { 'match[]': match });
  }
}

/** Debian's Prometheus with a configuration (YAML or what is written as JSON) and further files beside it. */
export class PrometheusProcess {
  readonly api: PrometheusApi;

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    url: string,
  ) {
    this.api = new PrometheusApi(url);
  }

  static async start(config: unknown, files: Record<string, unknown> = {}): Promise<PrometheusProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'taillight-prometheus-'));
    for (const [name, content] of Object.entries({ 'prometheus.yml': config, ...files })) {
      writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    }
    const port = await freePort();
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (log += part));
    child.once('error', (error) => (log += error.message));
    const url = `http://127.0.0.1:${port}`;
    const started = new PrometheusProcess(child, folder, url);
    const ready = async () => {
      if (child.exitCode !== null || child.pid === undefined) return 'ended' as const;
      return (await request(`${url}/-/ready`)).statusCode === 200 ? ('ready' as const) : null;
    };
    if ((await until('Prometheus is ready', ready)) === 'ended') {
      await started.stop();
      throw new Error(`prometheus did not start:\n${log}`);
    }
    return started;
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
