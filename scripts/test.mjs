// `npm test`: sets up what is missing, runs every check, then every test; arguments go to jest.
import {
  buildBundle,
  buildLibrary,
  buildLive,
  buildPlots,
  buildPlugin,
  checkNode,
  installDebian,
  installPackages,
  run,
} from './setup.mjs';

checkNode();
installPackages();
installDebian({
  promtool: 'prometheus',
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  chromium: 'chromium',
});
buildBundle();
buildLibrary();
buildLive();
buildPlots();
buildPlugin();
const args = process.argv.slice(2);
if (args.length === 0) run('npm', ['run', '--silent', 'check']);
run(process.execPath, ['node_modules/jest/bin/jest.js', ...args]);
