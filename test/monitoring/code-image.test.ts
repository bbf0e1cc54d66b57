import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { buildObjects, objectOf, plainName, ROOT, workloadsOf } from '../support/kustomize';

interface Stage {
  from: string;
  steps: { instruction: string; words: string }[];
}

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };

/** A Containerfile in stages; continued lines are one step. */
function stagesOf(text: string): Stage[] {
  const stages: Stage[] = [];
  const lines = text.replace(/\\\n/g, ' ').split('\n');
  for (const line of lines.filter((one) => one.trim() !== '' && !one.startsWith('#'))) {
    const [instruction = '', ...rest] = line.trim().split(/\s+/);
    if (instruction === 'FROM') stages.push({ from: rest[0]!, steps: [] });
    else stages.at(-1)!.steps.push({ instruction, words: rest.join(' ') });
  }
  return stages;
}

const wordsOf = ({ steps }: Stage, instruction: string) =>
  steps.filter((step) => step.instruction === instruction).map(({ words }) => words);

/** What a COPY from outside takes, and where to. */
const copies = (stage: Stage) =>
  wordsOf(stage, 'COPY').map((words) => {
    const paths = words.split(' ').filter((word) => !word.startsWith('--'));
    return { sources: paths.slice(0, -1), to: paths.at(-1)! };
  });

const [build, final] = stagesOf(read('Containerfile')) as [Stage, Stage];

describe('the Containerfile', () => {
  test('starts from the very image that the base runs the exporter on', () => {
    expect(build.from).toMatch(/^docker\.io\/library\/node:\d+\.\d+\.\d+-[a-z-]+$/);
    expect(final.from).toBe(build.from);
    expect(read('monitoring/base/taillight/deployment.yaml')).toContain(`image: ${build.from}\n`);
  });

  test('copies only what a clone has and .containerignore lets through', () => {
    const allowed = read('.containerignore').split('\n');
    const sources = copies(build).flatMap((copy) => copy.sources);
    expect(sources).toContain('exporter');
    expect(sources.filter((source) => !allowed.includes(`!${source}`))).toEqual([]);
    const tracked = execFileSync('git', ['ls-files', '--', ...sources], {
      cwd: ROOT,
      encoding: 'utf8',
    }).split('\n');
    const untracked = sources.filter(
      (source) => !tracked.some((name) => name === source || name.startsWith(`${source}/`)),
    );
    expect(untracked).toEqual([]);
  });

  test('ends as an image that runs as a number other than root and bears the version', () => {
    expect(wordsOf(final, 'USER')).toEqual(['1000']);
    expect(wordsOf(final, 'LABEL').join(' ')).toContain(`org.opencontainers.image.version="${version}"`);
    expect(wordsOf(final, 'RUN')).toEqual([]);
  });

  describe('built without containers', () => {
    let source: string;

    beforeAll(() => {
      source = mkdtempSync(join(tmpdir(), 'taillight-image-'));
      for (const { sources, to } of copies(build)) {
        const target = to === './' ? source : join(source, to);
        for (const path of sources)
          cpSync(join(ROOT, path), to === './' ? join(target, basename(path)) : target, { recursive: true });
      }
      // In place of `npm ci`.
      symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
      const commands = wordsOf(build, 'RUN').filter((words) => !words.startsWith('npm ci'));
      for (const command of commands) execFileSync('sh', ['-c', command], { cwd: source });
    }, 120_000);

    afterAll(() => rmSync(source, { recursive: true, force: true }));

    test.each(['exporter', 'live'])('is the program that the ConfigMaps hold (%s)', (set) => {
      const manifest = JSON.parse(read(`monitoring/code/${set}/${set}.manifest.json`)) as {
        files: { path: string; sha256: string }[];
      };
      const digests = manifest.files.map(({ path }) => {
        const file = join(source, 'dist', path);
        return {
          path,
          sha256: existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : null,
        };
      });
      expect(digests).toEqual(manifest.files.map(({ path, sha256 }) => ({ path, sha256 })));
    });

    test('is found by the final image where its entry point says', () => {
      const kept = copies(final).flatMap(({ sources, to }) =>
        sources.map((path) => [path.replace('/src/', ''), to.endsWith('/') ? `${to}${basename(path)}` : to]),
      );
      expect(kept.filter(([path]) => !existsSync(join(source, path!)))).toEqual([]);
      const [entryPoint] = wordsOf(final, 'ENTRYPOINT').map((words) => JSON.parse(words) as string[]);
      expect(kept.map(([, to]) => to)).toEqual(
        expect.arrayContaining([entryPoint![1], '/opt/taillight/live']),
      );
    });
  });
});

describe('overlays/image', () => {
  const objects = buildObjects('monitoring/overlays/image');
  const specOf = (kind: string) => objectOf(objects, kind, 'taillight')['spec'];

  test('runs the image that its build makes, as the image itself says', () => {
    const { pod } = workloadsOf(objects).find(({ object }) => object.metadata.name === 'taillight')!;
    const [container] = pod.containers;
    const output = (specOf('BuildConfig') as { output: { to: { name: string } } }).output.to.name;
    expect(output).toBe(`taillight:${version}`);
    expect(container!.image).toBe(
      `image-registry.openshift-image-registry.svc:5000/llm-d-monitoring/${output}`,
    );
    expect(container!.command).toBeUndefined();
    expect(container!.args).toEqual(wordsOf(final, 'CMD').flatMap((words) => JSON.parse(words) as string[]));
    const volumes = pod.volumes!.map(({ name }) => name);
    expect(volumes).not.toContain('code');
    expect(
      container!.volumeMounts!.map(({ name }) => name).filter((name) => !volumes.includes(name)),
    ).toEqual([]);
  });

  test('has the panel still, and none of the exporter’s code', () => {
    const names = objects.map(plainName);
    expect(names.filter((name) => name.startsWith('taillight-code'))).toEqual([]);
    expect(names).toContain('grafana-plugin-taillight');
  });

  test('builds from the Containerfile of the clone that is sent, into a stream that is there', () => {
    expect(objectOf(objects, 'ImageStream', 'taillight').apiVersion).toBe('image.openshift.io/v1');
    expect(specOf('BuildConfig')).toMatchObject({
      source: { type: 'Binary' },
      strategy: { type: 'Docker', dockerStrategy: { dockerfilePath: 'Containerfile' } },
    });
    expect(existsSync(join(ROOT, 'Containerfile'))).toBe(true);
  });
});
