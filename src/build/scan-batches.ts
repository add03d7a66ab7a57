import type { ReferenceLake } from '../lake/reference-lake.js';
import type { StoredRaster } from '../lake/reference-rows.js';

/** A commit takes a tenth of a second and leaves two files, so many rasters share one. */
const MOST_RASTERS = 512;
const MOST_REFERENCES = 2 ** 20;
/** What is scanned is safe after so long. */
const LONGEST_MS = 20_000;

/** Rasters on their way into the lake. One commit runs at a time, and whoever adds too fast waits for it. */
export class ScanBatches {
  levels = 0;
  references = 0;
  readonly #lake: ReferenceLake;
  readonly #taken = new Set<string>();
  #rasters: StoredRaster[] = [];
  #references = 0;
  #replace = false;
  #since = Date.now();
  #running: Promise<void> = Promise.resolve();

  constructor(lake: ReferenceLake) {
    this.#lake = lake;
  }

  /**
   * Take a raster; false where it was taken before, under another name. `replace`: the lake has rows of it. Problems: those
   * of a commit.
   */
  async add(raster: StoredRaster, replace: boolean): Promise<boolean> {
    const [first] = raster.levels;
    const key = `${first?.href}\n${first?.variable ?? ''}`;
    if (this.#taken.has(key)) return false;
    this.#taken.add(key);
    this.#rasters.push(raster);
    this.#references += raster.levels.reduce((sum, { chunks }) => sum + chunks, 0);
    this.#replace ||= replace;
    const full = this.#rasters.length >= MOST_RASTERS || this.#references >= MOST_REFERENCES;
    if (full || Date.now() - this.#since > LONGEST_MS) await this.#flush();
    return true;
  }

  /** Commit what is left, whether or not the scan was stopped. */
  async finish(): Promise<void> {
    await this.#flush();
  }

  #flush(): Promise<void> {
    const [rasters, replace] = [this.#rasters, this.#replace];
    const references = this.#references;
    this.#rasters = [];
    this.#references = 0;
    this.#replace = false;
    this.#since = Date.now();
    this.#running = this.#running.then(async () => {
      if (rasters.length === 0) return;
      await this.#lake.commit(rasters, { replace });
      this.levels += rasters.reduce((sum, { levels }) => sum + levels.length, 0);
      this.references += references;
    });
    return this.#running;
  }
}
