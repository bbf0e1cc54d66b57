// `npm run test:vllm`: the exporter against two real vLLM servers on this machine's CPU. See test/vllm/README.md.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildBundle, checkNode, installDebian, installPackages, root } from './setup.mjs';

checkNode();
installPackages();
installDebian({ promtool: 'prometheus' });
buildBundle();
// Only now: these need the packages.
const { ensureVllm, Unfit } = await import('./vllm/install.mjs');
const { checkMemory, startServer, untilHealthy } = await import('./vllm/servers.mjs');
const exporterModule = await import('./vllm/exporter.mjs');
const { getText, promtool, readResults, startExporter, stopExporter, taillight, writeConfig } =
  exporterModule;
const { allChecks, MIN_ANSWERS } = await import('./vllm/checks.mjs');
const { figuresTable } = await import('./vllm/table.mjs');
const { parsePage } = await import('./vllm/figures.mjs');

const TARGETS = ['vllm', 'llm-d'];
const RUN_SECONDS = 120;
const MAX_RUN_SECONDS = 900;
const folder = join(root, 'test', 'output', 'vllm');
const started = [];
const say = (text) => console.log(`test:vllm: ${text}`);

async function startServers(environment) {
  say(`starting ${TARGETS.length} vLLM servers; 2 minutes, more where others use the cores …`);
  const servers = [];
  for (const name of TARGETS) {
    const server = await startServer(name, environment, folder);
    started.push(server.child);
    servers.push(server);
  }
  return Promise.all(
    servers.map(async (server) => {
      const start_seconds = await untilHealthy(server);
      say(`${server.name} is healthy after ${start_seconds.toFixed(0)} s`);
      return { ...server, start_seconds };
    }),
  );
}

const comparisonOf = async (exporter) => JSON.parse(await getText(`${exporter.url}/api/v1/comparison`));

/** Two minutes, and longer on a machine that is too busy to answer enough in them. */
async function probe(exporter) {
  say(`probing for ${RUN_SECONDS} s …`);
  const begun = Date.now();
  for (;;) {
    await sleep(5000);
    const seconds = (Date.now() - begun) / 1000;
    if (seconds < RUN_SECONDS && exporter.child.ended === null) continue;
    const comparison = await comparisonOf(exporter);
    const answers = comparison.targets.map(({ outcomes }) => outcomes.ok ?? 0);
    if (Math.min(...answers) >= MIN_ANSWERS || seconds > MAX_RUN_SECONDS) return comparison;
  }
}

const enginePage = async ({ url }) => parsePage(await getText(`${url}/metrics`));

function inspect(url) {
  const { status, stdout, stderr } = taillight('inspect', `${url}/metrics`, '--json');
  if (status !== 0) throw new Error(`taillight inspect ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

async function measure(servers) {
  const before = await Promise.all(servers.map(enginePage));
  const config = writeConfig(folder, servers);
  const check = taillight('check', '--config', config);
  const exporter = await startExporter(config, folder);
  started.push(exporter.child);
  const comparison = await probe(exporter);
  const text = await getText(`${exporter.url}/metrics`);
  const stopped = await stopExporter(exporter);
  const after = await Promise.all(servers.map(enginePage));
  writeFileSync(join(folder, 'comparison.json'), JSON.stringify(comparison, null, 1));
  writeFileSync(join(folder, 'metrics.prom'), text);
  return {
    servers: servers.map((server, index) => ({
      ...server,
      before: before[index],
      after: after[index],
      inspected: inspect(server.url),
    })),
    check,
    comparison,
    page: parsePage(text),
    promtool: promtool(text),
    stopped,
    log: exporter.child.output(),
    results: readResults(join(folder, 'data')),
  };
}

function report(seen) {
  console.log(`\n${figuresTable(seen)}\n`);
  console.log(
    `caveats: ${seen.comparison.comparisons[0]?.caveats.map(({ reason }) => reason).join(', ') || 'none'}`,
  );
  console.log(`SIGTERM: ended with ${seen.stopped.exit} after ${seen.stopped.seconds.toFixed(1)} s\n`);
  const checks = allChecks(seen);
  for (const { name, ok, seen: values } of checks) {
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${values === '' ? '' : `: ${values}`}`);
  }
  const failed = checks.filter(({ ok }) => !ok).length;
  console.log(`\nlogs, page and comparison: ${folder}`);
  console.log(`${checks.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function main() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const environment = ensureVllm(say);
  if (environment.install_seconds !== null) say(`installed in ${environment.install_seconds.toFixed(0)} s`);
  checkMemory(TARGETS.length);
  return report(await measure(await startServers(environment)));
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Unfit ? `test:vllm: ${error.message}` : error);
  console.log('0 passed, 1 failed');
  process.exitCode = error instanceof Unfit ? 2 : 1;
} finally {
  await Promise.all(started.map((child) => child.end()));
}
