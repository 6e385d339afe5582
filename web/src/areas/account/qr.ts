/**
 * QR codes (ISO/IEC 18004): bytes, error correction M (15 % may be unreadable), versions 1 to 20.
 * Enough for an otpauth address, without a library that would be asked to hold a secret.
 */

const ECC_EACH = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const FORMAT_M = 0;

type Bits = number[];
/** Rows of modules; true is dark. */
export type Matrix = boolean[][];

function at<Value>(list: ArrayLike<Value>, index: number): Value {
  return list[index] as Value;
}

function alignments(version: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2;
  const places = [6];
  for (let place = version * 4 + 10; places.length < count; place -= step) places.splice(1, 0, place);
  return places;
}

function codewords(version: number): number {
  let modules = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const count = Math.floor(version / 7) + 2;
    modules -= (25 * count - 10) * count - 55;
    if (version >= 7) modules -= 36;
  }
  return Math.floor(modules / 8);
}

function dataCodewords(version: number): number {
  return codewords(version) - at(ECC_EACH, version - 1) * at(BLOCKS, version - 1);
}

function push(bits: Bits, value: number, length: number): void {
  for (let n = length - 1; n >= 0; n--) bits.push((value >>> n) & 1);
}

function data(bytes: Uint8Array, version: number): number[] {
  const bits: Bits = [];
  push(bits, 4, 4); // bytes
  push(bits, bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((byte) => push(bits, byte, 8));
  const room = dataCodewords(version) * 8;
  push(bits, 0, Math.min(4, room - bits.length));
  while (bits.length % 8) bits.push(0);
  const made: number[] = [];
  for (let n = 0; n < bits.length; n += 8) made.push(parseInt(bits.slice(n, n + 8).join(""), 2));
  for (let pad = 0xec; made.length < room / 8; pad ^= 0xec ^ 0x11) made.push(pad);
  return made;
}

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(one: number, other: number): number {
  let product = 0;
  for (let n = 7; n >= 0; n--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((other >>> n) & 1) * one;
  }
  return product;
}

function divisor(degree: number): number[] {
  const made = Array<number>(degree).fill(0);
  made[degree - 1] = 1;
  for (let n = 0, root = 1; n < degree; n++, root = times(root, 2)) {
    for (let j = 0; j < degree; j++) made[j] = times(at(made, j), root) ^ (made[j + 1] ?? 0);
  }
  return made;
}

function correction(block: number[], by: number[]): number[] {
  const left = by.map(() => 0);
  for (const byte of block) {
    const factor = byte ^ (left.shift() ?? 0);
    left.push(0);
    by.forEach((one, n) => (left[n] = at(left, n) ^ times(one, factor)));
  }
  return left;
}

function interleaved(given: number[], version: number): number[] {
  const count = at(BLOCKS, version - 1);
  const each = at(ECC_EACH, version - 1);
  const short = Math.floor(codewords(version) / count) - each;
  const longFrom = count - (codewords(version) % count);
  const by = divisor(each);
  const blocks: number[][] = [];
  for (let n = 0, from = 0; n < count; n++) {
    const length = short + (n < longFrom ? 0 : 1);
    blocks.push(given.slice(from, from + length));
    from += length;
  }
  const checks = blocks.map((block) => correction(block, by));
  const made: number[] = [];
  for (let n = 0; n <= short; n++) blocks.forEach((block) => n < block.length && made.push(at(block, n)));
  for (let n = 0; n < each; n++) checks.forEach((check) => made.push(at(check, n)));
  return made;
}

class Canvas {
  readonly size: number;
  readonly dark: Matrix;
  readonly isFixed: Matrix;

  constructor(size: number) {
    this.size = size;
    this.dark = Array.from({ length: size }, () => Array<boolean>(size).fill(false));
    this.isFixed = Array.from({ length: size }, () => Array<boolean>(size).fill(false));
  }

  set(x: number, y: number, isDark: boolean): void {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    at(this.dark, y)[x] = isDark;
    at(this.isFixed, y)[x] = true;
  }
}

function ring(canvas: Canvas, x: number, y: number, reach: number, light: number[]): void {
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      canvas.set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  }
}

function drawFixed(canvas: Canvas, version: number): void {
  const last = canvas.size - 7;
  for (let n = 0; n < canvas.size; n++) {
    canvas.set(6, n, n % 2 === 0);
    canvas.set(n, 6, n % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [canvas.size - 4, 3], [3, canvas.size - 4]] as const) ring(canvas, x, y, 4, [2, 4]);
  const places = alignments(version);
  for (const x of places) {
    for (const y of places) {
      const isFinder = (x === 6 && (y === 6 || y === last)) || (x === last && y === 6);
      if (!isFinder) ring(canvas, x, y, 2, [1]);
    }
  }
  if (version >= 7) drawVersion(canvas, version);
  drawFormat(canvas, 0);
}

