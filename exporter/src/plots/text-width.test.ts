import { cutText, textWidth, wrapText } from './text-width';

test('widths add up and grow with the size', () => {
  expect(textWidth('il', 10)).toBeCloseTo(2 * textWidth('i', 10), 9);
  expect(textWidth('word', 20)).toBeCloseTo(2 * textWidth('word', 10), 9);
  expect(textWidth('word', 10, 700)).toBeGreaterThan(textWidth('word', 10));
});

test('sentences break at blanks, and no line is wider than asked for', () => {
  const lines = wrapText('one two three fourteenhundredandninetytwo five', 80, 12);
  expect(lines.slice(0, 2)).toEqual(['one two', 'three']);
  expect(lines[2]).toMatch(/…$/);
  for (const line of lines) expect(textWidth(line, 12)).toBeLessThanOrEqual(80);
});

test('a name is cut by letters, not in the middle of one', () => {
  expect(cutText('😀😀😀😀', 40, 12)).toBe('😀😀…');
  expect(cutText('short', 200, 12)).toBe('short');
});
