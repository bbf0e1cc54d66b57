/** Text that others chose (target names, models, error lines), made safe for what it is put into. */

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that XML 1.0 forbids even as entities. */

const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** For text and attributes of HTML and SVG. */
export const escapeMarkup = (text: string): string =>
  printable(text).replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);

/** Without characters that no XML file may hold. */
export const printable = (text: string): string => text.replace(FORBIDDEN, '\ufffd');

/** For a cell of a Markdown table: one line, no cell border, nothing that Markdown or HTML would take for markup. */
export const escapeMarkdown = (text: string): string =>
  printable(text)
    .replace(/[\r\n]+/g, ' ')
    .replace(/[&<>]/g, (letter) => ENTITIES[letter] ?? letter)
    .replace(/[\\`*_[\]|~#]/g, (letter) => `\\${letter}`);

/** JSON inside a script element of HTML: no `</script>`, no `<!--`. */
export const scriptJson = (value: unknown): string =>
  JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
