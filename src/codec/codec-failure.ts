import { CubeError } from '../errors.js';
import { FAILURE } from '../native/codec-types.js';

/** What a message about a failed step names. */
export type StepContext = {
  readonly codec: string;
  readonly url?: string;
  /** What the step should have given, such as `3 × 256 samples of uint16 (1536 bytes)`. */
  readonly expected?: string;
};

/**
 * Pass a kernel's byte count on, or turn its code into a `CubeError`: `invalid-data` for broken bytes, `unsupported` for
 * variants that are not read, `missing-component` where the twin was not prepared.
 */
export function checkCount(count: number, context: StepContext): number {
  if (count >= 0) return count;
  throw codecError(count, context);
}

/** The problem of one kernel's failure code. */
export function codecError(code: number, { codec, url, expected }: StepContext): CubeError {
  const wanted = expected === undefined ? '' : `, expected ${expected}`;
  const invalid = (what: string) => new CubeError({ kind: 'invalid-data', url: url ?? 'chunk', what });
  const place = url === undefined ? {} : { url };
  switch (code) {
    case FAILURE.surplus:
      return invalid(`${codec} data decodes to more than its chunk holds${wanted}`);
    case FAILURE.mismatch:
      return invalid(`${codec} data holds an image of another size, type or number of bands${wanted}`);
    case FAILURE.unsupported:
      return new CubeError({ kind: 'unsupported', feature: `this variant of ${codec}`, ...place });
    case FAILURE.badArgument:
      return new CubeError({
        kind: 'invalid-argument',
        what: `${codec}: parameters that contradict each other${wanted}`,
      });
    case FAILURE.notPrepared:
      return new CubeError({
        kind: 'missing-component',
        component: `${codec} codec`,
        what: 'its portable decoder is not loaded',
        fix: 'await prepareCodecs() first, or build the native addon with `npm run setup`',
      });
    case FAILURE.addonOnly:
      return new CubeError({
        kind: 'unsupported',
        feature: `${codec} without the native addon`,
        fix: 'install Rust (rustup.rs) and build the addon with `npm run setup`',
        ...place,
      });
    default:
      return invalid(`${codec} data is corrupt${wanted}`);
  }
}
