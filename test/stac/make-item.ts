import type { ApiItem } from './api-server.js';

/** A small STAC item; what is given replaces what it has. */
export function makeItem(id: string, fields: Readonly<Record<string, unknown>> = {}): ApiItem {
  const { properties, ...rest } = fields;
  return {
    type: 'Feature',
    stac_version: '1.0.0',
    id,
    collection: 'images',
    geometry: null,
    bbox: [15, 46, 16, 47],
    links: [],
    assets: { red: { href: `https://example.com/${id}/red.tif`, type: 'image/tiff; application=geotiff' } },
    ...rest,
    properties: { datetime: '2023-08-15T10:00:00Z', ...(properties as object) },
  };
}

/** Items `i000`, `i001`, … a minute apart. */
export function makeItems(count: number): ApiItem[] {
  return Array.from({ length: count }, (_, index) =>
    makeItem(`i${String(index).padStart(3, '0')}`, {
      properties: { datetime: new Date(Date.UTC(2023, 7, 1, 0, index)).toISOString(), 'eo:cloud_cover': index % 100 },
    }),
  );
}
