/** How large the data is; two sizes are used, one for measuring and one for a quick check. All sides in pixels. */
export type DataSize = {
  readonly name: 'full' | 'smoke';
  /** Side of the scenes that are read in windows, built into cubes and measured: a Sentinel-2 tile's at 10 m. */
  readonly scene: number;
  /** Side of a tile of every file. */
  readonly tile: number;
  /** Side of the files in other types and compressions: one tile more than a window on each axis. */
  readonly plain: number;
  /** Side of the window that is decoded, built and written: six tiles. */
  readonly window: number;
  readonly chip: number;
  /** Chips on distinct tiles, and windows that are read from all scenes. */
  readonly chips: { readonly distinct: number; readonly shared: number };
  /** Side of a chunk of the cubes that are built. */
  readonly chunk: number;
  /** Side of warped windows. */
  readonly warp: number;
  /** Polygons of one raster, of the series and of all scenes. */
  readonly polygons: { readonly one: number; readonly series: number; readonly scenes: number };
  /** Side and number of the rasters of the series. */
  readonly series: { readonly side: number; readonly dates: number };
  /** Files that are read over HTTP. */
  readonly remote: number;
  /** Files whose headers are scanned over HTTP. */
  readonly headers: number;
  /** References of the dataset that is written and opened: files, and rows and columns of chunks in each. */
  readonly references: { readonly files: number; readonly rows: number; readonly cols: number };
  /** Rasters of the series that make the virtual stack. */
  readonly stack: number;
  /** Polygons of published data sets. */
  readonly features: number;
};

export const SIZES: Readonly<Record<DataSize['name'], DataSize>> = {
  full: {
    name: 'full',
    scene: 10_980,
    tile: 1024,
    plain: 7168,
    window: 6144,
    chip: 256,
    chips: { distinct: 200, shared: 500 },
    chunk: 1024,
    warp: 2048,
    polygons: { one: 5000, series: 5000, scenes: 2000 },
    series: { side: 4096, dates: 24 },
    remote: 30,
    headers: 1000,
    references: { files: 1000, rows: 25, cols: 40 },
    stack: 8,
    features: 440_000,
  },
  smoke: {
    name: 'smoke',
    scene: 1100,
    tile: 128,
    plain: 896,
    window: 768,
    chip: 32,
    chips: { distinct: 50, shared: 20 },
    chunk: 384,
    warp: 256,
    polygons: { one: 60, series: 40, scenes: 30 },
    series: { side: 384, dates: 3 },
    remote: 6,
    headers: 40,
    references: { files: 20, rows: 10, cols: 10 },
    stack: 3,
    features: 2000,
  },
};

export const BANDS = ['blue', 'red', 'nir'] as const;
export const DATES = ['2024-06-07T10:16:21Z', '2024-06-17T10:16:19Z'] as const;
export const EPSG = 32_632;
/** Metres. */
export const PIXEL = 10;
/** Upper left corner of all files, in metres of UTM zone 32. */
export const ORIGIN = { x: 600_000, y: 5_340_000 } as const;

/** Path of one scene below the data folder. */
export function scenePath(date: number, band: (typeof BANDS)[number]): string {
  return `scenes/${date}/${band}.tif`;
}

/** All scenes, by date, then by band. */
export function scenePaths(): string[] {
  return DATES.flatMap((_, date) => BANDS.map((band) => scenePath(date, band)));
}

/** Path of one raster of the series. */
export function seriesPath(date: number): string {
  return `series/${String(date).padStart(2, '0')}.tif`;
}

/** Where the series stands as references, below the data folder; its one variable. */
export const STACK = {
  items: 'references/items.json',
  kerchunk: 'references/stack.json',
  icechunk: 'references/stack.icechunk',
  variable: 'blue',
} as const;

/** The polygons of published data sets, below the data folder. */
export const FEATURES = { lines: 'features/features.geojsonl', parquet: 'features/features.parquet' } as const;

/** Folder of the files that the references of the large dataset point at, below the data folder. */
export const PATTERN_FOLDER = 'references/pattern';

/** Side of a chunk of the Zarr arrays that are written and read. */
export const STORE_CHUNK = { full: 512, smoke: 128 } as const;
