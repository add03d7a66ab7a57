import { resolve } from 'node:path';
import { loadPgstac } from '../ingest/stac/load-pgstac.js';
import { searchPgstac } from '../ingest/stac/search-pgstac.js';
import { isLocal } from '../io/location.js';
import { interruptible } from './interrupt.js';
import { neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { boxOption, listOption, numberOption } from './parse-options.js';
import type { LakeOptions } from './with-lake-options.js';

type Database = CommonOptions & { readonly database: string; readonly collections?: string };

/** What `cube stac pgstac load` does. Never throws: the problem is printed and the exit code set. */
export async function runPgstacLoad(from: string | undefined, options: Database & LakeOptions): Promise<void> {
  try {
    const { database, collections } = options;
    const source =
      from === undefined ? { lake: await neededLake(options) } : { from: isLocal(from) ? resolve(from) : from };
    const wanted = collections === undefined ? {} : { collections: listOption(collections) };
    const report = await interruptible('the database is as it was', (signal) =>
      loadPgstac({ database, ...source, ...wanted, signal }),
    );
    for (const warning of report.warnings) process.stderr.write(`warning: ${warning}\n`);
    printResult(
      options,
      report,
      () => `${report.items} items and ${report.collections} collections written, ${report.leftOut} items left out`,
    );
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube stac pgstac search` does. Never throws. */
export async function runPgstacSearch(
  options: Database & {
    readonly bbox?: string;
    readonly datetime?: string;
    readonly ids?: string;
    readonly filter?: string;
    readonly limit: number;
    readonly ndjson?: boolean;
  },
): Promise<void> {
  try {
    const { database, bbox, datetime, collections, ids, filter, limit } = options;
    const { items, matched } = await interruptible('nothing is left behind', (signal) =>
      searchPgstac({
        database,
        limit: numberOption('--limit', limit, 1, 10_000_000),
        ...(bbox === undefined ? {} : { bbox: boxOption(bbox) }),
        ...(datetime === undefined ? {} : { datetime }),
        ...(collections === undefined ? {} : { collections: listOption(collections) }),
        ...(ids === undefined ? {} : { ids: listOption(ids) }),
        ...(filter === undefined ? {} : { filter }),
        signal,
      }),
    );
    if (options.ndjson === true) for (const item of items) process.stdout.write(`${JSON.stringify(item)}\n`);
    else {
      const collection = {
        type: 'FeatureCollection',
        numberMatched: matched,
        numberReturned: items.length,
        features: items,
      };
      printResult(options, collection, () =>
        items.map(({ collection: of, id }) => `${String(of)}  ${String(id)}`).join('\n'),
      );
    }
  } catch (error) {
    printError(options, error);
  }
}
