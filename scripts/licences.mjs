// The licences of what the committed bundles contain of others; most of them ask to be passed on with the code.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;

/** What packages say that come without a licence file, and for which the notice is enough (MPL 2.0, section 3.2). */
const NOTICES = {
  'node_modules/@resvg/resvg-wasm':
    'This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0. If a copy of the MPL was not\n' +
    'distributed with this file, You can obtain one at https://mozilla.org/MPL/2.0/.\n\n' +
    'The source code is at https://github.com/yisibl/resvg-js.',
};

/** The folders of packages of which a bundle holds anything, from esbuild's metafile. */
function packagesOf({ outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => /node_modules\/(?:.*node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
}

function licenceOf(folder) {
  if (NOTICES[folder] !== undefined) return NOTICES[folder];
  const files = readdirSync(join(root, folder)).filter((name) => /^(licen[cs]e|notice|copying)/i.test(name));
  if (files.length === 0) throw new Error(`${folder} has no licence file; look at it by hand`);
  const texts = files.sort().map((name) => readFileSync(join(root, folder, name), 'utf8'));
  return texts.map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n');
}

/**
 * One text for all bundles: packages with the same licence text stand together. `others`: folders of packages of which files
 * are passed on that esbuild has not seen.
 */
export function thirdPartyLicences(metafiles, others) {
  const folders = [...new Set([...metafiles.flatMap(packagesOf), ...others])].sort();
  const byText = new Map();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const text = licenceOf(folder);
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const line = '-'.repeat(78);
  const entries = [...byText].map(([text, names]) => `${line}\n${names.join('\n')}\n\n${text}\n`);
  return `The exporter's bundle, the live page, the plots and the panel contain code of these packages.\n\n${entries.join('\n')}`;
}
