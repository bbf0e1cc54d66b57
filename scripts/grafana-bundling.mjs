// How esbuild must read @grafana/* when it bundles them for a page without Grafana.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const PACKAGES = 'ui|data|runtime|i18n|schema';

/** Editors and maps that a panel never shows; megabytes. */
const UNUSED =
  /(ReactMonacoEditor|CodeMirror\/CodeEditor|OpenLayersProvider)\.mjs$|^(monaco-editor|@monaco-editor\/react)/;
const NOTHING =
  'module.exports = { __esModule: true, default: () => null, CodeEditor: () => null, ReactMonacoEditor: () => null }';

/**
 * An esbuild plugin. Files of @grafana/* end in .mjs, for which esbuild applies Node's rules of importing CommonJS (the
 * default is `module.exports`); their authors meant the bundler's rules. Under a path that ends in .js they get them.
 */
export function grafanaBundling(root) {
  const ours = new RegExp(`node_modules/@grafana/(${PACKAGES})/dist/esm/.*\\.mjs$`);
  return {
    name: 'grafana-bundling',
    setup(build) {
      build.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'unused' }));
      build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: NOTHING, loader: 'js' }));
      // Ten years of time zones instead of two hundred.
      build.onResolve({ filter: /^moment-timezone$/ }, () => ({
        path: join(root, 'node_modules/moment-timezone/builds/moment-timezone-with-data-10-year-range.js'),
      }));
      build.onResolve({ filter: new RegExp(`^@grafana/(${PACKAGES})$|\\.mjs$`) }, async (args) => {
        if (args.pluginData === 'resolving') return undefined;
        const { path, importer, resolveDir, kind } = args;
        const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: 'resolving' });
        if (found.errors.length > 0 || found.external || !ours.test(found.path)) return found;
        return {
          path: found.path.replace(/\.mjs$/, '.js'),
          namespace: 'grafana',
          sideEffects: found.sideEffects,
          pluginData: { file: found.path },
        };
      });
      build.onLoad({ filter: /.*/, namespace: 'grafana' }, async ({ pluginData }) => ({
        contents: await readFile(pluginData.file, 'utf8'),
        loader: 'js',
        resolveDir: dirname(pluginData.file),
      }));
    },
  };
}
