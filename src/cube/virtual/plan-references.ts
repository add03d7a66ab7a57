import type { Json } from '../../stac/item.js';
import { chunksBeyond } from '../../raster/level.js';
import { joinPath } from '../../raster/zarr/node-url.js';
import type { BandSource, Candidate } from '../candidate.js';
import { nodataValue } from '../nodata.js';
import { scaleCoordinates, timeCoordinate, type BandScale } from '../writer/coordinates.js';
import { geographyOf } from './geography.js';
import { groupBy } from './group-by.js';
import { groupNames } from './group-names.js';
import { multiscaleAttributes } from './multiscale-attributes.js';
import { gridKey, planeProperties, sourcePlane, type SourcePlane } from './source-plane.js';
import { stackPlanes } from './stack-planes.js';
import type { Refusal, VirtualArray, VirtualGroup, VirtualStore } from './virtual-store.js';

/** What a dataset of references is made of. */
export type ReferencesInput = {
  readonly candidates: readonly Candidate[];
  /** Names of the candidates' bands, in their order; bands behind them (a mask's) are left out. */
  readonly bands: readonly string[];
};

/** One band of one candidate that can be referred to. */
type Entry = {
  readonly candidate: Candidate;
  /** Of the array: the band's, or the asset's where its file interleaves several. */
  readonly name: string;
  readonly source: BandSource;
  readonly plane: SourcePlane;
};

/**
 * Plan a dataset of references: items × bands become arrays over (time, y, x), one group a grid. Every item is a time step of
 * its own. Within an array size, type, codecs, chunk shape and nodata agree; the properties that most items have win, and what
 * differs is refused by name. Scale and offset may differ: they stand beside each time step. Pure.
 */
export function planReferences({ candidates, bands }: ReferencesInput): VirtualStore {
  const refused: Refusal[] = [];
  const notes: string[] = [];
  const entries = candidates.flatMap((candidate) => entriesOf(candidate, bands, refused, notes));
  const grids = groupBy(unique(entries), ({ plane }) => gridKey(plane));
  const names = groupNames(grids.map((members) => members[0]!.plane));
  const groups = grids.flatMap((members, i) => {
    const agreed = agreeing(members, refused);
    return groupsOf(names[i]!, agreed, notes);
  });
  return { groups: withRoot(groups), refused, notes };
}

function entriesOf(candidate: Candidate, bands: readonly string[], refused: Refusal[], notes: string[]): Entry[] {
  return bands.flatMap((band, index) => {
    const refuse = (property: string, what: string): Entry[] => {
      refused.push({ item: candidate.id, band, property, what });
      return [];
    };
    const source = candidate.bands[index];
    if (source === null || source === undefined) {
      return candidate.broken === null ? [] : refuse('file', 'it cannot be opened');
    }
    const { raster, at } = source;
    const cutOff = raster.levels.reduce((count, level) => count + chunksBeyond(level), 0);
    if (cutOff > 0) return refuse('file', `it is cut off: ${cutOff} of its tiles reach past its end`);
    if (raster.masks.some((mask) => mask !== null)) {
      notes.push(`${candidate.id}, ${band}: the validity mask beside the pixels is no part of the references`);
    }
    const found = sourcePlane(raster.levels[0]!, at);
    if ('refused' in found) return refuse(found.refused.property, found.refused.what);
    const interleaved = found.plane.bands > 1;
    const asset = candidate.item.assets.find(({ href }) => href === source.href);
    return [{ candidate, name: interleaved ? (asset?.key ?? band) : band, source, plane: found.plane }];
  });
}

/** Several bands of one interleaved file are one array. */
function unique(entries: readonly Entry[]): Entry[] {
  const seen = new Map<Candidate, Set<string>>();
  return entries.filter(({ candidate, name }) => {
    const names = seen.get(candidate) ?? new Set<string>();
    seen.set(candidate, names);
    return names.size !== names.add(name).size;
  });
}

/** The entries that agree with most of their array; the others are refused. Of two equally frequent ones the first wins. */
function agreeing(entries: readonly Entry[], refused: Refusal[]): Entry[] {
  return groupBy(entries, ({ name }) => name).flatMap((members) => {
    const described = members.map((entry) => ({ entry, properties: planeProperties(entry.plane) }));
    const kinds = groupBy(described, ({ properties }) => JSON.stringify(properties));
    const most = kinds.reduce((best, kind) => (kind.length > best.length ? kind : best));
    const expected = most[0]!.properties;
    return described.flatMap(({ entry, properties }) => {
      const property = Object.keys(expected).find((key) => expected[key] !== properties[key]);
      if (property === undefined) return [entry];
      const what = `${properties[property]!}, the others have ${expected[property]!}`;
      refused.push({ item: entry.candidate.id, band: entry.name, property, what });
      return [];
    });
  });
}

