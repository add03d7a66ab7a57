import type { Json, StacItem } from './item.js';

/**
 * What all versions of one acquisition share: collection, product, platform, tile and the datatake or else the second.
 * Null for items without a tile: they are never taken for versions of each other.
 */
export function acquisitionKey(item: StacItem): string | null {
  const tile = tileOf(item);
  if (tile === null) return null;
  const { properties, collection, timeMs } = item;
  const platform = textOf(properties['platform']).toLowerCase();
  return [collection ?? '', productOf(item), platform, tile, datatakeOf(properties) ?? Math.floor(timeMs / 1000)].join(
    '\n',
  );
}

/** The part of its datatake that a Sentinel-2 item shows: when its datastrip began; null where it does not say. */
export function partOf({ properties }: StacItem): string | null {
  return /_S(\d{8}T\d{6})(?:_|$)/.exec(textOf(properties['s2:datastrip_id']))?.[1] ?? null;
}

/** Two products of one scene in one list (L1C and L2A, SR and ST) are no versions of each other. */
function productOf({ id, properties }: StacItem): string {
  const stated = ['s2:product_type', 'product:type', 'processing:level', 'landsat:correction'].map((name) =>
    textOf(properties[name]),
  );
  const inId = /(?:^|_)(?:MSI)?(L1C|L2A|SR|ST|TOA)(?:_|$)/.exec(id)?.[1] ?? '';
  return [...stated.filter((text) => text !== ''), inId].join('|');
}

/** The Sentinel-2 datatake without its baseline, which versions differ in. */
function datatakeOf(properties: StacItem['properties']): string | null {
  return /^(G?S2[A-D]_\d{8}T\d{6}_\d+)/.exec(textOf(properties['s2:datatake_id']))?.[1] ?? null;
}

/** One name of the tile, whichever properties or ids give it: `33TWM`, `028030`, or a grid code as it is. */
function tileOf({ id, properties }: StacItem): string | null {
  const code = textOf(properties['grid:code']);
  if (code !== '') return code.startsWith('MGRS-') ? mgrs(code.slice(5)) : code.replace(/^WRS2-/, '');
  const tile = textOf(properties['s2:mgrs_tile']);
  if (tile !== '') return mgrs(tile);
  for (const prefix of ['mgrs', 'sentinel']) {
    const square = textOf(properties[`${prefix}:grid_square`]);
    if (square === '') continue;
    return mgrs(
      `${numberOf(properties[`${prefix}:utm_zone`])}${textOf(properties[`${prefix}:latitude_band`])}${square}`,
    );
  }
  const [path, row] = [numberOf(properties['landsat:wrs_path']), numberOf(properties['landsat:wrs_row'])];
  if (path !== '' && row !== '') return path.padStart(3, '0') + row.padStart(3, '0');
  // Sentinel-2 and HLS ids name the tile: S2A_33TWM_…, …_T33TWM_…, HLS.S30.T33TWM.….
  const named = /(?:^|[_.])T?(\d{1,2}[C-X][A-Z]{2})(?:[_.]|$)/.exec(id)?.[1];
  return named === undefined ? null : mgrs(named);
}

function mgrs(tile: string): string {
  return tile.replace(/^T/, '').padStart(5, '0');
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
