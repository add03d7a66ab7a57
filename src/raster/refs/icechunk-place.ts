import { resolve } from 'node:path';
import { CubeError } from '../../errors.js';
import { isLocal, pathOfUrl, schemeOf } from '../../io/location.js';
import { loadS3Settings } from '../../io/s3/settings.js';
import type { IcechunkStorage } from '../../native/icechunk/types.js';

/**
 * Where a repository named by a path or URL lies: a folder, s3://BUCKET/PREFIX (settings from the environment), or http(s) to
 * read only. Problem: `unsupported` for other schemes, `invalid-argument` for a bucket without prefix.
 */
export function icechunkStorage(place: string): IcechunkStorage {
  if (isLocal(place)) return { kind: 'local', path: resolve(pathOfUrl(place)) };
  const scheme = schemeOf(place);
  if (scheme === 'http' || scheme === 'https') return { kind: 'http', url: place };
  if (scheme !== 's3') {
    throw new CubeError({ kind: 'unsupported', feature: `Icechunk repositories at ${scheme}: locations`, url: place });
  }
  const match = /^s3:\/\/([^/]+)\/+(.*?)\/*$/i.exec(place);
  if (match === null || match[2] === '') {
    const fix = 'name s3://BUCKET/PREFIX';
    throw new CubeError({ kind: 'invalid-argument', what: `"${place}" names no folder of a bucket`, fix });
  }
  return { kind: 's3', bucket: match[1]!, prefix: match[2]!, ...s3Endpoint() };
}

/** As `s3:` URLs are read. */
function s3Endpoint() {
  const { region, endpoint, pathStyle, credentials } = loadS3Settings();
  return {
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint, pathStyle, allowHttp: endpoint.startsWith('http:') }),
    access: credentials === null ? ({ kind: 'anonymous' } as const) : ({ kind: 'static', ...credentials } as const),
  };
}
