import type { Size } from '../../grid/affine.js';
import type { Json } from '../../stac/item.js';
import type { PolygonRings } from '../label.js';
import { Polygoniser } from './polygonise.js';

/** Runs of one annotation; a mask of one object has some hundred. */
const MAX_RUNS = 2 ** 20;

/** Pieces of columns that the masks of a file may still have: a few bytes can ask for as many as an image has columns, again and again. */
export type RunBudget = { left: number };

/** Lengths of runs, of background and object in turn; or what is wrong with them. */
type Counts = readonly number[] | string;

/**
 * The outlines of a mask as COCO stores it: lengths of runs, down the columns, background first; a list of numbers, or pycocotools' text of
 * them. A text in the answer says what is wrong: lengths that are no numbers, or are of more or fewer pixels than the image has, or too many pieces.
 */
export function decodeCocoMask(
  counts: Json | undefined,
  { width, height }: Size,
  budget: RunBudget = { left: MAX_RUNS },
): readonly PolygonRings[] | string {
  const lengths = typeof counts === 'string' ? decodeCounts(counts) : listOf(counts);
  if (typeof lengths === 'string') return lengths;
  const pixels = width * height;
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== pixels) return `the run lengths are of ${total} pixels, the image has ${pixels}`;
  const pieces = countPieces(lengths, height);
  if (pieces > Math.min(MAX_RUNS, budget.left)) return `the mask has ${pieces} pieces of columns, which are too many`;
  budget.left -= pieces;
  // Columns are the rows of the polygoniser, so that x and y change places behind it.
  const polygoniser = new Polygoniser('annotation', pieces);
  let at = 0;
  for (const [i, length] of lengths.entries()) {
    if (i % 2 === 1) addRuns(polygoniser, at, at + length, height);
    at += length;
  }
  return polygoniser.finish().map(({ rings }) => rings.map(swapped));
}

/** Columns that the runs of the object touch, each run for itself. */
function countPieces(lengths: readonly number[], height: number): number {
  let [pieces, at] = [0, 0];
  for (const [i, length] of lengths.entries()) {
    if (i % 2 === 1 && length > 0) pieces += Math.floor((at + length - 1) / height) - Math.floor(at / height) + 1;
    at += length;
  }
  return pieces;
}

/** From pixel `from` to before `to` of the columns in a row. */
function addRuns(polygoniser: Polygoniser, from: number, to: number, height: number): void {
  for (let at = from; at < to;) {
    const column = Math.floor(at / height);
    const end = Math.min(to, (column + 1) * height);
    polygoniser.addRun(column, at - column * height, end - column * height, 1);
    at = end;
  }
}

function listOf(counts: Json | undefined): Counts {
  if (!Array.isArray(counts)) return 'no run lengths';
  const lengths: number[] = [];
  for (const length of counts as readonly Json[]) {
    if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0) return 'a run length is no count';
    lengths.push(length);
  }
  return lengths;
}

/** Characters from '0' carry five bits each, the lowest first, and whether more follow; from the fourth length on they are differences to the last but one. */
function decodeCounts(text: string): Counts {
  const lengths: number[] = [];
  for (let at = 0; at < text.length;) {
    let value = 0;
    let scale = 1;
    for (let more = true; more;) {
      const digit = text.charCodeAt(at++) - 48;
      if (!(digit >= 0 && digit < 64)) return 'the text of the run lengths is broken';
      value += (digit & 31) * scale;
      scale *= 32;
      more = (digit & 32) !== 0;
      if (scale > 2 ** 50) return 'a run length is too long';
      if (!more && (digit & 16) !== 0) value -= scale;
    }
    if (lengths.length > 2) value += lengths[lengths.length - 2]!;
    if (value < 0) return 'a run length is negative';
    lengths.push(value);
  }
  return lengths;
}

function swapped(ring: Float64Array): Float64Array {
  const result = new Float64Array(ring.length);
  for (let i = 0; i < ring.length; i += 2) {
    result[i] = ring[i + 1]!;
    result[i + 1] = ring[i]!;
  }
  return result;
}
