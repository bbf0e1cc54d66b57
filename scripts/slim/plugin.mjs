// What the bundle leaves out of its dependencies: parts that no call of Taillight's reaches, a megabyte of them, in a
// program that has to fit ConfigMaps. Each stand-in does the same for what is used, or throws when it is called.
import { dirname, join } from 'node:path';

/** A module whose exports throw. */
const absent = (what, names) =>
  names.map((name) => `exports.${name} = () => { throw new Error('${what}: not built in'); };`).join('\n');

/** The types that Express looks up for the answers that Taillight gives; mime-db knows two thousand more. */
const TYPES = {
  'text/plain': { source: 'iana', compressible: true, extensions: ['txt'] },
  'text/html': { source: 'iana', compressible: true, extensions: ['html'] },
  'application/json': { source: 'iana', charset: 'UTF-8', compressible: true, extensions: ['json'] },
  'application/octet-stream': { source: 'iana', compressible: true, extensions: ['bin'] },
};

/** By the file of a module below node_modules/: what stands in for it. */
const STAND_INS = {
  // For request bodies of FormData; ours are strings.
  'undici/lib/web/fetch/body.js': absent('FormData as a request body', ['extractBody']),
  // Character sets of request bodies; no route reads a body.
  'iconv-lite/lib/index.js': `exports.encodingExists = () => false;\n${absent('character sets other than UTF-8', ['getDecoder'])}`,
  // Forms and nested query strings; Express 5 parses queries by node:querystring.
  'qs/lib/index.js': absent('nested query strings', ['parse', 'stringify']),
  // Trace ids in exemplars of prom-client's default metrics, which are not collected.
  '@opentelemetry/api/build/esm/index.js': absent('OpenTelemetry', ['trace', 'context']),
  'mime-db/index.js': `module.exports = ${JSON.stringify(TYPES)};`,
};

/**
 * The esbuild plugin. A build in which a stand-in finds nothing to stand in for fails: the dependency has moved its files,
 * and the bundle would silently grow again.
 */
export function slimming(root) {
  return {
    name: 'slimming',
    setup(build) {
      const used = new Set();
      build.onResolve({ filter: /^undici$/ }, () => ({ path: join(root, 'scripts/slim/undici.cjs') }));
      for (const [file, contents] of Object.entries(STAND_INS)) {
        const filter = new RegExp(`/node_modules/${file.replaceAll('.', '\\.')}$`);
        build.onLoad({ filter }, ({ path }) => {
          used.add(file);
          return { contents, loader: 'js', resolveDir: dirname(path) };
        });
      }
      build.onEnd(() => ({
        errors: Object.keys(STAND_INS)
          .filter((file) => !used.has(file))
          .map((file) => ({
            text: `node_modules/${file} is not part of the bundle; mend scripts/slim/plugin.mjs`,
          })),
      }));
    },
  };
}
