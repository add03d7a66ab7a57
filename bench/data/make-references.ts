import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildReferences } from '../../src/build/build-references.js';
import { icechunkStatus } from '../../src/native/load.js';
import { seriesCollection } from './items.js';
import { writePattern } from './reference-pattern.js';
import { PATTERN_FOLDER, STACK, type DataSize } from './sizes.js';

/** Changes whenever what this module writes does. */
const VERSION = 1;

/**
 * The first rasters of the series as one virtual array, as a kerchunk file and, where the binding is built, as an Icechunk
 * repository; and the files that a large dataset of references points at. What `makeData` wrote is there.
 */
export async function makeReferences(folder: string, size: DataSize): Promise<void> {
  const icechunk = icechunkStatus().kind === 'loaded';
  const place = join(folder, 'references');
  const stamp = join(place, 'made.txt');
  const key = JSON.stringify([VERSION, icechunk, folder]);
  if ((await readFile(stamp, 'utf8').catch(() => '')) === key) return;
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  await writeFile(join(folder, STACK.items), JSON.stringify(seriesCollection(size.series.side, size.stack)));
  await buildReferences({
    spec: { name: 'bench', source: { stac: join(folder, STACK.items) }, bands: [STACK.variable] },
    kerchunk: join(folder, STACK.kerchunk),
    ...(icechunk ? { icechunk: join(folder, STACK.icechunk) } : {}),
  });
  await writePattern(join(folder, PATTERN_FOLDER), size.references);
  await writeFile(stamp, key);
}
