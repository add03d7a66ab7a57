import { seededRandom } from '../../src/sample/random.js';
import { scenePaths, type DataSize } from '../data/sizes.js';
import type { JobOf } from '../protocol.js';
import { OURS, runsOf, type Case } from './case.js';

/** P12: one chip of each of many COGs over HTTP; every round has addresses that nobody has seen. */
export function remoteCases(server: string, size: DataSize): Case[] {
  const random = seededRandom(47);
  const paths = scenePaths();
  const place = () => Math.floor(random() * (size.scene - size.chip));
  const window = { col: place(), row: place(), width: size.chip, height: size.chip };
  const files = Array.from({ length: size.remote }, (_, i) => i);
  const job = (opened: boolean): JobOf<'remote'> => ({
    kind: 'remote',
    urls: files.map((i) => `${server}{round}${String(i).padStart(3, '0')}/${paths[i % paths.length]}`),
    windows: files.map(() => window),
    opened,
  });
  const what = `one chip of ${size.chip} × ${size.chip} samples, the same place in ${size.remote} COGs, over HTTP with a latency of 25 ms`;
  return [
    {
      name: 'P12.cold',
      what: `${what}, no header known, new addresses in every round`,
      runs: runsOf(job(false), [OURS, 'rasterio-remote']),
      rows: [{ name: 'P12.cold', ours: OURS, peer: 'rasterio-remote', target: 2 }],
      agreement: { kind: 'bytes' },
    },
    {
      name: 'P12.headers',
      what: `${what}, headers read before the clock starts`,
      runs: runsOf(job(true), [OURS, 'rasteret', 'rasterio-remote']),
      rows: [
        { name: 'P12.headers', ours: OURS, peer: 'rasteret', target: 3 },
        { name: 'P12.headers', ours: OURS, peer: 'rasterio-remote', target: null },
      ],
      agreement: { kind: 'bytes' },
    },
  ];
}
