import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, titleOf, type KubeObject } from './kustomize';

/*
 * Kubernetes' own schemas, from the package kubernetes-models: its validators know types, formats and enums but let unknown
 * keys pass; its TypeScript declarations know every key. So each object is checked by both, as a literal of its interface.
 */

const PACKAGE = join(ROOT, 'node_modules/kubernetes-models');
const load = createRequire(__filename);

/** Folder of the package for an apiVersion: `v1`, `apps/v1`, `rbac.authorization.k8s.io/v1`. */
const folderOf = ({ apiVersion }: KubeObject): string => join(PACKAGE, apiVersion);

/** Whether Kubernetes itself has this kind; custom resources have schemas of ours. */
export const isBuiltIn = (object: KubeObject): boolean =>
  existsSync(join(folderOf(object), `${object.kind}.d.ts`));

interface Validated {
  validate(): void;
}

/** What is wrong with an object of a built-in kind, by the validators. */
export function invalidValues(object: KubeObject): string[] {
  const models = load(folderOf(object)) as Record<string, new (data: unknown) => Validated>;
  const Model = models[object.kind];
  if (Model === undefined) return [`${titleOf(object)}: no such kind in ${object.apiVersion}`];
  try {
    new Model(unfolded(object)).validate();
    return [];
  } catch (error) {
    return [`${titleOf(object)}: ${(error as Error).message}`];
  }
}

/** kustomize folds base64 into lines; Kubernetes ignores the line ends, the validators do not. */
function unfolded(object: KubeObject): KubeObject {
  const inOneLine = (contents: unknown) => mapTexts(contents, (text) => text.replaceAll('\n', ''));
  const { data, binaryData } = object;
  return {
    ...object,
    ...(object.kind === 'Secret' && data !== undefined && { data: inOneLine(data) }),
    ...(binaryData !== undefined && { binaryData: inOneLine(binaryData) }),
  };
}

/**
 * Unknown keys and wrong types in objects of built-in kinds, by the TypeScript compiler: one made-up file with every object as
 * a literal of the interface of its kind.
 */
export function typeMistakes(objects: readonly KubeObject[]): string[] {
  const file = join(ROOT, 'test/monitoring/objects.ts');
  const lines = objects.map((object, index) => {
    const from = JSON.stringify(join(folderOf(object), object.kind));
    const literal = JSON.stringify(withoutContents(object));
    return `import type { I${object.kind} as I${index} } from ${from}; export const o${index}: I${index} = ${literal};`;
  });
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    lib: ['lib.es2022.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  const source = ts.createSourceFile(file, lines.join('\n'), ts.ScriptTarget.ES2022, true);
  host.getSourceFile = (name, ...rest) => (name === file ? source : getSourceFile(name, ...rest));
  host.fileExists = (name) => name === file || fileExists(name);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .filter((diagnostic) => diagnostic.file === source)
    .map(({ start = 0, messageText }) => {
      const object = objects[source.getLineAndCharacterOfPosition(start).line];
      return `${object ? titleOf(object) : file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
}

/** Contents of ConfigMaps are long and have no types. */
function withoutContents(object: KubeObject): KubeObject {
  const { data, binaryData, ...rest } = object;
  return {
    ...rest,
    ...(data !== undefined && { data: emptied(data) }),
    ...(binaryData !== undefined && { binaryData: emptied(binaryData) }),
  } as KubeObject;
}

const emptied = (contents: unknown) => mapTexts(contents, () => '');

const mapTexts = (contents: unknown, change: (text: string) => string) =>
  Object.fromEntries(
    Object.entries(contents as Record<string, unknown>).map(([key, value]) => [
      key,
      typeof value === 'string' ? change(value) : value,
    ]),
  );
