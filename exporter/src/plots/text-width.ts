/**
 * How wide a text is, without a screen: the advance widths of DejaVu Sans, with which the PNG is drawn and which no usual
 * system font exceeds. A test compares them with the font.
 */

/** Thousandths of the font size, from the blank (32) to the tilde (126). */
// prettier-ignore
const REGULAR = [318,401,460,838,636,950,780,275,390,390,500,838,318,361,318,337,636,636,636,636,636,636,636,636,636,636,337,337,838,838,838,531,1000,684,686,698,770,632,575,775,752,295,295,656,557,863,748,787,603,787,695,635,611,732,684,989,685,611,685,390,337,390,838,500,500,613,635,550,635,615,352,635,634,278,278,579,278,974,634,612,635,635,411,521,392,634,592,818,592,592,525,636,337,636,838];
// prettier-ignore
const BOLD = [348,456,521,838,696,1002,872,306,457,457,523,838,380,415,380,365,696,696,696,696,696,696,696,696,696,696,400,400,838,838,838,580,1000,774,762,734,830,683,683,821,837,372,372,775,637,995,837,850,733,850,770,720,682,812,774,1103,771,724,725,457,365,457,838,500,500,675,716,593,716,678,435,716,712,343,343,665,343,1042,712,687,716,716,493,595,478,712,652,924,645,652,582,712,365,712,838];

const FIRST = 32;
/** Of letters that the tables lack: wide enough for Latin, Greek and Cyrillic; ideographs take a whole em and more do not. */
const OTHER = 850;
const WIDE = 1000;
const IDEOGRAPHS = 0x2e80;

/** Width in pixels; `weight` from 600 on counts as bold. */
export function textWidth(text: string, size: number, weight: number | string = 400): number {
  const table = weight === 'bold' || Number(weight) >= 600 ? BOLD : REGULAR;
  let units = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? FIRST;
    units += table[code - FIRST] ?? (code >= IDEOGRAPHS ? WIDE : OTHER);
  }
  return (units * size) / 1000;
}

/** Breaks a sentence into lines of at most `width` pixels, at blanks; a longer word stands alone, cut with an ellipsis. */
export function wrapText(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && textWidth(longer, size) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => cutText(line, width, size));
}

export function cutText(text: string, width: number, size: number, weight: number | string = 400): string {
  if (textWidth(text, size, weight) <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && textWidth(`${letters.join('')}…`, size, weight) > width) letters.pop();
  return `${letters.join('')}…`;
}
