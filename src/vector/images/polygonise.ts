import { CubeError } from '../../errors.js';
import type { PolygonRings, Ring } from '../label.js';

/** Pixels of one value that hang together along their edges (4-connectivity), as a valid polygon in pixel corners: x is the column, y the row. */
export type Region = { readonly value: number; readonly pixels: number; readonly rings: PolygonRings };

/** Runs of pixels that are held: 28 bytes each. A mask with more is noise, or no mask. */
const MAX_RUNS = 2 ** 23;
/** Regions that become rows: a kilobyte or so each. */
const MAX_REGIONS = 2 ** 19;
/** Rows that are numbered: 4 bytes each. */
const MAX_ROWS = 2 ** 26;

/**
 * Makes polygons of an image that is given row by row. What is held are runs (pixels of one value side by side), so that memory grows with
 * what the image shows and not with its size. What is not given as a run is background. The regions are those of GDAL's polygonize with
 * 4-connectivity; corners that a region touches itself at belong to a hole, so that every polygon is valid (OGC 06-103r4 §6.1.11).
 */
export class Polygoniser {
  readonly #url: string;
  readonly #maxRuns: number;
  #runs: Runs = emptyRuns(256);
  #rows = new Int32Array(256);
  #count = 0;
  #row = -1;

  /** `url` is what an error names. */
  constructor(url: string, maxRuns: number = MAX_RUNS) {
    this.#url = url;
    this.#maxRuns = Math.min(maxRuns, MAX_RUNS);
  }

