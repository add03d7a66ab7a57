import { codeVersion } from '../../../src/build/code-version.js';
import { addonStatus, icechunkStatus } from '../../../src/native/load.js';
import { RouteAbsent, type Route } from '../../route.js';
import { prepareBuild } from './build.js';
import { prepareHeaders } from './headers.js';
import { prepareReferences } from './references.js';
import { prepareRemote } from './remote.js';
import { prepareSites } from './sites.js';
import { prepareStack } from './stack.js';
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
        case 'headers':
          return prepareHeaders(job, place);
        case 'references':
          return prepareReferences(job, place);
        case 'stack':
          return prepareStack(job);
        case 'sites':
          return prepareSites(job, place);
      }
    },
  };
}

/** The same with Icechunk, whose binding is not built everywhere. */
export function openHeliocubeIcechunk(): Route {
  const status = icechunkStatus();
  if (status.kind === 'absent') throw new RouteAbsent(`${status.why}; ${status.fix}`);
  return openHeliocube();
}
