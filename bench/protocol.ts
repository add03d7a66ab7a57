import { z } from 'zod';

/** Pixels of the raster that a decode job reads; a half-open window. */
const window = z.strictObject({ col: z.number(), row: z.number(), width: z.number(), height: z.number() });

const grid = z.strictObject({
  epsg: z.number(),
  /** Pixel corner to CRS, in the order of an affine transform. */
  transform: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]),
  width: z.number(),
  height: z.number(),
});

const kernel = z.enum(['nearest', 'bilinear']);

const jobSchema = z.discriminatedUnion('kind', [
  /** uint16 samples of a window. */
  z.strictObject({ kind: z.literal('decode'), file: z.string(), window }),
  /** uint16 samples of a file on another grid; 0 where there is no data. */
  z.strictObject({ kind: z.literal('warp'), file: z.string(), grid, kernel }),
  /** Statistics under polygons, in lon/lat (`labels`) and in the raster's CRS (`projected`). */
  z.strictObject({ kind: z.literal('zonal'), file: z.string(), labels: z.string(), projected: z.string() }),
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
  }),
]);

/** What one round does. Plain data: routes in other languages read it as JSON. */
export type Job = z.output<typeof jobSchema>;
export type JobOf<K extends Job['kind']> = Extract<Job, { readonly kind: K }>;
/** Target grid of warps and builds. */
export type JobGrid = z.output<typeof grid>;

/** Statistics of a zonal job, in the order of its result. */
export const ZONAL_STATISTICS = ['count', 'mean', 'stdev', 'min', 'max'] as const;

const requestSchema = z.strictObject({
  job: jobSchema,
  /** Folder for what a build writes; emptied before the clock starts. */
  scratch: z.string(),
  /** File for the bytes of the result, or null where its checksum is enough. */
  dump: z.string().nullable(),
});

/** One line to a route. */
export type Request = z.output<typeof requestSchema>;

const helloSchema = z.union([z.strictObject({ ready: z.string() }), z.strictObject({ absent: z.string() })]);

/** First line of a route: the versions that answer, or why it cannot run here. */
export type Hello = z.output<typeof helloSchema>;

const answerSchema = z.union([
  z.strictObject({
    /** Seconds of the work alone. */
    wall: z.number(),
    /** User and system seconds of the whole process over the work. */
    cpu: z.number(),
    /** Largest resident memory of the process while it worked. */
    peakMiB: z.number(),
    /** CRC-32 of the result's bytes, little endian. */
    crc: z.number(),
  }),
  z.strictObject({ error: z.string() }),
]);

/** One line from a route. */
export type Answer = z.output<typeof answerSchema>;
export type Measured = Exclude<Answer, { readonly error: string }>;

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
