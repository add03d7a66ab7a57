import { join } from 'node:path';
import { seriesPath, STACK, type DataSize } from '../data/sizes.js';
import type { JobOf } from '../protocol.js';
import { OURS, type Case, type Run } from './case.js';

/** R3: rasters through references to them, against the rasters themselves. */
export function stackCases(folder: string, size: DataSize): Case[] {
  const job = (from: JobOf<'stack'>['from']): JobOf<'stack'> => ({
    kind: 'stack',
    from,
    files: Array.from({ length: size.stack }, (_, date) => join(folder, seriesPath(date))),
    kerchunk: join(folder, STACK.kerchunk),
    icechunk: join(folder, STACK.icechunk),
    variable: STACK.variable,
    side: size.series.side,
  });
  const run = (id: string, route: string, from: JobOf<'stack'>['from']): Run => ({ id, route, job: job(from) });
  const direct = run('heliocube-files', OURS, 'files');
  const kerchunk = run('heliocube-kerchunk', OURS, 'kerchunk');
  const icechunk = run('heliocube-icechunk', 'heliocube-icechunk', 'icechunk');
  const python = run('zarr-icechunk', 'zarr-icechunk', 'icechunk');
  return [
    {
      name: 'R3',
      what: `${size.stack} DEFLATE COGs of ${size.series.side} × ${size.series.side} uint16 samples read whole through references to them, opening included: R3.kerchunk from a kerchunk file, R3.icechunk from an Icechunk repository, both against \`heliocube-files\`, which is us reading file by file; R3.zarr: zarr-python (icechunk, virtual-tiff’s codecs) on the same repository`,
      runs: [direct, kerchunk, icechunk, python],
      rows: [
        { name: 'R3.kerchunk', ours: kerchunk.id, peer: direct.id, target: 1 },
        { name: 'R3.icechunk', ours: icechunk.id, peer: direct.id, target: 1 },
        { name: 'R3.zarr', ours: icechunk.id, peer: python.id, target: 1 },
      ],
      agreement: { kind: 'bytes' },
    },
  ];
}
