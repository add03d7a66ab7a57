import { CubeError } from '../../errors.js';
import { assertInside } from '../../io/access.js';

/** Longer names are no names of files anywhere. */
const MAX_NAME = 1024;

/** Throws `forbidden` for a name that leads out of its folder, `invalid-data` for one that no file can have. */
export function assertName(name: string, url: string): void {
  if (name.length > MAX_NAME || name.split('/').some((part) => part === '' || part === '.' || part.length > 255)) {
    throw new CubeError({ kind: 'invalid-data', url, what: `"${name.slice(0, 100)}" is no name of a file` });
  }
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) {
    throw new CubeError({ kind: 'invalid-data', url, what: `the name ${JSON.stringify(name)} has control characters` });
  }
  if (name.split(/[\\/]/).includes('..')) {
    throw new CubeError({ kind: 'forbidden', url, what: `its member "${name}" lies outside` });
  }
  assertInside(url, name);
}
