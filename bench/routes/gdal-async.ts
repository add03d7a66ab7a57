import { bytesOf, RouteAbsent, type Route } from '../route.js';

/** The part of gdal-async that is used. */
type Gdal = {
  readonly version: string;
  open(path: string): GdalDataset;
};
type GdalDataset = {
  readonly bands: {
    get(index: number): { readonly pixels: { read(x: number, y: number, w: number, h: number): Uint16Array } };
  };
  close(): void;
};

/** gdal-async where it is installed: it is large and often needs a build, so it is no dependency. */
export async function openGdalAsync(): Promise<Route> {
  const gdal = await loadGdal();
  return {
    versions: `gdal-async with GDAL ${gdal.version}`,
    async run(job) {
      if (job.kind !== 'decode') throw new Error(`gdal-async is not compared on ${job.kind}`);
      const { col, row, width, height } = job.window;
      const dataset = gdal.open(job.file);
      const samples = dataset.bands.get(1).pixels.read(col, row, width, height);
      dataset.close();
      return () => [bytesOf(samples)];
    },
  };
}

async function loadGdal(): Promise<Gdal> {
  // Not a literal, so that the compiler does not look for the package.
  const name: string = 'gdal-async';
  try {
    const module = (await import(name)) as { readonly default: Gdal };
    return module.default;
  } catch (error) {
    throw new RouteAbsent(`gdal-async does not load (${(error as { code?: string }).code ?? String(error)})`);
  }
}
