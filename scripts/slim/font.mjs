// A TrueType font without the outlines of letters that no plot will show, and without what only screens at small sizes or
// complex scripts need. Letters keep their numbers, so that no other table has to be rewritten.

/** Latin, Greek, Cyrillic, punctuation, currencies, letter-like signs, arrows, mathematics. */
const KEPT = [
  [0x20, 0x24f],
  [0x300, 0x52f],
  [0x1e00, 0x1eff],
  [0x2000, 0x214f],
  [0x2190, 0x22ff],
];
/** Of the OpenType specification; without hinting, kerning, positioning. */
const TABLES = ['OS/2', 'cmap', 'glyf', 'head', 'hhea', 'hmtx', 'loca', 'maxp', 'name', 'post'];

function tablesOf(font) {
  const tables = new Map();
  for (let index = 0; index < font.readUInt16BE(4); index += 1) {
    const at = 12 + 16 * index;
    const start = font.readUInt32BE(at + 8);
    tables.set(font.toString('latin1', at, at + 4), font.subarray(start, start + font.readUInt32BE(at + 12)));
  }
  return tables;
}

/** The number of a letter's outline by the cmap's format 4; 0 where the font has none. */
function glyphOf(cmap, code) {
  let at = null;
  for (let index = 0; index < cmap.readUInt16BE(2); index += 1) {
    const start = cmap.readUInt32BE(4 + 8 * index + 4);
    if (cmap.readUInt16BE(start) === 4) at = start;
  }
  if (at === null) throw new Error('the font has no character map of format 4');
  const segments = cmap.readUInt16BE(at + 6) / 2;
  for (let index = 0; index < segments; index += 1) {
    if (code > cmap.readUInt16BE(at + 14 + 2 * index)) continue;
    const first = cmap.readUInt16BE(at + 16 + 2 * segments + 2 * index);
    if (code < first) return 0;
    const delta = cmap.readUInt16BE(at + 16 + 4 * segments + 2 * index);
    const place = at + 16 + 6 * segments + 2 * index;
    const offset = cmap.readUInt16BE(place);
    if (offset === 0) return (code + delta) & 0xffff;
    const glyph = cmap.readUInt16BE(place + offset + 2 * (code - first));
    return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
  }
  return 0;
}

/** The outlines that a composite outline is put together from. */
function parts(outline) {
  if (outline.length === 0 || outline.readInt16BE(0) >= 0) return [];
  const found = [];
  let at = 10;
  for (;;) {
    const flags = outline.readUInt16BE(at);
    found.push(outline.readUInt16BE(at + 2));
    at += 4 + (flags & 1 ? 4 : 2) + (flags & 8 ? 2 : flags & 0x40 ? 4 : flags & 0x80 ? 8 : 0);
    if (!(flags & 0x20)) return found;
  }
}

/** A smaller font with the same letters for the scripts above; others become empty. */
export function slimFont(font) {
  const tables = tablesOf(font);
  const [glyf, loca, head] = ['glyf', 'loca', 'head'].map((name) => tables.get(name));
  const long = head.readInt16BE(50) === 1;
  const glyphs = tables.get('maxp').readUInt16BE(4);
  const start = (glyph) => (long ? loca.readUInt32BE(4 * glyph) : 2 * loca.readUInt16BE(2 * glyph));
  const outline = (glyph) => glyf.subarray(start(glyph), start(glyph + 1));
  const kept = new Set([0]);
  for (const [first, last] of KEPT)
    for (let code = first; code <= last; code += 1) kept.add(glyphOf(tables.get('cmap'), code));
  // A set that grows while it is walked is walked to its end: parts of parts are kept, too.
  for (const glyph of kept) for (const part of parts(outline(glyph))) kept.add(part);
  const pieces = [];
  const places = Buffer.alloc(4 * (glyphs + 1));
  let length = 0;
  for (let glyph = 0; glyph < glyphs; glyph += 1) {
    places.writeUInt32BE(length, 4 * glyph);
    if (!kept.has(glyph)) continue;
    const piece = outline(glyph);
    pieces.push(piece, Buffer.alloc(-piece.length & 3));
    length += (piece.length + 3) & ~3;
  }
  places.writeUInt32BE(length, 4 * glyphs);
  const newHead = Buffer.from(head);
  newHead.writeInt16BE(1, 50);
  // Version 3: no names of glyphs.
  const post = Buffer.from(tables.get('post').subarray(0, 32));
  post.writeUInt32BE(0x30000, 0);
  const changed = { glyf: Buffer.concat(pieces), loca: places, head: newHead, post };
  return assemble(TABLES.map((name) => [name, changed[name] ?? tables.get(name)]));
}

function checksum(table) {
  let sum = 0;
  for (let at = 0; at < table.length; at += 4)
    sum = (sum + Buffer.concat([table.subarray(at, at + 4), Buffer.alloc(3)]).readUInt32BE(0)) >>> 0;
  return sum;
}

function assemble(tables) {
  const power = 2 ** Math.floor(Math.log2(tables.length));
  const header = Buffer.alloc(12 + 16 * tables.length);
  header.writeUInt32BE(0x10000, 0);
  header.writeUInt16BE(tables.length, 4);
  header.writeUInt16BE(16 * power, 6);
  header.writeUInt16BE(Math.log2(power), 8);
  header.writeUInt16BE(16 * (tables.length - power), 10);
  const bodies = [];
  let at = header.length;
  tables.forEach(([name, table], index) => {
    const entry = 12 + 16 * index;
    header.write(name, entry, 'latin1');
    header.writeUInt32BE(checksum(table), entry + 4);
    header.writeUInt32BE(at, entry + 8);
    header.writeUInt32BE(table.length, entry + 12);
    bodies.push(table, Buffer.alloc(-table.length & 3));
    at += (table.length + 3) & ~3;
  });
  return Buffer.concat([header, ...bodies]);
}
