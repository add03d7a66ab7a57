import { isVrt } from './gdal/vrt.js';

/** First bytes of formats that people take for rasters of ours, for an error that says what the file is. */
const SIGNATURES: readonly (readonly [name: string, signature: string])[] = [
  ['NetCDF classic', 'CDF'],
  ['HDF4', '\x0e\x03\x13\x01'],
  ['JPEG 2000', '\0\0\0\x0cjP  '],
  ['JPEG 2000', '\xff\x4f\xff\x51'],
  ['JPEG', '\xff\xd8\xff'],
  ['PNG', '\x89PNG'],
  ['GRIB', 'GRIB'],
  ['PMTiles', 'PMTiles'],
  ['ZIP', 'PK\x03\x04'],
];

/** The name of a format that none of our readers reads, by a file's first bytes; null for any other. */
export function formatName(bytes: Uint8Array): string | null {
  if (isVrt(bytes)) return 'VRT';
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  return SIGNATURES.find(([, signature]) => start.startsWith(signature))?.[0] ?? null;
}