function drawVersion(canvas: Canvas, version: number): void {
  let rest = version;
  for (let n = 0; n < 12; n++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let n = 0; n < 18; n++) {
    const isDark = ((bits >>> n) & 1) === 1;
    const [far, near] = [canvas.size - 11 + (n % 3), Math.floor(n / 3)];
    canvas.set(far, near, isDark);
    canvas.set(near, far, isDark);
  }
}

function drawFormat(canvas: Canvas, mask: number): void {
  const given = (FORMAT_M << 3) | mask;
  let rest = given;
  for (let n = 0; n < 10; n++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  const bits = ((given << 10) | rest) ^ 0x5412;
  const bit = (n: number) => ((bits >>> n) & 1) === 1;
  for (let n = 0; n <= 5; n++) canvas.set(8, n, bit(n));
  canvas.set(8, 7, bit(6));
  canvas.set(8, 8, bit(7));
  canvas.set(7, 8, bit(8));
  for (let n = 9; n < 15; n++) canvas.set(14 - n, 8, bit(n));
  for (let n = 0; n < 8; n++) canvas.set(canvas.size - 1 - n, 8, bit(n));
  for (let n = 8; n < 15; n++) canvas.set(8, canvas.size - 15 + n, bit(n));
  canvas.set(8, canvas.size - 8, true);
}

function drawData(canvas: Canvas, words: number[]): void {
  let n = 0;
  for (let right = canvas.size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < canvas.size; step++) {
      const y = ((right + 1) & 2) === 0 ? canvas.size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (at(at(canvas.isFixed, y), x) || n >= words.length * 8) continue;
        at(canvas.dark, y)[x] = ((at(words, n >>> 3) >>> (7 - (n & 7))) & 1) === 1;
        n++;
      }
    }
  }
}

const MASKS: ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

function masked(canvas: Canvas, mask: number): Matrix {
  drawFormat(canvas, mask);
  const flips = at(MASKS, mask);
  return canvas.dark.map((row, y) => row.map((isDark, x) => isDark !== (!at(at(canvas.isFixed, y), x) && flips(x, y))));
}

/** How hard the code is to read: long runs, finders' look-alikes, blocks, too much of one colour. */
function penalty(matrix: Matrix): number {
  const columns = matrix.map((_, x) => matrix.map((row) => at(row, x)));
  let points = 0;
  for (const line of [...matrix, ...columns].map((row) => row.map((one) => (one ? "1" : "0")).join(""))) {
    for (const run of line.match(/0{5,}|1{5,}/g) ?? []) points += run.length - 2;
    points += 40 * (line.match(/(?=00001011101|10111010000)/g) ?? []).length;
  }
  for (let y = 1; y < matrix.length; y++) {
    for (let x = 1; x < matrix.length; x++) {
      const corner = at(at(matrix, y), x);
      const isBlock = [at(matrix, y)[x - 1], at(matrix, y - 1)[x], at(matrix, y - 1)[x - 1]].every((one) => one === corner);
      if (isBlock) points += 3;
    }
  }
  const dark = matrix.flat().filter(Boolean).length / matrix.length ** 2;
  return points + 10 * Math.floor(Math.abs(dark - 0.5) * 20);
}

/** The code of a text; throws RangeError for one of more than 666 bytes. */
export function qrMatrix(text: string): Matrix {
  const bytes = new TextEncoder().encode(text);
  let version = 1;
  while (version <= 20 && dataCodewords(version) * 8 < 4 + (version < 10 ? 8 : 16) + bytes.length * 8) version++;
  if (version > 20) throw new RangeError("too long for a QR code");
  const canvas = new Canvas(version * 4 + 17);
  drawFixed(canvas, version);
  drawData(canvas, interleaved(data(bytes, version), version));
  const all = MASKS.map((_, mask) => masked(canvas, mask));
  return all.reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

/** The code as one path for an SVG of `size` with a quiet zone of four modules around. */
export function qrPath(matrix: Matrix): { path: string; size: number } {
  const quiet = 4;
  const parts = matrix.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x + quiet} ${y + quiet}h1v1h-1z`] : [])));
  return { path: parts.join(""), size: matrix.length + 2 * quiet };
}
