// `npm run taillight -- <command>`: sets up what is missing, then runs the bundle.
import { spawn } from 'node:child_process';
import { buildBundle, buildLive, buildPlots, checkNode, installPackages, root } from './setup.mjs';

/** Runs the bundle with `args`; signals reach it, its exit code becomes ours. */
export function taillight(args) {
  checkNode();
  installPackages();
  buildBundle();
  buildLive();
  // What draws: a demo does not wait for it, but where it ends with a report.
  if (['run', 'compare'].includes(args[0]) || args.includes('--walkthrough')) buildPlots();
  const child = spawn(process.execPath, [`${root}dist/taillight.mjs`, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

if (process.argv[1] === new URL(import.meta.url).pathname) taillight(process.argv.slice(2));
