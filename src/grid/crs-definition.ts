import { CubeError } from '../errors.js';
import type { CrsModel } from './crs-model.js';
import type { Crs } from './crs.js';
import { lookUpEpsg } from './epsg.js';
import { esriWkt } from './esri-codes.js';
import { formatNode, formatWkt } from './format-wkt.js';
import { projString } from './proj-string.js';
import { wktOfProjjson } from './projjson.js';
import { sameModel } from './same-model.js';
import { parseWkt, type WktNode } from './wkt-node.js';
import { isCrsKeyword, modelOfWkt } from './wkt-crs.js';

/** What other parts need to know of a system. */
export type CrsDefinition = {
  /** PROJ string with the datum shift spelled out (`+towgs84`), for people and for CF attributes. */
  readonly proj4: string;
  readonly geographic: boolean;
  /** Metres in one unit of a projected system; along a meridian of the WGS 84 ellipsoid in one unit of a geographic one. */
  readonly metresPerUnit: number;
  readonly name: string;
};

/**
 * Read a CRS from any form that files and people use: `EPSG:32633`, `epsg:…`, a bare code, `OGC:CRS84`, URNs and URLs of
 * the OGC, WKT 1 or 2, a PROJJSON object or its text. Definitions that carry an EPSG code and say the same become that
 * code; a compound system becomes its horizontal part. A projection that we do not compute is no error here but where
 * coordinates are asked for. Throws `invalid-argument` for what is not a CRS.
 */
