import type { DataSize } from '../data/sizes.js';
import { buildCases } from './build.js';
import type { Case } from './case.js';
import { decodeCases } from './decode.js';
import { headerCases } from './headers.js';
import { referenceCases } from './references.js';
import { remoteCases } from './remote.js';
import { siteCases } from './sites.js';
import { stackCases } from './stack.js';
import { warpCases } from './warp.js';
import { zarrCases } from './zarr.js';
import { zonalCases } from './zonal.js';

/** What the cases need to know. */
export type CaseSetting = {
  /** Where `makeData` wrote. */
  readonly folder: string;
  readonly size: DataSize;
  /** Threads of builds. */
  readonly threads: number;
  /** Address of a server that serves the folder. */
  readonly server: string;
};

/** All cases, in the order of the table of claims. */
export function listCases({ folder, size, threads, server }: CaseSetting): Case[] {
  const cases = [
    ...decodeCases(folder, size),
    ...warpCases(folder, size),
    ...zonalCases(folder, size),
    ...zarrCases(folder, size),
    ...remoteCases(server, size),
    ...buildCases(folder, size, threads),
    ...headerCases(server, size),
    ...referenceCases(folder, size),
    ...stackCases(folder, size),
    ...siteCases(folder, size),
  ];
  // Those of reading and building (P), of references (R), then of polygons (V).
  const number = ({ name }: Case) => Number(/\d+/.exec(name)![0]) + 1000 * 'PRV'.indexOf(name[0]!);
  return cases.sort((a, b) => number(a) - number(b));
}
