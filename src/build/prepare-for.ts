import type { SourceFactory } from '../io/byte-source.js';
import type { BuildInput } from './build-input.js';
import { checkedIndex } from './checked-index.js';
import { openRasterIndex } from './lake-input.js';
import { isLocal } from '../io/location.js';
import { assertOutput } from './assert-output.js';
import { lakePlaceOf } from './output-paths.js';
import { prepareBuild, type PreparedBuild } from './prepare.js';
import type { ReadSpec } from './read-spec.js';

/** Prepare the build that an input asks for. */
export async function prepareFor(input: BuildInput, sources: SourceFactory, read: ReadSpec): Promise<PreparedBuild> {
  const { allowIncomplete = false, progress = () => {}, refs, refsCheck = false, signal } = input;
  assertOutput(read.spec);
  const lake = lakePlaceOf(read.spec, read.folder, input.out ?? null);
  const queryLake =
    lake === null
      ? null
      : async (sql: string) => {
          const { queryLakeRows } = await import('../lake/query.js');
          return queryLakeRows({ catalog: lake.catalog, dataPath: lake.dataPath }, sql);
        };
  const index = refs === undefined ? null : await openRasterIndex(refs);
  try {
    return await prepareBuild(read, {
      sources,
      allowIncomplete,
      progress,
      queryLake,
      localCube: input.out !== undefined || isLocalCube(read),
      ...(index === null ? {} : { index: refsCheck ? checkedIndex(index, sources) : index }),
      ...(signal === undefined ? {} : { signal }),
    });
  } finally {
    await index?.close();
  }
}

function isLocalCube({ spec }: ReadSpec): boolean {
  const { cube } = spec.output;
  return typeof cube !== 'object' || isLocal(cube.icechunk);
}
