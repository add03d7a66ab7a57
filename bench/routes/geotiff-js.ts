import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fromFile, Pool } from 'geotiff';
import { bytesOf, type Route } from '../route.js';

/** geotiff.js: decodes windows, in the main thread or in a pool of `workers`. */
export function openGeotiffJs(workers: number): Route {
  // The package does not export its package.json, so it is found beside the entry.
  const entry = createRequire(import.meta.url).resolve('geotiff');
  const manifest = readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
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
