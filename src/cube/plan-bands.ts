import { CubeError } from '../errors.js';
import { isFloatType, valueRange, type DataType } from '../grid/dtype.js';
import type { Resampling } from '../native/kernels.js';
import type { Candidate, BandSource } from './candidate.js';
import { isComposite } from './mosaic.js';
import { nodataValue, type Nodata } from './nodata.js';
import { specError } from './spec-error.js';
import type { BuildSpec } from './spec.js';
import type { BandPlan } from './task.js';

/** Arrays of the cube that are no bands. */
const RESERVED = new Set(['reason', 'coverage', 'label', 'count', 'time', 'solar_day', 'x', 'y', 'spatial_ref']);
const INTERPOLATING = new Set<Resampling>(['bilinear', 'cubic', 'cubicspline', 'lanczos', 'average', 'sum', 'rms']);

/** Requested bands, then the mask band where it is not one of them. */
export function bandNames(spec: Pick<BuildSpec, 'bands' | 'mask'>): string[] {
  const extra = spec.mask !== null && !spec.bands.includes(spec.mask.band) ? [spec.mask.band] : [];
  return [...spec.bands, ...extra];
}

/** Nodata of the specification for a band, or null where it says nothing. */
export function specNodata({ nodata }: Pick<BuildSpec, 'nodata'>, band: string): readonly Nodata[] | null {
  const rule = typeof nodata !== 'object' || Array.isArray(nodata) ? nodata : ofBand(nodata, band);
  if (rule === null || rule === undefined) return null;
  return Array.isArray(rule) ? rule : [rule];
}

/** What a mapping says of a band, by its name or by "*". */
function ofBand<T>(rules: { readonly [band: string]: T } | null, band: string): T | undefined {
  if (rules === null) return undefined;
  return Object.hasOwn(rules, band) ? rules[band] : rules['*'];
}

/**
 * Decide type, fill value and kernel of every band, once for the cube: a later asset that disagrees is an error that
 * names it (N3), unless the specification decides.
 */
export function planBands(spec: BuildSpec, candidates: readonly Candidate[]): BandPlan[] {
  const names = bandNames(spec);
  assertNames(spec, names);
  return names.map((name, index) => {
    const sources = candidates.flatMap(({ item, bands }) => {
      const source = bands[index] ?? null;
      return source === null ? [] : [{ source, itemId: item.id }];
    });
    if (sources.length === 0) throw new CubeError({ kind: 'no-data', what: `no item gave band "${name}"` });
    const classes = sources.some(({ source }) => source.classes) || spec.mask?.band === name;
    const scaled = !classes && isScaled(spec, sources);
    const sourceType = agreedType(spec, name, sources, scaled);
    const dtype = outputType(spec, name, { sourceType, scaled, classes });
    assertWideIntegers(spec, name, { sourceType, dtype, scaled, classes });
    return {
      name,
      written: index < spec.bands.length,
      dtype,
      fill: fillValue(spec, name, dtype, scaled, sources),
      resampling: resamplingOf(spec, name, classes),
      classes,
      scaled,
    };
  });
}

type Found = { readonly source: BandSource; readonly itemId: string };

function assertNames(spec: BuildSpec, names: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    if (RESERVED.has(name))
      throw specError('bands', `"${name}" is the name of an array of the cube`, 'rename the asset');
    if (names.indexOf(name) !== index) throw specError('bands', `"${name}" is given twice`);
  }
  const known = new Set([...names, '*']);
  const perBand = [
    ['resampling', spec.resampling],
    ['nodata', spec.nodata],
    ['dtype', spec.dtype],
  ] as const;
  for (const [path, value] of perBand) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    const odd = Object.keys(value).find((key) => !known.has(key));
    if (odd !== undefined) throw specError(`${path}.${odd}`, 'names no band', `bands are ${names.join(', ')}`);
  }
}

function agreedType(spec: BuildSpec, name: string, sources: readonly Found[], scaled: boolean): DataType {
  const types = sources.map(({ source }) => source.raster.levels[0]!.dtype);
  const first = types[0]!;
  const odd = types.findIndex((type) => type !== first);
  if (odd >= 0 && specType(spec, name) === null && !scaled) {
    const what = `band "${name}": item ${sources[0]!.itemId} is ${first}, item ${sources[odd]!.itemId} is ${types[odd]}`;
    throw new CubeError({ kind: 'conflict', what, fix: `set dtype: { ${name}: … } in the specification` });
  }
  return first;
}

function isScaled(spec: BuildSpec, sources: readonly Found[]): boolean {
  if (spec.scale !== 'auto') return spec.scale;
  return sources.some(({ source }) => source.scale !== 1 || source.offset !== 0);
}

