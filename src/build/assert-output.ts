import { CubeError } from '../errors.js';
import type { BuildSpec } from '../cube/spec.js';

/** Refuse what an Icechunk repository cannot hold. Problem: `unsupported`. */
export function assertOutput({ output, grid }: Pick<BuildSpec, 'output' | 'grid'>): void {
  if (typeof output.cube !== 'object') return;
  if (grid.shard !== null) {
    const fix = 'leave grid.shard out: a repository keeps its chunks without them';
    throw new CubeError({ kind: 'unsupported', feature: 'shards in an Icechunk repository', fix });
  }
}
