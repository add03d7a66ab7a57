import { basename, join, resolve } from 'node:path';
import type { DuckDb } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import { harmonise } from '../../vector/harmonise.js';
import { readSource } from '../../vector/read-source.js';
import { isTopology, parseTopoJson } from '../../vector/read-topojson.js';
import { readWhole } from '../../vector/read-whole.js';
import type { SourceTable } from '../../vector/source-table.js';
import { packageFolder, packageVersion } from '../package-folder.js';
import type { PlacedSite } from './admin-shares.js';
import { DIVISION_LEVELS, unitOf, type AdminUnit } from './admin-unit.js';
import { findRegions, type NaturalEarthSource } from './natural-earth.js';
import { fileRelease, openZones, type OvertureSource } from './open-zones.js';
import type { EnrichmentSource } from './tables.js';

/** Where borders come from. */
export type BorderSource =
  /** Countries 1:10m and states of the USA 1:10m of the packages world-atlas and us-atlas: no network. */
  | { readonly kind: 'atlas' }
  /** Natural Earth, TopoJSON, an extract of Overture's divisions, or any file with a column `iso3`. */
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Object of a topology; `countries`, `states` or `counties` where there are several and none is named. */
      readonly layer?: string;
      /** The hash of the file where it is left out. */
      readonly release?: string;
    }
  /** Countries of the package world-atlas, and Natural Earth's states and provinces of all of them. */
  | NaturalEarthSource
  /** Divisions of Overture around the sites: countries, regions, counties. */
  | OvertureSource;

/** Borders whose state is known and which have not been read yet. */
export type Borders = EnrichmentSource & {
  /** The units, valid and in lon/lat, and what has to be said of them. */
  read(
    db: DuckDb,
    sites: readonly PlacedSite[],
    reachM: number,
  ): Promise<{ readonly units: AdminUnit[]; readonly warnings: string[] }>;
};

/** Files of the packages that bring borders. Natural Earth and the Census Bureau's map are in the public domain. */
const ATLAS = [
  { name: 'world-atlas', file: 'countries-10m.json', layer: 'countries' },
  { name: 'us-atlas', file: 'states-10m.json', layer: 'states' },
] as const;

const KNOWN_LAYERS = ['countries', 'states', 'counties'];

/** Find out which state of its borders a source has. Problems: `not-found`, and `missing-component` where a package or a download is not there. */
export async function openBorders(source: BorderSource, signal?: AbortSignal): Promise<Borders[]> {
  if (source.kind === 'file') return [await openFile(source, signal)];
  if (source.kind === 'overture') return [await openDivisions(source, signal)];
  if (source.kind === 'natural-earth') return Promise.all([openAtlas(ATLAS[0], signal), openRegions(source, signal)]);
  return Promise.all(ATLAS.map((atlas) => openAtlas(atlas, signal)));
}

async function openAtlas(
  { name, file, layer }: (typeof ATLAS)[number],
  signal: AbortSignal | undefined,
): Promise<Borders> {
  const folder = packageFolder(name);
  const from = { source: `${name}/${file}`, release: await packageVersion(folder), license: 'ISC; public domain' };
  const path = join(folder, file);
  const table = async () => parseTopoJson(await readWhole(path, signal), { path, layer });
  return { ...from, read: async (db) => unitsOf(db, await table(), from, signal) };
}

async function openRegions(source: NaturalEarthSource, signal: AbortSignal | undefined): Promise<Borders> {
  const { path, warnings: before, ...from } = await findRegions(source, signal);
  return {
    ...from,
    async read(db) {
      const { units, warnings } = await unitsOf(db, await readSource(db, { path, signal }), from, signal);
      return { units, warnings: [...before, ...warnings] };
    },
  };
}

async function openFile(
  { path, layer, release }: Extract<BorderSource, { kind: 'file' }>,
  signal: AbortSignal | undefined,
): Promise<Borders> {
  const full = resolve(path);
  const bytes = await readWhole(full, signal);
  const from = { source: basename(full), release: release ?? (await fileRelease(full)), license: null };
  const table = async (db: DuckDb) =>
    isTopology(bytes)
      ? parseTopoJson(bytes, { path: full, layer: layer ?? knownLayer(bytes) })
      : readSource(db, { path: full, layer, signal });
  return { ...from, read: async (db) => unitsOf(db, await table(db), from, signal) };
}

async function openDivisions(source: OvertureSource, signal: AbortSignal | undefined): Promise<Borders> {
  const opened = await openZones('division_area', source, signal);
  const subtypes = Object.keys(DIVISION_LEVELS).map((name) => `'${name}'`);
  const where = `subtype IN (${subtypes.join(', ')}) AND class = 'land'`;
  return {
    ...opened,
    read: async (db, sites, reachM) => unitsOf(db, await opened.table(sites, reachM, where), opened, signal),
  };
}

/** Of a topology with several objects the first that we know; the reader tells the others. */
function knownLayer(bytes: Uint8Array): string | undefined {
  const { objects } = JSON.parse(new TextDecoder('utf-8').decode(bytes)) as { objects?: object | null };
  return KNOWN_LAYERS.find((name) => objects != null && Object.hasOwn(objects, name));
}

/** The records of a table that are units, valid. Problem: `no-data` where none is. */
export async function unitsOf(
  db: DuckDb,
  table: SourceTable,
  { source, release }: EnrichmentSource,
  signal?: AbortSignal,
): Promise<{ readonly units: AdminUnit[]; readonly warnings: string[] }> {
  const named = table.records.map((record) => ({ record, unit: unitOf(record) }));
  const wanted = named.filter(({ unit }) => unit !== null);
  if (wanted.length === 0) {
    const fix = 'name a file with the columns of Natural Earth, world-atlas, us-atlas or Overture, or a column iso3';
    throw new CubeError({ kind: 'no-data', what: `no record of ${table.url} is an administrative unit`, fix });
  }
  const found = await harmonise(db, { ...table, records: wanted.map(({ record }) => record) }, source, signal);
  const byRecord = new Map(wanted.map(({ record, unit }) => [record.record, unit!]));
  const polygons = found.rows.filter(({ geometry }) => geometry.kind === 'polygons');
  const units = polygons.map(({ labelId, geometry }) => ({ ...byRecord.get(labelId)!, geometry, source, release }));
  const uncoded = units.filter(({ level, countryIso3 }) => level === 0 && countryIso3 === null);
  const lost = found.quarantine.map(({ record, reason }) => `${byRecord.get(record)!.code} (${reason})`);
  const warnings = [
    ...(lost.length === 0 ? [] : [`${source}: left out ${lost.join(', ')}`]),
    ...(uncoded.length === 0 ? [] : [`${source}: no ISO code for ${uncoded.map(({ code }) => code).join(', ')}`]),
  ];
  return { units, warnings };
}
