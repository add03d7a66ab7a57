import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { patternSamples } from '../data/reference-pattern.js';
import { PATTERN_FOLDER, type DataSize } from '../data/sizes.js';
import type { JobOf } from '../protocol.js';
import { OURS, type Case, type RowPlan } from './case.js';

const PEER = 'icechunk';
const PARTS = ['write', 'open'] as const;
type Part = (typeof PARTS)[number];
type Store = JobOf<'references'>['store'];

/** Of our stores, and whether a ratio is claimed: the lake holds the same, but is no Icechunk repository. */
const STORES: readonly { readonly store: Store; readonly route: string; readonly target: number | null }[] = [
  { store: 'icechunk', route: 'heliocube-icechunk', target: 1 },
  { store: 'lake', route: OURS, target: null },
];

/** R2: many references to a store, and from it. */
export function referenceCases(folder: string, size: DataSize): Case[] {
  const { files, rows, cols } = size.references;
  const job = (part: Part, store: Store): JobOf<'references'> => ({
    kind: 'references',
    part,
    store,
    ...size.references,
    base: `${pathToFileURL(join(folder, PATTERN_FOLDER)).href}/`,
    samples: patternSamples(size.references),
  });
  const what = `${files * rows * cols} references to ${rows * cols} chunks in each of ${files} files`;
  const how: Readonly<Record<Part, string>> = {
    write: `${what}, in memory as each program takes them, to a new Icechunk repository on disk: made, set (\`icechunk\` with set_virtual_refs_arr), committed. R2.lake.write: by us to a new DuckLake, as \`cube refs scan\` writes them, one raster a file`,
    open: `${what}, in an Icechunk repository on disk: opened, and all taken out; ours gets offset, length, place and file of each (chunkRefs), \`icechunk\`, which gives no more, the file of each (all_virtual_chunk_locations). R2.lake.open: by us from a DuckLake, as levels that can be read`,
  };
  return PARTS.map((part): Case => ({
    name: `R2.${part}`,
    what: how[part],
    runs: [
      ...STORES.map(({ store, route }) => ({ id: `${route} ${store}`, route, job: job(part, store) })),
      { id: PEER, route: PEER, job: job(part, 'icechunk') },
    ],
    rows: STORES.map(({ store, route, target }): RowPlan => ({
      name: store === 'lake' ? `R2.lake.${part}` : `R2.${part}`,
      ours: `${route} ${store}`,
      peer: PEER,
      target,
    })),
    agreement: { kind: 'bytes' },
  }));
}