  /** Columns `start` to before `end` of a row. Runs come in order of rows and columns and do not overlap. Problem: `unsupported` for too many. */
  addRun(row: number, start: number, end: number, value: number): void {
    const last = this.#count - 1;
    const { starts, ends, values } = this.#runs;
    if (row === this.#row && ends[last] === start && values[last] === value) {
      ends[last] = end;
      return;
    }
    if (row !== this.#row) this.#openRow(row);
    if (this.#count === this.#maxRuns) throw tooMuch(this.#url, `${this.#maxRuns} runs of pixels`);
    if (this.#count === starts.length) this.#runs = grown(this.#runs);
    this.#runs.starts[this.#count] = start;
    this.#runs.ends[this.#count] = end;
    this.#runs.values[this.#count++] = value;
  }

  /** The regions, in the order of their first pixels; the rings are closed, the outer one first. */
  finish(): Region[] {
    this.#openRow(this.#row + 1); // so that every row ends where the next one begins
    this.#openRow(this.#row + 1);
    const runs = { ...this.#runs, rows: this.#rows, rowCount: this.#row, count: this.#count };
    const roots = uniteRuns(runs);
    if (countRegions(roots) > MAX_REGIONS) throw tooMuch(this.#url, `${MAX_REGIONS} regions`);
    return traceRegions(runs, roots, linkSides(runs, roots));
  }

  #openRow(row: number): void {
    if (row >= MAX_ROWS) throw tooMuch(this.#url, `${MAX_ROWS} rows`);
    if (row >= this.#rows.length) {
      const rows = new Int32Array(Math.max(2 * this.#rows.length, row + 1));
      rows.set(this.#rows);
      this.#rows = rows;
    }
    this.#rows.fill(this.#count, this.#row + 1, row + 1);
    this.#row = row;
  }
}

type Runs = { readonly starts: Int32Array; readonly ends: Int32Array; readonly values: Float64Array };
/** `rows[y]` is the first run of row y, `rows[y + 1]` where it ends. */
type Rows = Runs & { readonly rows: Int32Array; readonly rowCount: number; readonly count: number };

function emptyRuns(length: number): Runs {
  return { starts: new Int32Array(length), ends: new Int32Array(length), values: new Float64Array(length) };
}

function grown(runs: Runs): Runs {
  const larger = emptyRuns(runs.starts.length * 2);
  larger.starts.set(runs.starts);
  larger.ends.set(runs.ends);
  larger.values.set(runs.values);
  return larger;
}

function tooMuch(url: string, what: string): CubeError {
  const fix = 'cut it into smaller images, or name its background in the manifest';
  return new CubeError({ kind: 'unsupported', feature: `a mask of more than ${what}`, url, fix });
}

/** For every run the first run of its region. */
function uniteRuns({ starts, ends, values, rows, rowCount, count }: Rows): Int32Array {
  const roots = Int32Array.from({ length: count }, (_, i) => i);
  const find = (i: number): number => {
    while (roots[i] !== i) i = roots[i] = roots[roots[i]!]!;
    return i;
  };
  for (let y = 1; y < rowCount; y++) {
    let above = rows[y - 1]!;
    const [first, end] = [rows[y]!, rows[y + 1]!];
    for (let i = first; i < end; i++) {
      while (above < first && ends[above]! <= starts[i]!) above++;
      for (let k = above; k < first && starts[k]! < ends[i]!; k++) {
        if (values[k] !== values[i]) continue;
        const [a, b] = [find(k), find(i)];
        roots[Math.max(a, b)] = Math.min(a, b);
      }
    }
  }
  for (let i = 0; i < count; i++) roots[i] = find(i);
  return roots;
}

function countRegions(roots: Int32Array): number {
  let count = 0;
  for (let i = 0; i < roots.length; i++) if (roots[i] === i) count++;
  return count;
}

/**
 * The sides of runs in the order of the rings around their regions: side 2i is the left one of run i, upwards, and 2i + 1 its right one,
 * downwards, with the region to the right hand; the horizontal edges lie between. At a corner where a region touches itself the ring turns
 * left, around the pixel that is not of the region.
 */
function linkSides({ starts, ends, rows, rowCount, count }: Rows, roots: Int32Array): Int32Array {
  const next = new Int32Array(2 * count);
  const firstEndingAfter = (from: number, to: number, x: number): number => {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ends[middle]! > x) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const afterRight = (run: number, y: number): number => {
    const [belowStart, belowEnd, root] = [rows[y + 1]!, rows[y + 2]!, roots[run]];
    const [start, end] = [starts[run]!, ends[run]!];
    const under = firstEndingAfter(belowStart, belowEnd, end);
    if (under < belowEnd && starts[under]! <= end && roots[under] === root) {
      for (let k = run + 1; k < belowStart && starts[k]! <= ends[under]!; k++) if (roots[k] === root) return 2 * k;
      return 2 * under + 1;
    }
    for (let k = under - 1; k >= belowStart && ends[k]! >= start; k--) if (roots[k] === root) return 2 * k + 1;
    return 2 * run;
  };
  const afterLeft = (run: number, y: number): number => {
    const [ownStart, root] = [rows[y]!, roots[run]];
    const aboveStart = y === 0 ? ownStart : rows[y - 1]!;
    const [start, end] = [starts[run]!, ends[run]!];
    const over = firstEndingAfter(aboveStart, ownStart, start - 1);
    if (over < ownStart && starts[over]! < start && roots[over] === root) {
      for (let k = run - 1; k >= ownStart && ends[k]! >= starts[over]!; k--) if (roots[k] === root) return 2 * k + 1;
      return 2 * over;
    }
    for (let k = over; k < ownStart && starts[k]! <= end; k++) {
      if (starts[k]! >= start && roots[k] === root) return 2 * k;
    }
    return 2 * run + 1;
  };
  for (let y = 0; y < rowCount; y++) {
    for (let run = rows[y]!; run < rows[y + 1]!; run++) {
      next[2 * run] = afterLeft(run, y);
      next[2 * run + 1] = afterRight(run, y);
    }
  }
  return next;
}

/** Follow every ring once. The first side of a region's first run is on its outer ring, which therefore comes first. `next` is used up. */
function traceRegions(runs: Rows, roots: Int32Array, next: Int32Array): Region[] {
  const found = new Map<number, { value: number; pixels: number; rings: Ring[] }>();
  const rowOf = rowNumbers(runs);
  for (let run = 0; run < runs.count; run++) {
    const root = roots[run]!;
    let region = found.get(root);
    if (region === undefined) {
      region = { value: runs.values[run]!, pixels: 0, rings: [] };
      found.set(root, region);
    }
    region.pixels += runs.ends[run]! - runs.starts[run]!;
    for (const side of [2 * run, 2 * run + 1]) {
      if (next[side]! >= 0) region.rings.push(traceRing(side, next, runs, rowOf));
    }
  }
  return [...found.values()];
}

function traceRing(first: number, next: Int32Array, { starts, ends }: Runs, rowOf: Int32Array): Ring {
  const xOf = (side: number) => ((side & 1) === 0 ? starts[side >> 1]! : ends[side >> 1]!);
  const ring: number[] = [];
  let side = first;
  do {
    const following = next[side]!;
    next[side] = -1;
    const [x, nextX] = [xOf(side), xOf(following)];
    if (x !== nextX || ((side ^ following) & 1) !== 0) {
      // A right side ends below its row, and the next side begins on that line.
      const y = rowOf[side >> 1]! + (side & 1);
      ring.push(x, y, nextX, y);
    }
    side = following;
  } while (side !== first);
  ring.push(ring[0]!, ring[1]!);
  return Float64Array.from(ring);
}

function rowNumbers({ rows, rowCount, count }: Rows): Int32Array {
  const rowOf = new Int32Array(count);
  for (let y = 0; y < rowCount; y++) rowOf.fill(y, rows[y], rows[y + 1]);
  return rowOf;
}
