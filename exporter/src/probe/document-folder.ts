import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { DocumentKind } from './documents';
import { SourceError } from './source-error';

/** A document of the user's own. */
export interface FolderDocument {
  name: string;
  kind: DocumentKind;
  text: string;
}

/** The folder cannot serve as a source of documents. */
export class DocumentFolderError extends SourceError {
  override readonly name = 'DocumentFolderError';
}

const CODE = ['.py', '.go', '.rs', '.tsx', '.ts', '.js', '.sql', '.java', '.c', '.cpp', '.rb'];
const TEXT = ['.md', '.txt', '.rst', '.html'];
const KINDS: ReadonlyMap<string, DocumentKind> = new Map([
  ...CODE.map((extension) => [extension, 'code'] as const),
  ...TEXT.map((extension) => [extension, 'text'] as const),
]);

/** A document is sent whole, so a file beyond this would overflow any context window. */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FILES = 1000;

/**
 * Reads the documents of a folder, sorted by name; what kind each is follows from its extension, and files with other
 * extensions are left alone. Subfolders are not entered.
 *
 * @throws DocumentFolderError when the folder cannot be read, holds no such file, or holds one that cannot be used.
 */
export function loadDocumentFolder(folder: string, wanted: DocumentKind | 'mixed'): FolderDocument[] {
  const documents = listFolder(folder)
    .flatMap((name) => {
      const kind = KINDS.get(extname(name).toLowerCase());
      return kind !== undefined && (wanted === 'mixed' || wanted === kind) ? [{ name, kind }] : [];
    })
    .map(({ name, kind }) => ({ name, kind, text: readDocument(join(folder, name)) }));
  if (documents.length === 0) {
    const extensions = (wanted === 'code' ? CODE : wanted === 'text' ? TEXT : [...CODE, ...TEXT]).join(' ');
    throw new DocumentFolderError(
      `documents_dir ${folder}: no document in it; put files there that end in ${extensions}`,
    );
  }
  if (documents.length > MAX_FILES) {
    throw new DocumentFolderError(
      `documents_dir ${folder}: ${documents.length} documents are more than ${MAX_FILES}; leave fewer there`,
    );
  }
  return documents;
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new DocumentFolderError(
      `documents_dir ${folder}: cannot be read (${code}); name an existing folder of documents`,
    );
  }
}

function readDocument(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) {
      throw new DocumentFolderError(
        `${path}: ${size} bytes are more than ${MAX_FILE_BYTES}; split it or take it away`,
      );
    }
    const text = readFileSync(path, 'utf8');
    if (text.trim() === '')
      throw new DocumentFolderError(`${path}: empty; write something into it or take it away`);
    return text;
  } catch (error) {
    if (error instanceof DocumentFolderError) throw error;
    throw new DocumentFolderError(
      `${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    );
  }
}
