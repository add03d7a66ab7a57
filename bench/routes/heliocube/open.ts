import { codeVersion } from '../../../src/build/code-version.js';
import { addonStatus } from '../../../src/native/load.js';
import type { Route } from '../../route.js';
import { prepareBuild } from './build.js';
import { prepareRemote } from './remote.js';
import { prepareWarp } from './warp.js';
import { prepareWindows } from './windows.js';
import { prepareZarrRead, prepareZarrWrite } from './zarr.js';
import { prepareZonal } from './zonal.js';

/** The engine through its own functions, in a process that runs already. */
export function openHeliocube(): Route {
  return {
    versions: `heliocube ${codeVersion()} (addon ${addonStatus().kind})`,
    async prepare(job, place) {
      switch (job.kind) {
        case 'windows':
          return prepareWindows(job);
        case 'remote':
          return prepareRemote(job, place);
        case 'warp':
          return prepareWarp(job);
        case 'zonal':
          return prepareZonal(job);
        case 'zarr-write':
          return prepareZarrWrite(job, place);
        case 'zarr-read':
          return prepareZarrRead(job);
        case 'build':
          return prepareBuild(job, place);
      }
    },
  };
}
