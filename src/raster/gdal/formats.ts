/** A format that GDAL reads for us, and the one driver that may open it. */
export type GdalFormat = { readonly name: string; readonly driver: string };

/** What is opened through GDAL, and nothing else; the names are those of `formatName`. */
export const GDAL_FORMATS: readonly GdalFormat[] = [
  { name: 'JPEG 2000', driver: 'JP2OpenJPEG' },
  { name: 'GRIB', driver: 'GRIB' },
  { name: 'HDF4', driver: 'HDF4' },
  { name: 'NetCDF classic', driver: 'netCDF' },
  { name: 'VRT', driver: 'VRT' },
];

/** The format of this name, or null where GDAL does not read it for us. */
export function gdalFormat(name: string | null): GdalFormat | null {
  return GDAL_FORMATS.find((format) => format.name === name) ?? null;
}

/** Drivers of parts of a file: HDF4 has one of its own. */
const PARTS: Readonly<Record<string, string>> = { HDF4: 'HDF4Image' };

/** The driver that opens a part of a file of this driver. */
export function partDriver(driver: string): string {
  return PARTS[driver] ?? driver;
}
