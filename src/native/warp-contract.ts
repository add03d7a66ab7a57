import type { PixelMap, PixelPosition, PixelWindow, Resampling, SampleArray } from './kernels.js';

/** One warp: a source window, where target pixels lie on it, and the kernel. */
export type WarpRequest = {
  /** Row-major samples of a window of the raster. `valid`: 1 valid, anything else not; null: all are. NaN never is. */
  readonly source: {
    readonly data: SampleArray;
    readonly valid: Uint8Array | null;
    readonly width: number;
    readonly height: number;
  };
  /** The whole raster relative to the source window: its corner (not positive, as a rule) and its size. */
  readonly raster: PixelWindow;
  /** The source window's corner in the map's source pixels; (0, 0) where not given. */
  readonly origin?: PixelPosition;
  readonly map: PixelMap;
  readonly kernel: Resampling;
  /** Size of a target pixel in source pixels; bilinear and cubic widen above 1 / 0.95. { 1, 1 } is the plain kernel. */
  readonly scale: { readonly x: number; readonly y: number };
  /** As many samples and states as the map has pixels. Samples: the source's type, or 32 or 64 bit floats. */
  readonly target: { readonly data: SampleArray; readonly state: Uint8Array };
  /** Threads that a large warp may use, this one included; 1 where not given. */
  readonly threads?: number;
};

/** What a warp answers: 0, or why it could not. */
export const WARP_OK = 0;
/** Answer of a warp whose request contradicts itself. */
export const WARP_INVALID = -1;
/** Answer of a warp that needs source pixels outside its window. */
export const WARP_MISSING = -2;
/** Answer of a warp that the implementation does not do. */
export const WARP_UNSUPPORTED = -3;

/** Carries out a warp and answers a code. */
export type WarpImplementation = (request: WarpRequest) => number;
