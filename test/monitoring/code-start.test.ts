import { cpSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { buildObjects, workloadsOf, type PodSpec } from '../support/kustomize';
import { until } from '../support/until';
import { CodePods, filesOf } from './code-pod';

/** Two targets at which nobody answers. */
const CONFIG = {
  listen: '127.0.0.1:0',
  data_dir: null,
  targets: [
    { name: 'vllm', url: 'http://127.0.0.1:9/v1', baseline: true },
    { name: 'llm-d', url: 'http://127.0.0.1:9/v1' },
  ],
  log: { level: 'info', format: 'json' },
};

const objects = buildObjects('monitoring');
const podOf = (name: string) => workloadsOf(objects).find(({ object }) => object.metadata.name === name)!.pod;
const volumeOf = (pod: PodSpec, name: string) => pod.volumes!.find((volume) => volume.name === name)!;

async function get(url: string, headers: Record<string, string> = {}) {
  const { statusCode, headers: answered, body } = await request(url, { headers });
  return { status: statusCode, headers: answered, text: await body.text() };
}

const pods = new CodePods();
const pod = podOf('taillight');
const files = filesOf(volumeOf(pod, 'code'), objects);

afterAll(() => pods.stopAll());

/** The files with one of them changed or, for null, absent. */
function withPart(name: string, change: (content: Buffer) => Buffer | null): Map<string, Buffer> {
  const changed = change(Buffer.from(files.get(name)!));
  const others = new Map(files);
  if (changed === null) others.delete(name);
  else others.set(name, changed);
  return others;
}

const version = (folder: string, tmp: string) => pods.run([join(folder, 'start.mjs'), '--version'], tmp);

describe('the exporter from the ConfigMaps that its Deployment mounts', () => {
  let url: string;
  let running: ReturnType<CodePods['start']>;
  let tmp: string;

  beforeAll(async () => {
    const { command, args, volumeMounts } = pod.containers.find(({ name }) => name === 'taillight')!;
    const code = volumeMounts!.find(({ name }) => name === 'code')!;
    const mounted = pods.mount(files);
    const config = pods.mount(new Map([['taillight.yaml', Buffer.from(JSON.stringify(CONFIG))]]));
    tmp = pods.folder(true);
    const words = [...command!, ...args!].map((word) =>
      word.replace(code.mountPath, mounted).replace('/etc/taillight', config),
    );
    expect(words[0]).toBe('node');
    running = pods.start(words.slice(1), tmp);
    const line = await until('the exporter listens', () =>
      running.lines.find((one) => one.includes('"listening"')),
    );
    url = `http://127.0.0.1:${String((JSON.parse(line) as { port: number }).port)}`;
  }, 60_000);

  test('is alive and serves its metrics', async () => {
    expect((await get(`${url}/healthz`)).text).toBe('ok\n');
    const { status, text } = await get(`${url}/metrics`);
    expect(status).toBe(200);
    expect(text).toMatch(/^taillight_build_info\{version="\d/m);
  });

  test('serves the live page with its script, compressed', async () => {
    const index = await get(`${url}/`);
    expect(index.headers['content-type']).toBe('text/html; charset=utf-8');
    const script = /assets\/app-[0-9a-f]{12}\.js/.exec(index.text)![0];
    const { status, headers } = await get(`${url}/${script}`, { 'accept-encoding': 'gzip' });
    expect([status, headers['content-encoding']]).toEqual([200, 'gzip']);
  });

  test('lets another command run beside it', async () => {
    const before = readdirSync(tmp);
    const { stdout } = await version(pods.mount(files), tmp);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(readdirSync(tmp)).toEqual(before);
  });

  test('ends with 0 on SIGTERM', async () => {
    running.signal('SIGTERM');
    expect(await running.exit).toBe(0);
  });
});

describe('start.mjs', () => {
  test('unpacks once per version of the code, and again what was changed since', async () => {
    const [folder, tmp] = [pods.mount(files), pods.folder(true)];
    expect((await version(folder, tmp)).code).toBe(0);
    const [home] = readdirSync(tmp);
    const program = join(tmp, home!, 'taillight.mjs');
    const first = statSync(program);
    expect((await version(folder, tmp)).code).toBe(0);
    expect(statSync(program).ino).toBe(first.ino);
    writeFileSync(program, 'process.exit(9)');
    expect((await version(folder, tmp)).code).toBe(0);
    expect(readFileSync(program).length).toBe(first.size);
    expect(readdirSync(tmp)).toEqual([home]);
  });

  test('may be started several times at once', async () => {
    const [folder, tmp] = [pods.mount(files), pods.folder(true)];
    const all = await Promise.all([1, 2, 3, 4].map(() => version(folder, tmp)));
    expect(all.map(({ code, stderr }) => [code, stderr])).toEqual(Array(4).fill([0, []]));
    expect(readdirSync(tmp)).toHaveLength(1);
  });

  test.each([
    [
      'one bit of a part turned',
      'exporter.taillight.mjs.gz.1',
      (part: Buffer) => (part.writeUInt8(part[500]! ^ 1, 500), part),
    ],
    ['a part that was cut', 'exporter.taillight.mjs.gz.3', (part: Buffer) => part.subarray(0, 1000)],
    ['a part of the live page replaced', 'live.app.js.gz.0', () => files.get('live.logo.svg.gz.0')!],
    [
      'a manifest of another build',
      'exporter.manifest.json',
      (text: Buffer) => Buffer.from(text.toString().replace(/"sha256": "..../, '"sha256": "0000')),
    ],
  ])('refuses %s with one line and code 2', async (_, name, change) => {
    const { code, stdout, stderr } = await version(pods.mount(withPart(name, change)), pods.folder(true));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toHaveLength(1);
    expect(stderr[0]).toMatch(
      /^start: .* do not make the .* that (exporter|live)\.manifest\.json describes; apply the manifests again$/,
    );
  });

  test.each(['exporter.taillight.mjs.gz.2', 'exporter.manifest.json', 'live.app.js.gz.1'])(
    'says in one line which ConfigMap is not mounted when %s is missing',
    async (name) => {
      const folder = pods.mount(withPart(name, () => null));
      const { code, stderr } = await version(folder, pods.folder(true));
      expect([code, stderr]).toEqual([
        2,
        [`start: ${folder}/${name} cannot be read (ENOENT); mount every ConfigMap taillight-code-*`],
      ]);
    },
  );

  test('refuses a manifest that was cut with one line', async () => {
    const folder = pods.mount(withPart('live.manifest.json', (text) => text.subarray(0, 100)));
    const { code, stderr } = await version(folder, pods.folder(true));
    expect([code, stderr]).toEqual([
      2,
      [`start: ${folder}/live.manifest.json is not JSON; apply the manifests again`],
    ]);
  });

  test('says in one line that it needs a folder to write to', async () => {
    const tmp = join(pods.folder(), 'absent');
    const { code, stderr } = await version(pods.mount(files), tmp);
    expect(code).toBe(2);
    expect(stderr).toEqual([
      expect.stringMatching(
        /^start: .*absent\/taillight-\w{16} cannot be written \(ENOENT\); TMPDIR must name a writable folder$/,
      ),
    ]);
  });

  // Only root can become the other user.
  (process.getuid?.() === 0 ? test : test.skip)(
    'does not run what another user has put where it unpacks',
    async () => {
      const [folder, tmp] = [pods.mount(files), pods.folder(true)];
      await version(folder, tmp);
      const [home] = readdirSync(tmp);
      const other = pods.folder(true);
      cpSync(join(tmp, home!), join(other, home!), { recursive: true });
      const { code, stdout, stderr } = await version(folder, other);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toEqual([
        `start: ${join(other, home!)} cannot be written (EACCES); TMPDIR must name a writable folder`,
      ]);
      expect(readdirSync(other)).toEqual([home]);
    },
  );
});

describe('the panel as Grafana finds it', () => {
  test('has every file that its plugin.json names, and one plugin.json only', () => {
    const grafana = podOf('grafana');
    const mount = grafana.containers
      .flatMap(({ volumeMounts = [] }) => volumeMounts)
      .find(({ mountPath }) => mountPath === '/var/lib/grafana/plugins/taillight-comparison-panel')!;
    const shown = filesOf(volumeOf(grafana, mount.name), objects);
    const prefix = `${mount.subPath ?? ''}/`;
    const names = [...shown.keys()].map((path) => path.replace(prefix, ''));
    const manifest = JSON.parse(shown.get(`${prefix}plugin.json`)!.toString()) as {
      id: string;
      info: { logos: { small: string; large: string }; screenshots?: { path: string }[] };
    };
    expect(manifest.id).toBe('taillight-comparison-panel');
    expect(names).toEqual(
      expect.arrayContaining(['module.js', manifest.info.logos.small, manifest.info.logos.large]),
    );
    expect(manifest.info.screenshots).toBeUndefined();
    expect(mount.subPath).toBe('taillight-comparison-panel');
  });
});
