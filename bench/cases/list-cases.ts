import type { DataSize } from '../data/sizes.js';
import { buildCases } from './build.js';
import type { Case } from './case.js';
import { decodeCases } from './decode.js';
import { remoteCases } from './remote.js';
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
  ];
  const number = ({ name }: Case) => Number(/\d+/.exec(name)![0]);
  return cases.sort((a, b) => number(a) - number(b));
}