/** The group of a grid, and one more for each overview that all of its items have. */
function groupsOf(path: string, entries: readonly Entry[], notes: string[]): VirtualGroup[] {
  if (entries.length === 0) return [];
  const steps = timeOrder(entries);
  const depth = Math.min(...entries.map(({ source }) => source.raster.levels.length));
  const overviews: VirtualGroup[] = [];
  const planes: SourcePlane[] = [entries[0]!.plane];
  for (let level = 1; level < depth; level++) {
    const coarse = coarser(entries, level);
    if (typeof coarse === 'string') {
      notes.push(`overview ${level} is left out: ${coarse}`);
      break;
    }
    planes.push(coarse[0]!.plane);
    const name = joinPath(path, String(level));
    overviews.push(group(name, coarse, steps, { extra: {}, notes: [] }));
  }
  const extra = overviews.length === 0 ? {} : multiscaleAttributes(planes);
  return [group(path, entries, steps, { extra, notes }), ...overviews];
}

/** The same entries at an overview, or why there is no such group. */
function coarser(entries: readonly Entry[], number: number): Entry[] | string {
  const found: Entry[] = [];
  for (const entry of entries) {
    const result = sourcePlane(entry.source.raster.levels[number]!, entry.source.at);
    if ('refused' in result) return `${entry.candidate.id}, ${entry.name}: ${result.refused.what}`;
    found.push({ ...entry, plane: result.plane });
  }
  if (new Set(found.map(({ plane }) => gridKey(plane))).size > 1) return 'its bands or items have other sizes';
  for (const members of groupBy(found, ({ name }) => name)) {
    if (new Set(members.map(({ plane }) => JSON.stringify(planeProperties(plane)))).size > 1) {
      return `the items of ${members[0]!.name} are stored in different ways`;
    }
  }
  return found;
}

/** Candidates in order of time, then of id: each is a time step. */
function timeOrder(entries: readonly Entry[]): Candidate[] {
  const candidates = [...new Set(entries.map(({ candidate }) => candidate))];
  return candidates.sort((a, b) => a.timeMs - b.timeMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

type GroupOptions = {
  readonly extra: Readonly<Record<string, Json>>;
  readonly notes: string[];
};

function group(
  path: string,
  entries: readonly Entry[],
  steps: readonly Candidate[],
  { extra, notes }: GroupOptions,
): VirtualGroup {
  const { plane } = entries[0]!;
  const timesMs = steps.map(({ timeMs }) => timeMs);
  const geography = geographyOf(plane, timesMs);
  const hasDay = geography.coordinates.some((coordinate) => coordinate.name === 'solar_day');
  const scales: ReturnType<typeof scaleCoordinates> = [];
  const arrays = groupBy(entries, ({ name }) => name).map((members): VirtualArray => {
    const { name } = members[0]!;
    const bySteps = steps.map((step) => members.find(({ candidate }) => candidate === step) ?? null);
    const scale = bandScale(name, bySteps, notes);
    const own = scaleCoordinates(name, scale);
    scales.push(...own);
    return stackPlanes({
      name,
      planes: bySteps.map((entry) => entry?.plane ?? null),
      nodata: nodataOf(members[0]!.source),
      coordinates: [...(hasDay ? ['solar_day'] : []), ...own.map((coordinate) => coordinate.name)],
      attributes: { ...bandAttributes(members[0]!), ...geography.array },
    });
  });
  return {
    path,
    attributes: { Conventions: 'CF-1.11', ...geography.group, ...extra, items: steps.map(({ id }) => [id]) },
    coordinates: [timeCoordinate(timesMs), ...geography.coordinates, ...scales],
    arrays,
  };
}

function nodataOf({ nodata }: BandSource): number | null {
  return nodata.length === 0 ? null : nodataValue(nodata[0]!);
}

function bandAttributes({ source, plane }: Entry): Readonly<Record<string, Json>> {
  const { bands } = source.raster;
  if (plane.bands > 1) return { band_names: bands.map(({ name }, i) => name ?? `band ${i + 1}`) };
  const band = bands[plane.level.axes!.band === null ? 0 : (source.at[plane.level.axes!.band] ?? 0)];
  return band?.unit == null ? {} : { units: band.unit };
}

/** Scale and offset over time where any says more than 1 and 0; a change between time steps is worth a note. */
function bandScale(name: string, members: readonly (Entry | null)[], notes: string[]): BandScale | undefined {
  const scale = members.map((entry) => entry?.source.scale ?? Number.NaN);
  const offset = members.map((entry) => entry?.source.offset ?? Number.NaN);
  const trivial = (values: readonly number[], value: number) => values.every((v) => v === value || Number.isNaN(v));
  if (trivial(scale, 1) && trivial(offset, 0)) return undefined;
  for (const [kind, values] of [['scale', scale] as const, ['offset', offset] as const]) {
    const different = new Set(values.filter((value) => !Number.isNaN(value)));
    if (different.size > 1) {
      notes.push(
        `${kind} of ${name} differs between time steps (${[...different].join(', ')}): kept in ${name}_${kind}`,
      );
    }
  }
  return { scale, offset };
}

/** Several grids need a root above them. */
function withRoot(groups: readonly VirtualGroup[]): readonly VirtualGroup[] {
  if (groups.length === 0 || groups[0]!.path === '') return groups;
  return [{ path: '', attributes: {}, coordinates: [], arrays: [] }, ...groups];
}
