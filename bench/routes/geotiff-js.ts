import { fromFile, Pool } from 'geotiff';
import { bytesOf, notCompared, type Route } from '../route.js';
import { packageVersion } from './package-version.js';

/** geotiff.js: decodes windows in a pool of `workers`; 0: in the main thread. */
export function openGeotiffJs(workers: number): Route {
  const pool = workers === 0 ? null : new Pool(workers);
  return {
    versions: `geotiff.js ${packageVersion('geotiff')}`,
    async prepare(job) {
      if (job.kind !== 'windows') throw notCompared('geotiff.js', job.kind);
      return async () => {
        const pieces: Uint8Array[] = [];
        for (const [file, { col, row, width, height }] of job.reads) {
          const tiff = await fromFile(job.files[file]!);
          const image = await tiff.getImage(0);
          const options = { window: [col, row, col + width, row + height], ...(pool === null ? {} : { pool }) };
          const [band] = await image.readRasters(options);
          tiff.close();
          if (band === undefined || typeof band === 'number') throw new Error(`geotiff.js gave no band`);
          pieces.push(bytesOf(band));
        }
        return { result: () => pieces };
      };
    },
  };
}
