import { join } from 'node:path';
import { scenePath, STORE_CHUNK, type DataSize } from '../data/sizes.js';
import { OURS, runsOf, type Case } from './case.js';

/** P10 and P11: one array of uint16 to and from Zarr v3. */
export function zarrCases(folder: string, size: DataSize): Case[] {
  const { window: side, tile } = size;
  const chunk = STORE_CHUNK[size.name];
  const how = `${side} × ${side} uint16 samples, chunks of ${chunk}, blosc (zstd level 1, shuffle)`;
  const window = { col: 2 * tile, row: 2 * tile, width: side, height: side };
  const peers = ['zarrita', 'zarr-python'];
  const rows = (name: string, targets: readonly [number, number]) =>
    peers.map((peer, i) => ({ name, ours: OURS, peer, target: targets[i]! }));
  return [
    {
      name: 'P10',
      what: `memory to a Zarr v3 array on disk, ${how}`,
      runs: runsOf({ kind: 'zarr-write', file: join(folder, scenePath(0, 'blue')), window, chunk }, [OURS, ...peers]),
      rows: rows('P10', [6, 3]),
      agreement: { kind: 'bytes' },
    },
    {
      name: 'P11',
      what: `a Zarr v3 array on disk to memory, ${how}`,
      runs: runsOf({ kind: 'zarr-read', store: join(folder, 'store.zarr') }, [OURS, ...peers]),
      rows: rows('P11', [8, 2]),
      agreement: { kind: 'bytes' },
    },
  ];
}
