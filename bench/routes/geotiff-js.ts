import { readFileSync } from 'node:fs';
import { fromFile, Pool } from 'geotiff';
import { bytesOf, type Route } from '../route.js';

/** geotiff.js: decodes windows, in the main thread or in a pool of `workers`. */
export function openGeotiffJs(workers: number): Route {
  // The package does not export its package.json; this file is compiled to .heliocube/bench/bench/routes.
  const manifest = new URL('../../../../node_modules/geotiff/package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const pool = workers === 0 ? null : new Pool(workers);
  return {
    versions: `geotiff.js ${version}`,
    async run(job) {
      if (job.kind !== 'decode') throw new Error(`geotiff.js has no ${job.kind}`);
      const tiff = await fromFile(job.file);
      const image = await tiff.getImage(0);
      const { col, row, width, height } = job.window;
      const options = { window: [col, row, col + width, row + height], ...(pool === null ? {} : { pool }) };
      const rasters = await image.readRasters(options);
      tiff.close();
      const band = typeof rasters[0] === 'number' ? null : rasters[0];
      if (band === null || band === undefined) throw new Error(`${job.file}: geotiff.js gave no band`);
      return () => [bytesOf(band)];
    },
  };
}
