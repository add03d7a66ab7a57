import { z } from 'zod';

/** Pixels of a raster; a half-open window. */
const window = z.strictObject({ col: z.number(), row: z.number(), width: z.number(), height: z.number() });

const grid = z.strictObject({
  epsg: z.number(),
  /** Pixel corner to CRS, in the order of an affine transform. */
  transform: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]),
  width: z.number(),
  height: z.number(),
});

const kernel = z.enum(['nearest', 'bilinear']);

const polygons = {
  files: z.array(z.string()),
  /** GeoJSON in lon/lat, and in the CRS of the rasters; the same polygons, `id` from 1 on. */
  labels: z.string(),
  projected: z.string(),
  /** Only every so many-th polygon. */
  every: z.number(),
};

const jobSchema = z.discriminatedUnion('kind', [
  /** Samples of windows of files, as stored, in the order of `reads`; `files` indexes the list. */
  z.strictObject({
    kind: z.literal('windows'),
    files: z.array(z.string()),
    reads: z.array(z.tuple([z.number(), window])),
  }),
  /** The same over HTTP: one read a URL. "{round}" in a URL is replaced by the round, so that nothing knows it. */
  z.strictObject({
    kind: z.literal('remote'),
    urls: z.array(z.string()),
    windows: z.array(window),
    opened: z.boolean(),
  }),
  /** uint16 samples of a file on another grid; `source`: this window of it is in memory before the clock starts. */
  z.strictObject({ kind: z.literal('warp'), file: z.string(), source: window.nullable(), grid, kernel }),
  /** Statistics under polygons for every file, by file, then by polygon; the files are in memory, or not. */
  z.strictObject({ kind: z.literal('zonal'), ...polygons, memory: z.boolean() }),
  /** A window of a file, in memory, to a Zarr v3 array in square chunks: blosc, zstd level 1, shuffle. */
  z.strictObject({ kind: z.literal('zarr-write'), file: z.string(), window, chunk: z.number() }),
  /** A Zarr array `data` to memory. */
  z.strictObject({ kind: z.literal('zarr-read'), store: z.string() }),
  /** STAC items (an ItemCollection) to one Zarr store with a uint16 array (time, y, x) for each band. */
  z.strictObject({
    kind: z.literal('build'),
    items: z.string(),
    bands: z.array(z.string()),
    times: z.number(),
    grid,
    kernel,
    chunk: z.number(),
    threads: z.number(),
    codec: z.enum(['zstd-3', 'default']),
  }),
  /**
   * Offsets, then lengths of all tiles of COGs over HTTP, by file, float64; "{round}" as for `remote`. `stored`: they are kept
   * in a store on disk as well, each program in its own.
   */
  z.strictObject({ kind: z.literal('headers'), urls: z.array(z.string()), stored: z.boolean() }),
  /**
   * The references of data/reference-pattern.ts, in memory, to a store; or all of them from a store that is there. The result is
   * what the references of `samples` point at: the number that is there, and the length, float64.
   */
  z.strictObject({
    kind: z.literal('references'),
    part: z.enum(['write', 'open']),
    store: z.enum(['icechunk', 'lake']),
    files: z.number(),
    rows: z.number(),
    cols: z.number(),
    /** URL of the folder of the files, with a slash at its end. */
    base: z.string(),
    samples: z.array(z.number()),
  }),
  /**
   * Polygons. `dedup`: exact, same and part-of pairs, and the sum of their IoU, of a Parquet file; `ingest`: rows, and the sum of their
   * areas, of GeoJSON that goes into a table. float64.
   */
  z.strictObject({ kind: z.literal('sites'), part: z.enum(['dedup', 'ingest']), file: z.string() }),
  /** All uint16 samples of rasters of one size: file by file, or as one array of references to them. */
  z.strictObject({
    kind: z.literal('stack'),
    from: z.enum(['files', 'kerchunk', 'icechunk']),
    files: z.array(z.string()),
    kerchunk: z.string(),
    icechunk: z.string(),
    variable: z.string(),
    /** Width and height of each. */
    side: z.number(),
  }),
]);

/** What one round does. Plain data: routes in other languages read it as JSON. */
export type Job = z.output<typeof jobSchema>;
export type JobKind = Job['kind'];
export type JobOf<K extends JobKind> = Extract<Job, { readonly kind: K }>;
/** Target grid of warps and builds. */
export type JobGrid = z.output<typeof grid>;
export type JobWindow = z.output<typeof window>;

/** Statistics of a zonal job, in the order of its result: float64 for every file and polygon. */
export const ZONAL_STATISTICS = ['count', 'mean', 'stdev', 'min', 'max'] as const;

const requestSchema = z.strictObject({
  job: jobSchema,
  /** Another number every time. */
  round: z.number(),
  /** Folder for what the work writes; empty before the clock starts. */
  scratch: z.string(),
  /** File for the bytes of the result, or null where its checksum is enough. */
  dump: z.string().nullable(),
});

/** One line to a route. */
export type Request = z.output<typeof requestSchema>;

const helloSchema = z.union([z.strictObject({ ready: z.string() }), z.strictObject({ absent: z.string() })]);

/** First line of a route: the versions that answer, or why it cannot run here. */
export type Hello = z.output<typeof helloSchema>;

const measuredSchema = z.strictObject({
  /** Seconds of the work alone. */
  wall: z.number(),
  /** User and system seconds of the whole process over the work. */
  cpu: z.number(),
  /** Largest resident memory of the process while it worked. */
  peakMiB: z.number(),
  /** CRC-32 of the result's bytes, little endian. */
  crc: z.number(),
});
const answerSchema = z.union([measuredSchema, z.strictObject({ error: z.string() })]);

/** One line from a route. */
export type Answer = z.output<typeof answerSchema>;
export type Measured = z.output<typeof measuredSchema>;

/** Parse a line to a route; throws where it is not one. */
export function parseRequest(line: string): Request {
  return requestSchema.parse(JSON.parse(line));
}

/** Parse a route's first line; throws where it is not one. */
export function parseHello(line: string): Hello {
  return helloSchema.parse(JSON.parse(line));
}

/** Parse a route's answer; throws where it is not one. */
export function parseAnswer(line: string): Answer {
  return answerSchema.parse(JSON.parse(line));
}
