import { CubeError } from '../errors.js';
import { isPointKernel, KERNEL_REACH, RESAMPLINGS, type Resampling } from './kernels.js';
import { nativeFunctions } from './load.js';
import { bytesOf, sampleType } from './sample-bytes.js';
import { warpPlaneTwin } from './twin/warp.js';
import { WARP_MISSING, WARP_OK, WARP_UNSUPPORTED, type WarpImplementation, type WarpRequest } from './warp-contract.js';

type WarpFunctions = {
  warpPlane(
    kernel: number,
    sourceType: number,
    targetType: number,
    source: Uint8Array,
    valid: Uint8Array,
    target: Uint8Array,
    state: Uint8Array,
    numbers: Float64Array,
    matrix: Float64Array,
    splits: Uint8Array,
    offsets: Uint32Array,
    nodes: Float64Array,
  ): number;
};

const NONE = { f64: new Float64Array(0), u32: new Uint32Array(0), u8: new Uint8Array(0) } as const;

/**
 * Warp one plane: GDAL's kernels and no-data rules. A target pixel is inside where its centre maps into the raster
 * (exact ties belong to the lower right pixel); then it is no data where the source pixel under the centre is (nearest,
 * bilinear, cubic) or where nothing valid is covered (the others), else its sample is written. The result of a pixel does
 * not depend on the windows of source and target. Integers round half up and are clamped to their type.
 * 64-bit integers: nearest only, else `unsupported`. A source window that lacks needed pixels is `invalid-argument`.
 */
export function warpPlane(
  request: WarpRequest,
  implementation: WarpImplementation = nativeWarp() ?? warpPlaneTwin,
): void {
  const code = implementation(request);
  if (code !== WARP_OK) throw warpError(code, request);
}

/** The addon's implementation, or null where there is no addon. */
export function nativeWarp(): WarpImplementation | null {
  const native = nativeFunctions<WarpFunctions>(['warpPlane']);
  return native === null ? null : (request) => warpNative(native, request);
}

/** Source pixels that a kernel reaches from a position, on each axis. */
export function kernelRadius(
  kernel: Resampling,
  scale: { readonly x: number; readonly y: number },
): { x: number; y: number } {
  const reach = isPointKernel(kernel) ? KERNEL_REACH[kernel] : 0;
  return { x: Math.ceil(reach * Math.max(1, scale.x)), y: Math.ceil(reach * Math.max(1, scale.y)) };
}

function warpNative(
  native: WarpFunctions,
  { source, raster, origin, map, kernel, scale, target, threads = 1 }: WarpRequest,
): number {
  const { col, row } = origin ?? { col: 0, row: 0 };
  const numbers = Float64Array.of(
    source.width,
    source.height,
    col,
    row,
    raster.col,
    raster.row,
    raster.width,
    raster.height,
  );
  const cells = map.kind === 'cells' ? map : { splits: NONE.u8, offsets: NONE.u32, nodes: NONE.f64 };
  return native.warpPlane(
    RESAMPLINGS.indexOf(kernel),
    sampleType(source.data),
    sampleType(target.data),
    bytesOf(source.data),
    source.valid === null ? NONE.u8 : bytesOf(source.valid),
    bytesOf(target.data),
    bytesOf(target.state),
    Float64Array.of(...numbers, scale.x, scale.y, map.col, map.row, map.width, map.height, threads),
    map.kind === 'affine' ? Float64Array.from(map.matrix) : NONE.f64,
    cells.splits,
    cells.offsets,
    cells.nodes,
  );
}

function warpError(code: number, { source, raster, map, kernel, target }: WarpRequest): CubeError {
  const from = source.data.constructor.name;
  const to = target.data.constructor.name;
  if (code === WARP_UNSUPPORTED)
    return new CubeError({ kind: 'unsupported', feature: `${kernel} of ${from} into ${to}` });
  const sizes = `source ${source.width} × ${source.height} with ${source.data.length} samples, raster ${JSON.stringify(raster)}, target ${map.width} × ${map.height} with ${target.data.length} samples and ${target.state.length} states`;
  const what =
    code === WARP_MISSING
      ? `warp: the source window lacks pixels that ${kernel} needs: ${sizes}`
      : `warp: the arguments do not fit together: ${sizes}`;
  const fix = 'take the source window from mapSourceWindow with kernelRadius';
  return new CubeError(
    code === WARP_MISSING ? { kind: 'invalid-argument', what, fix } : { kind: 'invalid-argument', what },
  );
}
