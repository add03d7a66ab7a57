import type { BuildSpec } from '../spec.js';

/**
 * The keys of a specification that say something which references cannot do, since they are whole arrays as the files hold
 * them. Keys that are left at their defaults are not named. Pure.
 */
export function ignoredKeys(spec: BuildSpec): string[] {
  const said: readonly (readonly [key: string, given: boolean])[] = [
    ['labels', spec.labels !== undefined],
    ['grid', spec.grid.crs !== 'auto' || spec.grid.resolution !== undefined || spec.grid.extent !== undefined],
    ['grid.shard', spec.grid.shard !== null],
    ['time.groupby', spec.time.groupby !== 'id' && spec.time.groupby !== 'time'],
    ['mask', spec.mask !== null],
    ['mosaic', spec.mosaic !== 'first'],
    ['scale', spec.scale !== false],
    ['dtype', spec.dtype !== null],
    ['resampling', Object.values(spec.resampling).some((kernel) => kernel !== 'nearest')],
    ['clip', spec.labels !== undefined && spec.clip.mode !== 'none'],
  ];
  return said.flatMap(([key, given]) => (given ? [key] : []));
}
