import type { Window } from '../../grid/affine.js';
import type { Problem } from '../../errors.js';

/** Columns and rows. */
export type Xy = { readonly x: number; readonly y: number };

/** What GDAL says of an overview. */
export type OverviewFacts = { readonly size: Xy; readonly block: Xy };

/** What GDAL says of a band. */
export type BandFacts = OverviewFacts & {
  /** GDAL's name of the type. */
  readonly type: string;
  readonly nodata: number | null;
  readonly scale: number | null;
  readonly offset: number | null;
  readonly unit: string | null;
  readonly description: string;
  readonly overviews: readonly OverviewFacts[];
};

/** What GDAL says of a dataset, plain. */
export type DatasetFacts = {
  readonly bands: readonly BandFacts[];
  readonly transform: readonly number[] | null;
  /** EPSG code or WKT. */
  readonly crs: number | string | null;
  /** GDAL's names of the parts of a file that has several. */
  readonly parts: readonly string[];
};

/** A dataset by the name that one driver understands. `url` is for messages. */
export type DatasetName = { readonly url: string; readonly name: string; readonly driver: string };

/** A window of a band (from 1 on) or of one of its overviews. `version` tells one version of the file from the next. */
export type WindowRequest = DatasetName & {
  readonly version: string;
  readonly band: number;
  readonly overview: number | null;
  readonly window: Window;
};

/** What the process that runs GDAL is asked, by kind. */
export type GdalCalls = {
  readonly version: { readonly input: null; readonly output: string };
  readonly describe: { readonly input: DatasetName; readonly output: DatasetFacts };
  /** Samples row by row, in the machine's byte order. */
  readonly read: { readonly input: WindowRequest; readonly output: Uint8Array };
};

/** One question. */
export type GdalRequest = {
  [K in keyof GdalCalls]: { readonly id: number; readonly kind: K; readonly input: GdalCalls[K]['input'] };
}[keyof GdalCalls];

/** Its answer. */
export type GdalReply =
  | { readonly id: number; readonly output: GdalCalls[keyof GdalCalls]['output'] }
  | { readonly id: number; readonly problem: Problem };
