import { existsSync } from 'node:fs';
import { CubeError } from '../../errors.js';
import type { ReadResult, SourceFactory } from '../../io/byte-source.js';
import { isLocal, pathOfUrl } from '../../io/location.js';
import { identityOf } from '../../io/with-identity.js';
import { gdalStatus } from '../../native/load.js';
import type { Raster } from '../raster.js';
import { askGdal } from './ask-gdal.js';
import { describeDataset, type GdalFile } from './describe.js';
import { partDriver, type GdalFormat } from './formats.js';
import type { DatasetFacts } from './protocol.js';
import { assertVrt } from './vrt.js';

/** What opening takes. */
export type OpenGdalOptions = {
  readonly format: GdalFormat;
  /** The file's first bytes. */
  readonly head: ReadResult;
  /** Which part of a file that has several: what stands behind the file's name in GDAL's name of it. One raster ignores it. */
  readonly variable?: string;
  readonly signal?: AbortSignal;
};

/** Files beside an image that GDAL would read too: they may name further files. */
const SIDE_FILES = ['.aux.xml', '.ovr', '.msk'];
/** Names of parts in a message. */
const SHOWN = 50;

/**
 * Open a local file of a format that we have no reader of; its samples are read by windows. Problems: `unsupported`
 * (GDAL or its driver is absent, a remote file, by name), `invalid-argument` (which part?), `not-found` (no such part),
 * `forbidden` and `unsupported` for a VRT that names more than local images, `invalid-data`.
 */
export async function openGdal(sources: SourceFactory, url: string, options: OpenGdalOptions): Promise<Raster> {
  const opened = await openFile(sources, url, options);
  const part = chosenPart(opened, options.variable);
  return part === null ? describe(opened.file, opened.whole) : openPart(opened.file, part);
}

/** Open every raster of such a file. Problems: as for one. */
export async function openGdalRasters(
  sources: SourceFactory,
  url: string,
  options: Omit<OpenGdalOptions, 'variable'>,
): Promise<readonly Raster[]> {
  const { file, whole } = await openFile(sources, url, options);
  if (whole.bands.length > 0 || whole.parts.length === 0) return [describe(file, whole)];
  const rasters: Raster[] = [];
  for (const part of whole.parts) rasters.push(await openPart(file, part));
  return rasters;
}

type OpenedFile = { readonly file: GdalFile; readonly whole: DatasetFacts };

async function openFile(sources: SourceFactory, url: string, options: OpenGdalOptions): Promise<OpenedFile> {
  const { format, head, signal } = options;
  const status = gdalStatus();
  if (!isLocal(url)) {
    const more = status.kind === 'absent' ? ', and run `npm run setup:gdal`' : '';
    const fix = `GDAL reads them from local files: download it${more}`;
    throw new CubeError({ kind: 'unsupported', url, feature: `${format.name} files`, fix });
  }
  if (status.kind === 'absent') {
    throw new CubeError({
      kind: 'unsupported',
      url,
      feature: `${format.name} files`,
      fix: `GDAL reads them: ${status.fix}`,
    });
  }
  if (format.driver === 'VRT') await assertVrt(sources, url, signal);
  const place = sources.open(url).url;
  const file = { url: place, name: pathOfUrl(place), driver: format.driver, identity: identityOf(head) };
  return { file, whole: await factsOf(file) };
}

async function openPart(file: GdalFile, name: string): Promise<Raster> {
  const part = { ...file, name, driver: partDriver(file.driver) };
  return describe(part, await factsOf(part));
}

function describe(file: GdalFile, facts: DatasetFacts): Raster {
  if (facts.bands.length === 0) {
    throw new CubeError({ kind: 'no-data', what: `${file.url} has no raster that GDAL reads` });
  }
  const raster = describeDataset(facts, file);
  const path = pathOfUrl(file.url);
  const beside = SIDE_FILES.filter((ending) => existsSync(path + ending));
  return { ...raster, problems: [...raster.problems, ...beside.map((ending) => `${path}${ending} is not read`)] };
}

function factsOf({ url, name, driver }: GdalFile): Promise<DatasetFacts> {
  return askGdal('describe', { url, name, driver }, url);
}

/** GDAL's name of the part that is wanted; null where the file is one raster. Only names that GDAL gave are opened. */
function chosenPart({ file, whole }: OpenedFile, variable: string | undefined): string | null {
  const { url, name: path } = file;
  const { bands, parts } = whole;
  const named = parts.map((name) => ({ name, label: labelOf(name, path) }));
  const labels = named
    .slice(0, SHOWN)
    .map(({ label }) => label)
    .join(', ');
  const found = named.find(({ label }) => label === variable);
  if (found !== undefined) return found.name;
  if (named.length === 0 || bands.length > 0) return null;
  if (variable !== undefined) {
    throw new CubeError({ kind: 'not-found', url, what: `no variable "${variable}"; it has ${labels}` });
  }
  if (named.length === 1) return named[0]!.name;
  const fix = 'name one by --variable NAME';
  throw new CubeError({ kind: 'invalid-argument', what: `${url} has ${named.length} rasters: ${labels}`, fix });
}

function labelOf(name: string, path: string): string {
  const at = name.indexOf(path);
  return at < 0 ? name : name.slice(at + path.length).replace(/^"?:/, '');
}
