import type { Path } from './section';

/** Something that is wrong at a place of the file. */
export interface Mistake {
  path: Path;
  /** What is wrong and how to mend it, without the path. */
  text: string;
}

/**
 * Replaces `${NAME}` in every string value (never in keys) by the variable's value; `$${` stands for a literal `${`. Returns a
 * copy, and a mistake for each variable that is not set. Secrets are best given so: the texts of mistakes show the file as it
 * is written, never what a variable held.
 */
export function interpolate(
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
): { value: unknown; mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  const replace = (text: string, path: Path): string =>
    text.replace(/\$\$\{|\$\{([^}]*)\}?/g, (match: string, name: string | undefined) => {
      if (name === undefined) return '${';
      if (!/^[A-Za-z_]\w*$/.test(name) || !match.endsWith('}')) {
        mistakes.push({
          path,
          text: 'holds "${" without the name of a variable; write ${NAME}, or $${ for the characters',
        });
      } else if (env[name] === undefined) {
        mistakes.push({
          path,
          text: `the environment variable ${name} is not set; export it before the start`,
        });
      }
      return env[name] ?? match;
    });
  const walk = (node: unknown, path: Path): unknown => {
    if (typeof node === 'string') return replace(node, path);
    if (Array.isArray(node)) return node.map((entry, index) => walk(entry, [...path, index]));
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, walk(inner, [...path, key])]));
  };
  return { value: walk(value, []), mistakes };
}
