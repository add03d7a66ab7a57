import { CubeError } from '../../errors.js';
import { assertInside } from '../../io/access.js';

/** Longer names are no names of files anywhere. */
const MAX_NAME = 1024;

/**
 * Throws `forbidden` for the name of a file in a record or archive (`owner`) that leads out of its folder, `invalid-data` for one that no
 * file can have.
 */
export function assertName(name: string, owner: string): void {
  assertInside(owner, name);
  if (name.split(/[\\/]/).includes('..')) {
    throw new CubeError({ kind: 'forbidden', url: owner, what: `its member "${name}" lies outside` });
  }
  const fail = (what: string) => new CubeError({ kind: 'invalid-data', url: owner, what });
  if (name.length > MAX_NAME || name.split('/').some((part) => part === '' || part === '.' || part.length > 255)) {
    throw fail(`"${name.slice(0, 100)}" is no name of a file`);
  }
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) throw fail(`the name ${JSON.stringify(name)} has control characters`);
}
