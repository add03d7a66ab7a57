import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import { CubeError } from '../../errors.js';
import type { SourceFactory } from '../../io/byte-source.js';
import { createSources } from '../../io/sources.js';
import type { SourceTable } from '../../vector/source-table.js';
import type { PlacedSite } from './admin-shares.js';
import { findRelease, listFiles, type CatalogReader } from './overture-catalog.js';
import { readOverture } from './read-overture.js';
import { siteCells } from './site-cells.js';
import type { EnrichmentSource } from './tables.js';

/** Overture's maps, read from where they are published. */
export type OvertureSource = {
  readonly kind: 'overture';
  /** Its root catalogue; Overture's own by default. */
  readonly catalog?: string;
  /** Such as `2026-11-18.0`; the latest one by default. */
  readonly release?: string;
  /** Origins (`http://10.0.0.7:9000`) that the catalogue may name although their addresses are private. */
  readonly allowedOrigins?: readonly string[];
};

/** Overture's maps, or an extract of them that is kept as a Parquet file. */
export type ZoneSource =
  | OvertureSource
  | {
      readonly kind: 'file';
      readonly path: string;
      /** The hash of the file where it is left out. */
      readonly release?: string;
    };

/** Types of features that are taken of Overture. */
export type ZoneType = 'division_area' | 'building' | 'land_cover' | 'land_use';

/** Theme of each type, its licence, and the width of what is asked for at once: more where there are fewer features. */
const TYPES: Readonly<
  Record<ZoneType, { readonly theme: string; readonly license: string; readonly cellDegrees: number }>
> = {
  division_area: { theme: 'divisions', license: 'ODbL-1.0', cellDegrees: 20 },
  building: { theme: 'buildings', license: 'ODbL-1.0', cellDegrees: 0.25 },
  land_cover: { theme: 'base', license: 'CC-BY-4.0', cellDegrees: 1 },
  land_use: { theme: 'base', license: 'ODbL-1.0', cellDegrees: 1 },
};

/** Zones whose release is known and which have not been read yet. */
export type OpenedZones = EnrichmentSource & {
  /** Records around the sites; `where` is SQL over the columns. */
  table(sites: readonly PlacedSite[], reachM: number, where: string | null): Promise<SourceTable>;
};

/** Find out which release a source has. Problems: those of reading the catalogue or the file. */
export async function openZones(type: ZoneType, source: ZoneSource, signal?: AbortSignal): Promise<OpenedZones> {
  const { theme, license, cellDegrees } = TYPES[type];
  if (source.kind === 'file') {
    const path = resolve(source.path);
    return {
      source: basename(path),
      release: source.release ?? (await fileRelease(path)),
      license: null,
      table: (sites, reachM, where) =>
        readOverture([{ href: path, box: null }], siteCells(sites, cellDegrees, reachM), where, signal),
    };
  }
  const found = await withReader(source, signal, (reader) => findRelease(reader, source));
  return {
    source: `overture/${type}`,
    release: found.release,
    license,
    async table(sites, reachM, where) {
      const files = await withReader(source, signal, (reader) => listFiles(reader, found, theme, type));
      return readOverture(files, siteCells(sites, cellDegrees, reachM), where, signal);
    },
  };
}

/** The name of the state of a file that has none: the begin of its SHA-256. Problems: `not-found`, `io`. */
export async function fileRelease(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const part of createReadStream(path)) hash.update(part as Buffer);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
    if (code === 'ENOENT') throw new CubeError({ kind: 'not-found', url: path }, { cause: error });
    throw new CubeError({ kind: 'io', path, code, what: 'cannot be read' }, { cause: error });
  }
  return `sha256:${hash.digest('hex').slice(0, 16)}`;
}

async function withReader<T>(
  { allowedOrigins = [] }: OvertureSource,
  signal: AbortSignal | undefined,
  use: (reader: CatalogReader) => Promise<T>,
): Promise<T> {
  const sources: SourceFactory = createSources({ allowedOrigins });
  try {
    return await use({ sources, allowedOrigins, signal });
  } finally {
    await sources.close();
  }
}
