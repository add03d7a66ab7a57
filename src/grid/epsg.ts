import type { AxisOrder, AxisUnit, CrsModel, Datum, DatumShift, Ellipsoid, GeographicModel } from './crs-model.js';
import { EPSG_TABLE } from './epsg-table.js';
import { methodByEpsg } from './projection-methods.js';

/** What the EPSG table says about a code. */
export type EpsgEntry =
  | { readonly kind: 'known'; readonly model: CrsModel }
  /** In the dataset, but not something that we compute; `why` names the reason. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'absent' };

/** Codes that are in use without being EPSG's: Google's first one, ESRI's, and OSGeo's. */
const ALIASES: Readonly<Record<number, number>> = { 900913: 3857, 102100: 3857, 102113: 3857, 3785: 3857 };

const cache = new Map<number, EpsgEntry>();
let sections: Sections | null = null;

/** Look a code up. Compound and three-dimensional systems answer with their horizontal part. */
export function lookUpEpsg(code: number): EpsgEntry {
  const wanted = ALIASES[code] ?? code;
  let entry = cache.get(wanted);
  if (entry === undefined) {
    entry = find(wanted);
    cache.set(wanted, entry);
  }
  return entry;
}

/** The datums with a name, EPSG's or an alias (case and punctuation do not matter); those it belongs to first. */
export function datumsByName(name: string): readonly Datum[] {
  const { datumNames, datumAliases } = load();
  const wanted = normalName(name);
  return [...(datumNames.get(wanted) ?? []), ...(datumAliases.get(wanted) ?? [])];
}

/** The name without case, punctuation, ESRI's `D_` and the word ensemble. */
export function normalName(name: string): string {
  return name
    .replace(/^D_/, '')
    .replace(/[ _]ensemble$/i, '')
    .toLowerCase()
    .replaceAll('+', 'plus') // CH1903+ is not CH1903
    .replace(/[^a-z0-9]/g, '');
}

type Row = readonly string[];
type Sections = {
  readonly units: readonly AxisUnit[];
  readonly datums: ReadonlyMap<string, Datum>;
  readonly datumNames: ReadonlyMap<string, readonly Datum[]>;
  readonly datumAliases: ReadonlyMap<string, readonly Datum[]>;
  readonly geographic: ReadonlyMap<number, Row>;
  readonly conversions: readonly Row[];
  readonly projected: ReadonlyMap<number, Row>;
  readonly horizontal: ReadonlyMap<number, number>;
  readonly refused: ReadonlyMap<number, string>;
};

function load(): Sections {
  sections ??= readTable();
  return sections;
}

function readTable(): Sections {
  const rows = EPSG_TABLE.split('\n\n').map((section) => section.split('\n').map((line) => line.split('|')));
  const [units = [], ellipsoids = [], datums = [], geographic = [], conversions = [], projected = []] = rows;
  const spheroids = ellipsoids.map(([name = '', a, rf]) => ({
    name,
    semiMajor: Number(a),
    inverseFlattening: Number(rf),
  }));
  const parsed = datums.map((row) => parseDatum(row, spheroids));
  return {
    units: units.map(([name = '', factor]) => ({ name, factor: Number(factor) })),
    datums: new Map(parsed.map(({ code, datum }) => [code, datum])),
    datumNames: index(parsed.map(({ datum }) => [normalName(datum.name), datum])),
    datumAliases: index(parsed.flatMap(({ aliases, datum }) => aliases.map((alias) => [alias, datum] as const))),
    geographic: new Map(geographic.map((row) => [Number(row[0]), row])),
    conversions,
    projected: new Map(projected.map((row) => [Number(row[0]), row])),
    horizontal: new Map((rows[6] ?? []).map(([code, part]) => [Number(code), Number(part)])),
    refused: new Map(
      (rows[7] ?? []).flatMap(([why = '', codes = '']) => codes.split(',').map((code) => [Number(code), why])),
    ),
  };
}

function parseDatum(
  row: Row,
  ellipsoids: readonly Ellipsoid[],
): { code: string; datum: Datum; aliases: readonly string[] } {
  const [code = '', name = '', ellipsoid, shift = '?', aliases = ''] = row;
  const datum = { name, ellipsoid: ellipsoids[Number(ellipsoid)]!, shift: parseShift(shift), stated: false };
  return { code, datum, aliases: aliases === '' ? [] : aliases.split(',') };
}

function index(entries: readonly (readonly [string, Datum])[]): ReadonlyMap<string, readonly Datum[]> {
  const map = new Map<string, Datum[]>();
  for (const [name, datum] of entries) map.set(name, [...(map.get(name) ?? []), datum]);
  return map;
}

function parseShift(text: string): DatumShift {
  if (text === '0') return { kind: 'none' };
  if (text === '~') return { kind: 'unstated' };
  if (text === '?') return { kind: 'unknown' };
  if (text.startsWith('@')) return { kind: 'grid', grid: text.slice(1) };
  const [dx = 0, dy = 0, dz = 0, rx = 0, ry = 0, rz = 0, s = 0] = text.split(',').map(Number);
  return { kind: 'helmert', parameters: [dx, dy, dz, rx, ry, rz, s] };
}

function find(code: number): EpsgEntry {
  const table = load();
  const horizontal = table.horizontal.get(code);
  if (horizontal !== undefined) return find(horizontal);
  const geographic = geographicModel(code);
  if (geographic !== null) return { kind: 'known', model: geographic };
  const row = table.projected.get(code);
  if (row !== undefined) return { kind: 'known', model: projectedModel(code, row) };
  const why = table.refused.get(code);
  return why === undefined ? { kind: 'absent' } : { kind: 'refused', why };
}

function geographicModel(code: number): GeographicModel | null {
  const { geographic, datums, units } = load();
  const row = geographic.get(code);
  if (row === undefined) return null;
  const [, name = '', datum = '', meridian = '', unit, axes] = row;
  const [meridianName = '', longitude = '0'] = meridian === '' ? ['Greenwich', '0'] : meridian.split('=');
  return {
    kind: 'geographic',
    name,
    code,
    datum: datums.get(datum)!,
    meridian: { name: meridianName, longitude: Number(longitude) },
    unit: units[Number(unit)]!,
    axes: axesOf(axes),
  };
}

function projectedModel(code: number, row: Row): CrsModel {
  const { conversions, units } = load();
  const [, baseCode, conversion, unit, axes, ownName = '', ownShift = ''] = row;
  const wholeBase = geographicModel(Number(baseCode))!;
  const datum = ownShift === '' ? wholeBase.datum : { ...wholeBase.datum, shift: parseShift(ownShift) };
  const base = { ...wholeBase, datum };
  const [name = '', method, values = ''] = conversions[Number(conversion)]!;
  return {
    kind: 'projected',
    name: ownName === '' ? `${base.name} / ${name}` : ownName,
    code,
    base,
    conversion: { name, method: methodByEpsg(Number(method))!.key, values: values.split(',').map(Number) },
    unit: units[Number(unit)]!,
    axes: axesOf(axes),
  };
}

function axesOf(text: string | undefined): AxisOrder {
  return text === 'ne' || text === 'nn' || text === 'ss' ? text : 'en';
}
