import { CubeError } from '../../errors.js';
import { gdalModule } from '../../native/gdal.js';
import type { GdalDataset } from '../../native/gdal-contract.js';

/** What is opened: a name that one driver understands, and what tells one version of the file from the next. */
export type DatasetKey = {
  readonly url: string;
  readonly name: string;
  readonly driver: string;
  readonly version: string;
};

type Opened = { readonly dataset: Promise<GdalDataset>; users: number; usedAt: number };

/** Open at a time; those in use may be more. */
const MAX_OPEN = 16;
/** A dataset that nobody reads for so long is closed. */
const IDLE_MS = 2000;

/** Of this process. */
const opened = new Map<string, Opened>();
let timer: NodeJS.Timeout | null = null;

/** Run `use` with the dataset, which is opened once and closed a while after its last use. Problem: `invalid-data`. */
export async function withDataset<T>(key: DatasetKey, use: (dataset: GdalDataset) => Promise<T>): Promise<T> {
  const id = JSON.stringify([key.driver, key.name, key.version]);
  const entry = opened.get(id) ?? { dataset: openDataset(key), users: 0, usedAt: 0 };
  opened.set(id, entry);
  entry.users++;
  try {
    return await use(await entry.dataset);
  } catch (error) {
    throw gdalProblem(key.url, error);
  } finally {
    entry.users--;
    entry.usedAt = Date.now();
    await tidy();
  }
}

/** Open a dataset that the caller closes. Problems: `missing-component`, `unsupported` where the driver is absent, `invalid-data`. */
export async function openDataset({ url, name, driver }: Omit<DatasetKey, 'version'>): Promise<GdalDataset> {
  const gdal = gdalModule();
  if (!gdal.drivers.getNames().includes(driver)) {
    const fix = 'install a GDAL that has it, then `npm run setup:gdal`';
    throw new CubeError({
      kind: 'unsupported',
      url,
      feature: `GDAL ${gdal.version} without its driver ${driver}`,
      fix,
    });
  }
  try {
    return await gdal.openAsync(name, 'r', [driver]);
  } catch (error) {
    throw gdalProblem(url, error);
  }
}

/** GDAL's own words about a file that it does not read. */
function gdalProblem(url: string, error: unknown): CubeError {
  if (error instanceof CubeError) return error;
  const what = `GDAL: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500);
  return new CubeError({ kind: 'invalid-data', url, what }, { cause: error });
}

/** Close what has been idle for long, or is too many. */
async function tidy(): Promise<void> {
  const idle = [...opened].filter(([, { users }]) => users === 0).sort(([, a], [, b]) => a.usedAt - b.usedAt);
  const surplus = opened.size - MAX_OPEN;
  for (const [i, [id, { dataset, usedAt }]] of idle.entries()) {
    if (i >= surplus && Date.now() - usedAt < IDLE_MS) continue;
    opened.delete(id);
    // A dataset that did not open has nothing to close, and its error was told.
    await dataset.then((open) => open.close()).catch(() => {});
  }
  if (timer !== null || opened.size === 0) return;
  timer = setTimeout(() => {
    timer = null;
    void tidy();
  }, IDLE_MS).unref();
}
