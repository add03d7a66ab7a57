import { CubeError, formatProblem } from '../errors.js';
import { openCandidates } from '../cube/open-candidates.js';
import { specNodata } from '../cube/plan-bands.js';
import { locateCandidates } from '../cube/virtual/locate-candidates.js';
import { ignoredKeys } from '../cube/virtual/ignored-keys.js';
import { planReferences } from '../cube/virtual/plan-references.js';
import { countReferences, type Refusal, type VirtualStore } from '../cube/virtual/virtual-store.js';
import { withSources, type BuildInput } from './build-input.js';
import { searchAll } from './search-all.js';
import { writeReferences, type ReferenceOutputs } from './write-references.js';

/** A specification, how its sources are read, and where references go. */
export type ReferencesInput = Pick<
  BuildInput,
  'spec' | 'folder' | 'set' | 'allowIncomplete' | 'overwrite' | 'sources' | 'progress' | 'signal'
> &
  ReferenceOutputs;

/** What a dataset of references holds, what is not in it, and why. */
export type ReferencesSummary = {
  readonly name: string;
  readonly outputs: readonly string[];
  /** Of the Icechunk repository, where one is written. */
  readonly snapshot: string | null;
  readonly groups: readonly {
    readonly path: string;
    readonly times: number;
    readonly arrays: readonly {
      readonly name: string;
      readonly shape: readonly number[];
      readonly chunkShape: readonly number[];
      readonly dtype: string;
      readonly codecs: readonly string[];
    }[];
  }[];
  readonly references: number;
  readonly items: number;
  /** Items that no band was taken of before anything was opened. */
  readonly dropped: number;
  readonly refused: readonly Refusal[];
  /** Keys of the specification that do not apply to references. */
  readonly ignored: readonly string[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
};

/**
 * Make a dataset of references from a specification: items × bands become virtual arrays over (time, y, x) and nothing is
 * decoded. Problems: those of searching and opening; `conflict` where items refuse to be stacked, unless the dataset may be
 * incomplete; `exists` where an output is there already; those of writing.
 */
export function buildReferences(input: ReferencesInput): Promise<ReferencesSummary> {
  const { progress = () => {}, signal, allowIncomplete = false } = input;
  if (input.kerchunk === undefined && input.zarr === undefined && input.icechunk === undefined) {
    const fix = 'pass --kerchunk FILE.json, --kerchunk DIR.parquet, --zarr DIR.zarr or --icechunk DIR';
    throw new CubeError({ kind: 'invalid-argument', what: 'no place for the references', fix });
  }
  return withSources(input, async ({ factory }, { spec, folder }) => {
    progress({ kind: 'phase', name: 'search' });
    const signalOption = signal === undefined ? {} : { signal };
    const search = await searchAll(spec, folder, { sources: factory, ...signalOption });
    progress({ kind: 'phase', name: 'headers' });
    const opened = await openCandidates(search.items, factory, {
      bands: spec.bands,
      nodata: (band) => specNodata(spec, band),
      keyOf: () => 'bands',
      interval: search.interval,
      allowIncomplete,
      onOpened: (done, total) => progress({ kind: 'items', done, total }),
      ...signalOption,
    });
    const located = await locateCandidates(opened.candidates, factory, {
      bands: spec.bands,
      allowIncomplete,
      ...signalOption,
    });
    const planned = planReferences({ candidates: located.candidates, bands: spec.bands });
    const store = { ...planned, refused: [...located.refused, ...planned.refused] };
    assertStackable(store, allowIncomplete);
    progress({ kind: 'phase', name: 'references' });
    const { outputs, snapshot } = await writeReferences(store, input, {
      sources: factory,
      name: spec.name,
      ...signalOption,
    });
    const warnings = [...search.warnings, ...opened.warnings];
    const broken = opened.candidates.flatMap(({ id, broken: problem }) =>
      problem === null ? [] : [`${id}, ${problem.band}: ${formatProblem(problem.problem)}`],
    );
    const dropped = search.dropped.length + opened.dropped.length;
    return {
      ...describe(store),
      name: spec.name,
      outputs,
      snapshot,
      items: search.items.length,
      dropped,
      ignored: ignoredKeys(spec),
      warnings: [...warnings, ...broken],
    };
  });
}

function assertStackable({ groups, refused }: VirtualStore, allowIncomplete: boolean): void {
  const [first] = refused;
  const described = first === undefined ? '' : `${first.item}, band "${first.band}": ${first.property}: ${first.what}`;
  if (groups.every(({ arrays }) => arrays.length === 0)) {
    const what = `nothing can be referred to${first === undefined ? '' : `, such as ${described}`}`;
    throw new CubeError({ kind: 'no-data', what, fix: 'use `cube build`, which reads and writes the pixels' });
  }
  if (first === undefined || allowIncomplete) return;
  const what = `${refused.length} band${refused.length === 1 ? '' : 's'} of items cannot be stacked: ${described}`;
  const fix = 'pass --allow-incomplete to leave them out, or use `cube build`, which reads and writes the pixels';
  throw new CubeError({ kind: 'conflict', what, fix });
}

function describe(store: VirtualStore): Pick<ReferencesSummary, 'groups' | 'references' | 'refused' | 'notes'> {
  const groups = store.groups.map(({ path, arrays, coordinates }) => ({
    path,
    times: coordinates.find(({ name }) => name === 'time')?.values.length ?? 0,
    arrays: arrays.map(({ name, shape, chunkShape, dtype, codecs }) => ({
      name,
      shape,
      chunkShape,
      dtype,
      codecs: codecs.v3.map((codec) => String(codec['name'])),
    })),
  }));
  return { groups, references: countReferences(store), refused: store.refused, notes: store.notes };
}
