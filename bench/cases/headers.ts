import { scenePaths, type DataSize } from '../data/sizes.js';
import type { JobOf } from '../protocol.js';
import { OURS, runsOf, type Case } from './case.js';

/** R1: the headers of many COGs over HTTP to references; every round has addresses that nobody has seen. */
export function headerCases(server: string, size: DataSize): Case[] {
  const paths = scenePaths();
  const job = (stored: boolean): JobOf<'headers'> => ({
    kind: 'headers',
    urls: Array.from(
      { length: size.headers },
      (_, i) => `${server}{round}${String(i).padStart(4, '0')}/${paths[i % paths.length]}`,
    ),
    stored,
  });
  const tiles = Math.ceil(size.scene / size.tile) ** 2;
  const what = `the headers of ${size.headers} COGs of ${tiles} tiles over HTTP with a latency of 25 ms, new addresses and connections in every round`;
  return [
    {
      name: 'R1',
      what: `${what}, to the offset and length of every tile in memory: ours opens the levels of 128 at a time, \`virtualizarr\` makes a ManifestStore of each (virtual-tiff, obstore) in 64 threads, \`async-geotiff\` opens all at once`,
      runs: runsOf(job(false), [OURS, 'virtualizarr', 'async-geotiff']),
      rows: [
        { name: 'R1', ours: OURS, peer: 'virtualizarr', target: 2 },
        { name: 'R1.async', ours: OURS, peer: 'async-geotiff', target: 1 },
      ],
      agreement: { kind: 'bytes' },
    },
    {
      name: 'R1.stored',
      what: `${what}, to a store of references on disk: ours is \`scanReferences\` with its defaults, which is \`cube refs scan\`, into a new DuckLake; \`virtualizarr\` is open_virtual_mfdataset in 64 threads to one array over all files, committed to a new Icechunk repository`,
      runs: runsOf(job(true), [OURS, 'virtualizarr']),
      rows: [{ name: 'R1.stored', ours: OURS, peer: 'virtualizarr', target: 2 }],
      agreement: { kind: 'bytes' },
    },
  ];
}
