import { CubeError } from '../../errors.js';

/** Bounds of what an archive may become. */
export type UnpackLimits = {
  /** Bytes of all members that are unpacked. Default 256 GiB. */
  readonly maxBytes?: number;
  /** Times the archive's own size, where that is more than a gibibyte. Default 250. */
  readonly maxRatio?: number;
  /** Members of one archive, wanted or not. Default 500,000. */
  readonly maxMembers?: number;
  /** Archives inside of archives. Default 3. */
  readonly maxDepth?: number;
};

/** So much may come out of any archive. */
const FREE_BYTES = 2 ** 30;

/** Counts what comes out of one archive, those inside of it included. */
export class UnpackBudget {
  readonly maxMembers: number;
  readonly maxDepth: number;
  readonly #most: number;
  readonly #archive: string;
  readonly #fresh: () => UnpackBudget;
  #bytes = 0;

  /** `archive` names it in errors; `size` is its own. */
  constructor(archive: string, size: number, limits: UnpackLimits = {}) {
    this.#fresh = () => new UnpackBudget(archive, size, limits);
    const { maxBytes = 2 ** 38, maxRatio = 250, maxMembers = 500_000, maxDepth = 3 } = limits;
    this.#archive = archive;
    this.#most = Math.min(maxBytes, Math.max(FREE_BYTES, size * maxRatio));
    this.maxMembers = maxMembers;
    this.maxDepth = maxDepth;
  }

  /** The same bounds, nothing counted yet: for a reading that keeps nothing. */
  fresh(): UnpackBudget {
    return this.#fresh();
  }

  /** Throws `invalid-data` where `bytes` more, of this member, are too many. */
  add(bytes: number, member: string): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#most) return;
    const what = `its members up to "${member}" unpack to more than ${this.#most} bytes, which no honest archive of its size does`;
    throw new CubeError({ kind: 'invalid-data', url: this.#archive, what });
  }
}
