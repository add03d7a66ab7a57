import { formatProblem, isCubeError, problemOf } from '../../errors.js';
import type { SourceFactory } from '../../io/byte-source.js';
import type { RasterLevel } from '../../raster/level.js';
import { isUnlocated, locateChunks } from '../../raster/locate-chunks.js';
import type { Raster } from '../../raster/raster.js';
import type { Candidate } from '../candidate.js';
import { sourcePlane } from './source-plane.js';
import type { Refusal } from './virtual-store.js';

/** What locating takes. */
export type LocateCandidatesOptions = {
  /** As in `ReferencesInput`. */
  readonly bands: readonly string[];
  /** A band whose chunks cannot be located is left out and named, instead of ending it all. */
  readonly allowIncomplete: boolean;
  readonly onLocated?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
};

/** Candidates whose chunks have places, and the bands that are left out. */
export type LocatedCandidates = { readonly candidates: readonly Candidate[]; readonly refused: readonly Refusal[] };

type Located = { readonly level: RasterLevel } | { readonly problem: string };

/**
 * Find the places of the chunks that references are made to, where they are objects of plain Zarr or parts of its shards: a request
 * an object, but none for planes that nobody wants or that cannot be referred to anyway. Errors: those of `locateChunks`.
 */
export async function locateCandidates(
  candidates: readonly Candidate[],
  sources: SourceFactory,
  options: LocateCandidatesOptions,
): Promise<LocatedCandidates> {
  const wanted = wantedPlanes(candidates, options.bands);
  if (wanted.size === 0) return { candidates, refused: [] };
  const located = new Map<RasterLevel, Located>();
  for (const [level, planes] of wanted) {
    located.set(level, await locateLevel(level, planes, sources, options));
    options.onLocated?.(located.size, wanted.size);
  }
  const refused: Refusal[] = [];
  const placed = candidates.map((candidate) => withPlaces(candidate, located, options.bands, refused));
  return { candidates: placed, refused };
}

/** Planes by their level; those that `planReferences` would refuse whatever their places are left out. */
function wantedPlanes(
  candidates: readonly Candidate[],
  bands: readonly string[],
): Map<RasterLevel, (readonly number[])[]> {
  const wanted = new Map<RasterLevel, (readonly number[])[]>();
  for (const { bands: found } of candidates) {
    for (const source of found.slice(0, bands.length)) {
      for (const level of source?.raster.levels ?? []) {
        if (!isUnlocated(level) || 'refused' in sourcePlane(unplaced(level), source!.at)) continue;
        const planes = wanted.get(level) ?? [];
        wanted.set(level, planes);
        planes.push(source!.at);
      }
    }
  }
  return wanted;
}

/** The level as if all its chunks were missing. */
function unplaced(level: RasterLevel): RasterLevel {
  return { ...level, refs: { kind: 'list', refs: [] } };
}

async function locateLevel(
  level: RasterLevel,
  planes: readonly (readonly number[])[],
  sources: SourceFactory,
  { allowIncomplete, signal }: LocateCandidatesOptions,
): Promise<Located> {
  try {
    return { level: await locateChunks(level, sources, { planes, ...(signal === undefined ? {} : { signal }) }) };
  } catch (error) {
    if (!allowIncomplete || !isCubeError(error) || isCubeError(error, 'aborted')) throw error;
    return { problem: formatProblem(problemOf(error)) };
  }
}

function withPlaces(
  candidate: Candidate,
  located: ReadonlyMap<RasterLevel, Located>,
  bands: readonly string[],
  refused: Refusal[],
): Candidate {
  const placed = candidate.bands.map((source, index) => {
    if (source === null || index >= bands.length) return source;
    const raster = placedRaster(source.raster, located);
    if (typeof raster !== 'string') return raster === source.raster ? source : { ...source, raster };
    refused.push({ item: candidate.id, band: bands[index]!, property: 'chunks', what: raster });
    return null;
  });
  return { ...candidate, bands: placed };
}

/** The raster with located levels, or what went wrong. */
function placedRaster(raster: Raster, located: ReadonlyMap<RasterLevel, Located>): Raster | string {
  const levels: RasterLevel[] = [];
  for (const level of raster.levels) {
    const found = located.get(level) ?? { level };
    if ('problem' in found) return found.problem;
    levels.push(found.level);
  }
  return levels.every((level, i) => level === raster.levels[i]) ? raster : { ...raster, levels };
}
