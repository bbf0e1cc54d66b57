// Puts Taillight together from the parts in this folder and runs it: node start.mjs serve --config FILE
//
// A ConfigMap holds less than the program weighs, so `npm run build:monitoring` compresses it and cuts it into parts. All of
// them are mounted into one folder beside this file, read-only. What comes out is written below TMPDIR (an emptyDir), once
// per version of the code: a restarted container, or a second command in the same one, finds it there.
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

const parts = dirname(fileURLToPath(import.meta.url));

/** Ends the process with one line; 2 is Taillight's exit code for bad input. */
function refuse(text) {
  process.stderr.write(`start: ${text}\n`);
  process.exit(2);
}

function read(name) {
  try {
    return readFileSync(join(parts, name));
  } catch (error) {
    return refuse(
      `${join(parts, name)} cannot be read (${error.code}); mount every ConfigMap taillight-code-*`,
    );
  }
}

const sha256 = (content) => createHash('sha256').update(content).digest('hex');

/** The files that the parts make, checked: `{ path, content, compressed }`. */
function unpack(manifests) {
  return manifests.flatMap(([name, text]) =>
    filesIn(name, text).map(({ path, sha256: expected, parts: names }) => {
      const compressed = Buffer.concat(names.map(read));
      const content = contentOf(compressed);
      if (content !== null && sha256(content) === expected) return { path, content, compressed };
      return refuse(
        `${names.join(' + ')} in ${parts} do not make the ${path} that ${name} describes; apply the manifests again`,
      );
    }),
  );
}

function filesIn(name, text) {
  try {
    return JSON.parse(text).files;
  } catch {
    return refuse(`${join(parts, name)} is not JSON; apply the manifests again`);
  }
}

function contentOf(compressed) {
  try {
    return gunzipSync(compressed);
  } catch {
    return null;
  }
}

/** Whether a folder is ours and holds these very files. */
function holds(folder, files) {
  try {
    const { uid } = lstatSync(folder);
    return (
      uid === process.getuid() &&
      files.every(({ path, content }) => readFileSync(join(folder, path)).equals(content))
    );
  } catch {
    return false;
  }
}

/** Written aside and moved in one step, so that two processes at a time do not see half a program. */
function write(folder, files) {
  const fresh = mkdtempSync(`${folder}.`);
  try {
    for (const { path, content, compressed } of files) {
      const file = join(fresh, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      // The live page sends its assets compressed where it finds them so.
      if (path.includes('/assets/')) writeFileSync(`${file}.gz`, compressed);
    }
    move(fresh, folder, files);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function move(fresh, folder, files) {
  try {
    renameSync(fresh, folder);
  } catch {
    // There is such a folder by now. Another process that was faster may be running from it.
    if (holds(folder, files)) return;
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  }
}

const names = readdirSync(parts).filter((name) => name.endsWith('.manifest.json'));
if (!names.includes('exporter.manifest.json')) read('exporter.manifest.json');
const manifests = names.map((name) => [name, read(name).toString()]);
const folder = join(tmpdir(), `taillight-${sha256(manifests.join()).slice(0, 16)}`);
const files = unpack(manifests);
if (!holds(folder, files)) {
  try {
    write(folder, files);
  } catch (error) {
    refuse(`${folder} cannot be written (${error.code}); TMPDIR must name a writable folder`);
  }
}
await import(pathToFileURL(join(folder, 'taillight.mjs')).href);
