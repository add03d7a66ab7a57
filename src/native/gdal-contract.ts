/** The part of the package `gdal-async` that we call. */
export type GdalModule = {
  readonly version: string;
  readonly config: { set(name: string, value: string): void };
  readonly drivers: { getNames(): string[] };
  openAsync(name: string, mode: 'r', drivers: readonly string[]): Promise<GdalDataset>;
};

/** An open dataset; only one call of a dataset runs at a time. */
export type GdalDataset = {
  readonly rasterSize: { readonly x: number; readonly y: number } | null;
  /** GDAL's order: c a b f d e. */
  readonly geoTransform: readonly number[] | null;
  readonly srs: GdalReference | null;
  readonly bands: {
    count(): number;
    get(band: number): GdalBand;
    getAsync(band: number): Promise<GdalBand>;
  };
  getMetadata(domain?: string): Readonly<Record<string, string>>;
  close(): void;
};

/** A spatial reference system. */
export type GdalReference = {
  toWKT(): string;
  getAuthorityName(key: string | null): string | null;
  getAuthorityCode(key: string | null): string | null;
};

/** A band, or one of its overviews. */
export type GdalBand = {
  readonly size: { readonly x: number; readonly y: number };
  readonly blockSize: { readonly x: number; readonly y: number };
  /** `Byte`, `UInt16`, `Float32` and so on. */
  readonly dataType: string | null;
  readonly noDataValue: number | null;
  readonly scale: number | null;
  readonly offset: number | null;
  readonly unitType: string | null;
  readonly description: string;
  getMetadata(domain?: string): Readonly<Record<string, string>>;
  readonly overviews: {
    count(): number;
    get(index: number): GdalBand;
    getAsync(index: number): Promise<GdalBand>;
  };
  readonly pixels: {
    readAsync(x: number, y: number, width: number, height: number, data: ArrayBufferView): Promise<unknown>;
  };
};
