import { randomUUID } from 'node:crypto';
import { onAbort, throwIfAborted } from '../io/abort.js';
import type { ObjectIdentity } from '../io/byte-source.js';
import type { Raster } from '../raster/raster.js';
import { rasterKey, type RasterIndex, type RasterName } from '../raster/raster-index.js';
import { LAKE, openSession, withAttached, withoutSecrets } from './attach.js';
import type { LakeLocation, LakeSession } from './attach.js';
import { text } from './column.js';
import { commitReferences } from './commit-references.js';
import { matchLevels } from './match-levels.js';
import { readReferences } from './read-references.js';
import type { StoredRaster } from './reference-rows.js';
import { restoreRaster } from './restore-raster.js';
import { damagedRows, rulesOf } from './stored-parts.js';
import { hasTable } from './schema.js';
import { levelColumns, parseFoundLevel, type FoundLevel } from './select-levels.js';
import { dropStaged, stageTables } from './stage.js';
import { filled, SCHEMA } from './tables.js';
import type { Table } from './tables.js';
import { inWriteQueue } from './turns.js';

/** Where a lake is, and how long a locked catalog is waited for. */
export type ReferenceLakeOptions = LakeLocation & { readonly signal?: AbortSignal; readonly lockTimeoutMs?: number };

/** What is known of a raster without its references. */
export type KnownRaster = {
  /** Of the one file behind all levels, or null. */
  readonly identity: ObjectIdentity | null;
  readonly levelIds: ReadonlySet<string>;
};

type Options = { readonly signal?: AbortSignal };

const WANTED: Table<RasterName> = {
  name: 'wanted_rasters',
  comment: '',
  sortedBy: [],
  columns: [text('href', ({ url }) => url)],
};

/** Open a lake for its references; nothing stays locked between calls, and nothing is there yet but DuckDB. */
export async function openReferenceLake(options: ReferenceLakeOptions): Promise<ReferenceLake> {
  return new ReferenceLake(await openSession(options, { spatial: false }), options);
}

/** The tables `levels` and `refs` of a lake. As an index it must be there; `known` and `commit` create it. */
export class ReferenceLake implements RasterIndex {
  readonly #session: LakeSession;
  readonly #options: ReferenceLakeOptions;

  constructor(session: LakeSession, options: ReferenceLakeOptions) {
    this.#session = session;
    this.#options = options;
  }

  /**
   * Rasters that may be read unseen, because every chunk lies in the file that was opened and a changed file can be told.
   * Problem: `lake` for rows that are not what was stored.
   */
  async find(names: readonly RasterName[], options: Options = {}): Promise<ReadonlyMap<string, Raster>> {
    return this.#restore(names, options, (rows) => rows.every(isGuarded));
  }

  /** All that is stored, stores whose chunks are objects too: whether they have changed since, nothing tells. */
  async read(names: readonly RasterName[], options: Options = {}): Promise<ReadonlyMap<string, Raster>> {
    return this.#restore(names, options, () => true);
  }

  /** What is stored of rasters, by `rasterKey`, without their references; of rows that are broken, nothing. */
  async known(names: readonly RasterName[], options: Options = {}): Promise<ReadonlyMap<string, KnownRaster>> {
    const broken = new Set<string>();
    const found = await inWriteQueue(() =>
      this.#attached(false, options, () => this.#select(names, (href) => broken.add(href))),
    );
    const known = new Map(Array.from(found, ([key, rows]) => [key, knownRaster(rows)] as const));
    for (const name of names) {
      if (broken.has(name.url)) known.set(rasterKey(name), { identity: null, levelIds: new Set() });
    }
    return known;
  }

  /** Put rasters into the lake in one transaction; `replace`: some of them are there already. */
  commit(rasters: readonly StoredRaster[], { replace, signal }: Options & { replace: boolean }): Promise<void> {
    const { lockTimeoutMs } = this.#options;
    return inWriteQueue(() =>
      commitReferences(this.#session, { runId: randomUUID(), rasters, replace }, { signal, lockTimeoutMs }).catch(
        (error: unknown) => {
          throw withoutSecrets(error, this.#session);
        },
      ),
    );
  }

  async close(): Promise<void> {
    await inWriteQueue(() => this.#session.database.close());
  }

  #restore(
    names: readonly RasterName[],
    options: Options,
    isWanted: (rows: readonly FoundLevel[]) => boolean,
  ): Promise<ReadonlyMap<string, Raster>> {
    return this.#attached(true, options, async () => {
      const found = [...(await this.#select(names))].filter(([, rows]) => isWanted(rows));
      const rows = new Map(found.flatMap(([, each]) => each).map((row) => [row.levelId, row]));
      const lists = await readReferences(this.#session.database, [...rows.values()]);
      return new Map(found.map(([key, each]) => [key, restoreRaster(each.map(withoutRun), lists)]));
    });
  }

  /** Rows of the newest scan of each raster. */
  async #select(
    names: readonly RasterName[],
    onBroken: (href: string, what: string) => void = throwDamaged,
  ): Promise<Map<string, FoundLevel[]>> {
    const { database } = this.#session;
    if (names.length === 0 || !(await hasTable(database, LAKE, 'levels'))) return new Map();
    const wanted = [filled(WANTED, names)];
    try {
      await stageTables(database, wanted);
      const rows = await database.all(
        `SELECT ${levelColumns()} FROM ${LAKE}.${SCHEMA}.levels
         WHERE href IN (SELECT href FROM temp.staged_${WANTED.name})`,
      );
      const sound = rows.flatMap((row) => {
        const parsed = parseFoundLevel(row);
        if (typeof parsed !== 'string') return [parsed];
        onBroken(String(row['href']), parsed);
        return [];
      });
      return matchLevels(names, sound);
    } finally {
      await dropStaged(database, wanted);
    }
  }

  #attached<T>(readOnly: boolean, options: Options, action: () => Promise<T>): Promise<T> {
    const { lockTimeoutMs } = this.#options;
    const signal = options.signal ?? this.#options.signal;
    return withAttached(this.#session, { readOnly, signal, lockTimeoutMs }, async () => {
      const off = onAbort(signal, () => this.#session.database.connection.interrupt());
      try {
        return await action();
      } catch (error) {
        throwIfAborted(signal);
        throw error;
      } finally {
        off();
      }
    });
  }
}

/** Whether the first read of a chunk checks the very file that the header was read from. */
function isGuarded(row: FoundLevel): boolean {
  const rule = rulesOf(row);
  const told = row.size !== null && (row.etag !== null || row.modifiedMs !== null);
  return told && rule.kind === 'ranges' && rule.url === row.href;
}

function withoutRun(found: FoundLevel): Omit<FoundLevel, 'runId'> {
  const { runId: _, ...row } = found;
  return row;
}

function throwDamaged(href: string, what: string): never {
  throw damagedRows(href, what);
}

function knownRaster(rows: readonly FoundLevel[]): KnownRaster {
  const { size, etag, modifiedMs } = rows[0]!;
  const identity = size === null ? null : { size, etag, ...(modifiedMs === null ? {} : { modifiedMs }) };
  return { identity, levelIds: new Set(rows.map(({ levelId }) => levelId)) };
}
