import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DARK, DARK_OF, LIGHT, PALETTE } from '../../exporter/src/plots/theme';
import { textWidth } from '../../exporter/src/plots/text-width';
import { tokensFrom } from '../../plugin/src/tokens';

/** As much of Grafana's theme as the tokens take. */
const theme = (isDark: boolean) => {
  const tone = { text: '#000' };
  return {
    isDark,
    colors: {
      success: tone,
      warning: tone,
      error: tone,
      primary: { border: '' },
      text: {},
      background: {},
      border: {},
    },
    typography: {},
    zIndex: {},
    visualization: {},
  } as unknown as Parameters<typeof tokensFrom>[0];
};

test("targets have the panel's colours", () => {
  expect(PALETTE.light).toEqual(tokensFrom(theme(false)).palette);
  expect(PALETTE.dark).toEqual(tokensFrom(theme(true)).palette);
});

function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

test('text is readable on its card (4.5:1), target colours stand out from it (3:1)', () => {
  for (const surface of [LIGHT, DARK]) {
    for (const name of ['ink', 'text', 'faint', 'good', 'bad', 'warning'] as const)
      expect([name, contrast(surface[name], surface.card) >= 4.5]).toEqual([name, true]);
  }
  for (const color of PALETTE.light) expect([color, contrast(color, LIGHT.card) >= 3]).toEqual([color, true]);
  for (const color of PALETTE.dark) expect([color, contrast(color, DARK.card) >= 3]).toEqual([color, true]);
});

test('no two light colours are the same, or their dark counterparts could not be told apart', () => {
  expect(DARK_OF.size).toBe(Object.keys(LIGHT).length + PALETTE.light.length);
});

/** Advance widths of a TrueType font in thousandths, by its tables cmap (format 4), hmtx, head, hhea. */
function advances(file: string): (code: number) => number {
  const font = readFileSync(join(__dirname, '../../node_modules/dejavu-fonts-ttf/ttf', file));
  const table = (name: string) => {
    for (let at = 12; ; at += 16)
      if (font.toString('latin1', at, at + 4) === name) return font.readUInt32BE(at + 8);
  };
  const [cmap, hmtx] = [table('cmap'), table('hmtx')];
  const units = font.readUInt16BE(table('head') + 18);
  const metrics = font.readUInt16BE(table('hhea') + 34);
  let map = 0;
  for (let index = 0; index < font.readUInt16BE(cmap + 2); index += 1) {
    const start = cmap + font.readUInt32BE(cmap + 8 + 8 * index);
    if (font.readUInt16BE(start) === 4) map = start;
  }
  const segments = font.readUInt16BE(map + 6) / 2;
  return (code) => {
    for (let index = 0; index < segments; index += 1) {
      const word = (block: number, gap = 0) =>
        font.readUInt16BE(map + 14 + 2 * segments * block + gap + 2 * index);
      if (code > word(0)) continue;
      // In the letters asked for, DejaVu's segments have no offsets into a list of glyphs.
      const glyph = (code + word(2, 2)) & 0xffff;
      return Math.round((font.readUInt16BE(hmtx + 4 * Math.min(glyph, metrics - 1)) * 1000) / units);
    }
    return 0;
  };
}

test.each([
  ['DejaVuSans.ttf', 400],
  ['DejaVuSans-Bold.ttf', 700],
])('widths of text are those of %s', (file, weight) => {
  const advance = advances(file);
  for (let code = 32; code < 127; code += 1) {
    const letter = String.fromCodePoint(code);
    expect([letter, textWidth(letter, 1000, weight)]).toEqual([letter, advance(code)]);
  }
});
