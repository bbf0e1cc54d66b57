import { escapeMarkup, printable, scriptJson } from './escape';

test('markup becomes text', () => {
  expect(escapeMarkup(`<b a="1">'&`)).toBe('&lt;b a=&quot;1&quot;&gt;&#39;&amp;');
});

test('what XML forbids is replaced, what it allows stays', () => {
  expect(printable('a\u0000b\u001b\ud800c')).toBe('a\ufffdb\ufffd\ufffdc');
  expect(printable('Zeile\n\t😀 日本')).toBe('Zeile\n\t😀 日本');
});

test('JSON in a script cannot end it', () => {
  const text = scriptJson({ name: '</script><!--\u2028' });
  expect(text).not.toContain('<');
  expect(JSON.parse(text)).toEqual({ name: '</script><!--\u2028' });
});