export function parseCrs(input: string | number | object): Crs {
  if (typeof input === 'number') return crsOfCode(input, `EPSG:${input}`);
  if (typeof input === 'object') return crsOfTree(wktOfProjjson(input), null);
  const text = input.trim();
  if (text.startsWith('{')) return crsOfTree(wktOfProjjson(parseJson(text)), null);
  const keyword = /^([A-Za-z_]+)\s*[[(]/.exec(text)?.[1];
  if (keyword !== undefined) return crsOfTree(parseWkt(text), text);
  return parseName(text);
}

/** `EPSG:32633`, or the WKT. */
export function formatCrs(crs: Crs): string {
  return crs.kind === 'epsg' ? `EPSG:${crs.code}` : crs.text;
}

/** The facts of a system. Throws `unsupported` for what we do not compute. */
export function crsDefinition(crs: Crs): CrsDefinition {
  const model = crsModel(crs);
  // One radian of latitude on the WGS 84 ellipsoid: a quarter meridian of 10,001,965.729 m over a quarter turn.
  const metres = model.kind === 'geographic' ? (10_001_965.729 / (Math.PI / 2)) * model.unit.factor : model.unit.factor;
  return { proj4: projString(model), geographic: model.kind === 'geographic', metresPerUnit: metres, name: model.name };
}

/** WKT of a system: WKT 2 with its EPSG code, or the text that it came with. */
export function crsWkt(crs: Crs): string {
  return crs.kind === 'epsg' ? formatWkt(crsModel(crs)) : crs.text;
}

/** Whether two systems give every coordinate the same place, whatever their names and axis orders. */
export function sameCrs(a: Crs, b: Crs): boolean {
  if (formatCrs(a) === formatCrs(b)) return true;
  const [first, second] = [modelOrNull(a), modelOrNull(b)];
  return first !== null && second !== null && sameModel(first, second);
}

/** The system taken apart. Throws `unsupported` for what we do not compute. */
export function crsModel(crs: Crs): CrsModel {
  if (crs.kind === 'wkt2') return modelOfText(crs.text);
  const entry = lookUpEpsg(crs.code);
  if (entry.kind === 'known') return entry.model;
  const why = entry.kind === 'refused' ? `it has ${entry.why}` : 'its definition is not in our table';
  throw new CubeError({
    kind: 'unsupported',
    feature: `EPSG:${crs.code}: ${why}`,
    fix: 'reproject the data to a system that is supported, such as the UTM zone',
  });
}

/** Texts of one run repeat: parsing them once is enough. Bounded, so that hostile input cannot fill the memory. */
const models = new Map<string, CrsModel>();
const MAX_MODELS = 256;

function modelOfText(text: string): CrsModel {
  const known = models.get(text);
  if (known !== undefined) return known;
  const model = modelOfWkt(parseWkt(text));
  if (models.size >= MAX_MODELS) models.clear();
  models.set(text, model);
  return model;
}

function modelOrNull(crs: Crs): CrsModel | null {
  try {
    return crsModel(crs);
  } catch (error) {
    if (error instanceof CubeError) return null;
    throw error;
  }
}

function crsOfTree(node: WktNode, text: string | null): Crs {
  if (!isCrsKeyword(node.keyword)) throw invalid(`${node.keyword} is not a horizontal coordinate reference system`);
  const crs: Crs = { kind: 'wkt2', text: text ?? formatNode(node) };
  const model = modelIfComputed(node);
  if (model === null || model.code === null) return crs;
  const entry = lookUpEpsg(model.code);
  // Our own code of the entry: aliases and compound codes answer with another one.
  if (entry.kind !== 'known' || entry.model.code === null || !sameModel(entry.model, model)) return crs;
  return { kind: 'epsg', code: entry.model.code };
}

function modelIfComputed(node: WktNode): CrsModel | null {
  try {
    return modelOfWkt(node);
  } catch (error) {
    if (error instanceof CubeError && error.problem.kind === 'unsupported') return null;
    throw error;
  }
}

/** Names that GDAL knows without a code. */
const WELL_KNOWN: ReadonlyMap<string, number> = new Map([
  ['WGS84', 4326],
  ['WGS 84', 4326],
  ['WGS72', 4322],
  ['NAD27', 4267],
  ['NAD83', 4269],
]);

function parseName(text: string): Crs {
  const wellKnown = WELL_KNOWN.get(text.toUpperCase());
  if (wellKnown !== undefined) return crsOfCode(wellKnown, text);
  if (
    /^(OGC:|CRS:|urn:ogc:def:crs:OGC:[^:]*:|https?:\/\/www\.opengis\.net\/def\/crs\/OGC\/[^/]+\/)?CRS84$/i.test(text)
  ) {
    return { kind: 'epsg', code: 4326 };
  }
  if (/^(OGC:|CRS:|urn:ogc:def:crs:OGC:[^:]*:)CRS83$/i.test(text)) return { kind: 'epsg', code: 4269 };
  const esri = esriWkt(Number(/^(?:ESRI|EPSG)::?(\d{1,6})$/i.exec(text)?.[1] ?? NaN));
  if (esri !== null) return { kind: 'wkt2', text: esri };
  const code =
    /^(?:EPSG:{1,2})?(\d{1,6})$/i.exec(text) ??
    /^urn:(?:ogc|x-ogc):def:crs:EPSG:[^:]*:(\d{1,6})$/i.exec(text) ??
    /^https?:\/\/(?:www\.)?opengis\.net\/(?:def\/crs\/EPSG\/[^/]+\/|gml\/srs\/epsg\.xml#)(\d{1,6})$/i.exec(text);
  if (code !== null) return crsOfCode(Number(code[1]), text);
  throw invalid(`"${text.slice(0, 80)}" is no coordinate reference system`);
}

function crsOfCode(code: number, text: string): Crs {
  if (!Number.isInteger(code) || code <= 0) throw invalid(`"${text}" is no EPSG code`);
  const entry = lookUpEpsg(code);
  if (entry.kind === 'known') return { kind: 'epsg', code: entry.model.code ?? code };
  if (entry.kind === 'refused') return { kind: 'epsg', code };
  throw invalid(`"${text}" names no horizontal system of the EPSG dataset`);
}

function parseJson(text: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json;
  } catch (error) {
    throw new CubeError({ kind: 'invalid-argument', what: 'the PROJJSON is no JSON' }, { cause: error });
  }
  throw invalid('the PROJJSON is no object');
}

function invalid(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what, fix: 'give a code such as EPSG:32633, WKT or PROJJSON' });
}
