import type { Json } from '../../stac/item.js';
import type { SourcePlane } from './source-plane.js';

/**
 * The attribute `multiscales` (zarr-conventions, multiscales) of a group whose own arrays are the full resolution (asset ".")
 * and whose groups "1", "2", … hold the overviews. `planes` are the resolutions from fine to coarse. Pure.
 */
export function multiscaleAttributes(planes: readonly SourcePlane[]): Readonly<Record<string, Json>> {
  const layout = planes.map(({ size, transform }, i): Json => {
    const place = transform === null ? {} : { 'spatial:transform': transform };
    const own = { 'spatial:shape': [size.height, size.width], ...place };
    if (i === 0) return { asset: '.', ...own };
    const finest = planes[0]!;
    const scale = [finest.size.height / size.height, finest.size.width / size.width];
    return { asset: String(i), derived_from: '.', transform: { scale, translation: [0, 0] }, ...own };
  });
  return { multiscales: { layout } };
}
