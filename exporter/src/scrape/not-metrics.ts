/**
 * What a body is that cannot be read as metrics, told from its first bytes in words; null when it might have been meant as
 * metrics after all.
 */
export function notMetrics(beginning: Buffer): string | null {
  if (beginning[0] === 0x1f && beginning[1] === 0x8b) return 'gzip-compressed data';
  const text = beginning.toString('latin1').trimStart();
  if (text === '') return 'the page is empty';
  if (text.startsWith('<')) return 'an HTML or XML page, not metrics; is the path right?';
  if (text.startsWith('[') || /^\{\s*($|\}|"[^"]*"\s*:)/.test(text))
    return 'JSON, not metrics; is the path right?';
  return null;
}