function specType(spec: BuildSpec, name: string): DataType | null {
  const type = typeof spec.dtype === 'string' ? spec.dtype : ofBand(spec.dtype, name);
  return (type ?? null) as DataType | null;
}

function outputType(
  spec: BuildSpec,
  name: string,
  { sourceType, scaled, classes }: { sourceType: DataType; scaled: boolean; classes: boolean },
): DataType {
  const wanted = specType(spec, name);
  if (scaled && wanted !== null && !isFloatType(wanted)) {
    // N5: physical reflectances are below 1, so an integer type would hold zeros.
    throw specError(
      'dtype',
      `"${name}" is scaled to physical values, which ${wanted} cannot hold`,
      'use float32, or scale: false',
    );
  }
  if (!scaled && isFloatType(sourceType) && wanted !== null && !isFloatType(wanted)) {
    throw specError(
      'dtype',
      `"${name}" is ${sourceType}, which ${wanted} would cut to whole numbers`,
      'leave dtype out, or use a float type',
    );
  }
  if (spec.mosaic === 'count' && !classes) return 'uint16';
  if (wanted !== null) return wanted;
  if (scaled) return sourceType === 'float64' ? 'float64' : 'float32';
  if (sourceType === 'bool') return 'uint8';
  return sourceType === 'float16' ? 'float32' : sourceType;
}

/** N2: the specification's, else NaN for floats, else the source's; null where an integer band has none. */
function fillValue(
  spec: BuildSpec,
  name: string,
  dtype: DataType,
  scaled: boolean,
  sources: readonly Found[],
): number | null {
  if (spec.mosaic === 'count' && dtype === 'uint16') return 0;
  const given = specNodata(spec, name);
  if (isFloatType(dtype)) return scaled || given === null ? Number.NaN : nodataValue(given[0]!);
  if (given !== null) return assertFits(name, nodataValue(given[0]!), dtype);
  const valueOf = ({ source: { nodata } }: Found) => (nodata.length === 0 ? null : nodataValue(nodata[0]!));
  const first = valueOf(sources[0]!);
  const odd = sources.find((source) => !Object.is(valueOf(source), first));
  if (odd !== undefined) {
    const what = `band "${name}": nodata of item ${sources[0]!.itemId} is ${first}, of item ${odd.itemId} ${valueOf(odd) ?? 'none'}`;
    throw new CubeError({ kind: 'conflict', what, fix: `set nodata: { ${name}: VALUE } in the specification` });
  }
  return first === null ? null : assertFits(name, first, dtype);
}

/** A fill value that the type cannot hold would turn into another number. */
function assertFits(name: string, fill: number, dtype: DataType): number {
  const { min, max } = valueRange(dtype);
  // As a double the largest 64-bit integer is one too many, and would wrap around.
  const below = isWide(dtype) ? fill < max : fill <= max;
  if (Number.isInteger(fill) && fill >= min && below) return fill;
  throw specError(
    'nodata',
    `${fill} of "${name}" does not fit into ${dtype}`,
    `set nodata: { ${name}: VALUE } or another dtype`,
  );
}

/** 64-bit integers are copied or picked by nearest, never computed with: doubles cannot hold them. */
function assertWideIntegers(
  spec: BuildSpec,
  name: string,
  { sourceType, dtype, scaled, classes }: { sourceType: DataType; dtype: DataType; scaled: boolean; classes: boolean },
): void {
  if (!isWide(sourceType) && !isWide(dtype)) return;
  if (!scaled && sourceType === dtype && !isComposite(spec.mosaic)) return;
  if (spec.mosaic === 'count' && !classes) return;
  const feature = `band "${name}": ${sourceType} to ${dtype} with mosaic ${spec.mosaic}${scaled ? ', scaled' : ''}`;
  throw new CubeError({
    kind: 'unsupported',
    feature,
    fix: 'build 64-bit integers in their own type with mosaic first or last',
  });
}

function isWide(dtype: DataType): boolean {
  return dtype === 'int64' || dtype === 'uint64';
}

/** R6: classes and bits are never interpolated; "*" leaves them at nearest, naming one with such a kernel is an error. */
function resamplingOf(spec: BuildSpec, name: string, classes: boolean): Resampling {
  const named = Object.hasOwn(spec.resampling, name) ? spec.resampling[name] : undefined;
  if (named !== undefined) {
    if (classes && INTERPOLATING.has(named)) {
      throw specError(
        `resampling.${name}`,
        `"${name}" holds classes or bits, which ${named} would mix`,
        'use nearest, mode, min, max, med, q1 or q3',
      );
    }
    return named;
  }
  return classes ? 'nearest' : (spec.resampling['*'] ?? 'nearest');
}
