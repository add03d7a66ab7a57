import { resolve } from 'node:path';
import { CubeError } from '../errors.js';
import { searchStac, type StacSearchInput, type StacSearchResult } from '../ingest/stac/search-stac.js';
import { isObject, type JsonObject } from '../stac/json.js';
import { interruptible } from './interrupt.js';
import { neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { boxOption, datetimeOption, listOption, numberOption } from './parse-options.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of `cube search`, as they were typed. */
export type SearchOptions = CommonOptions &
  LakeOptions & {
    readonly cell?: readonly string[];
    readonly s2Cell?: readonly string[];
    readonly site?: readonly string[];
    readonly label?: string;
    readonly bbox?: string;
    readonly intersects?: string;
    readonly covers?: boolean;
    readonly datetime?: string;
    readonly cloudCover?: number;
    readonly collections?: string;
    readonly ids?: string;
    readonly filter?: string;
    readonly limit: number;
    readonly ndjson?: boolean;
  };

/** What `cube search` does. Never throws: the problem is printed and the exit code set. */
export async function runSearch(options: SearchOptions): Promise<void> {
  try {
    if (options.json === true && options.ndjson === true)
      throw new CubeError({ kind: 'invalid-argument', what: '--json and --ndjson exclude each other' });
    const lake = await neededLake(options);
    const wanted = inputOf(options);
    const result = await interruptible('nothing is left behind', (signal) => searchStac({ lake, ...wanted, signal }));
    if (options.ndjson === true) {
      for (const item of result.items) process.stdout.write(`${JSON.stringify(item)}\n`);
    } else printResult(options, collectionOf(result), () => describe(result));
    if (result.matched > result.items.length)
      process.stderr.write(`${result.items.length} of ${result.matched} items; --limit gives more\n`);
  } catch (error) {
    printError(options, error);
  }
}

function inputOf(options: SearchOptions): Omit<StacSearchInput, 'lake'> {
  const { cell, s2Cell, site, label, bbox, intersects, datetime, cloudCover, collections, ids, filter } = options;
  return {
    covers: options.covers === true,
    limit: numberOption('--limit', options.limit, 0, 1e9),
    ...(cell === undefined ? {} : { cells: cell }),
    ...(s2Cell === undefined ? {} : { s2Cells: s2Cell }),
    ...(site === undefined ? {} : { sites: site }),
    ...(label === undefined ? {} : { labels: resolve(label) }),
    ...(bbox === undefined ? {} : { bbox: boxOption(bbox) }),
    ...(intersects === undefined ? {} : { intersects }),
    ...(datetime === undefined ? {} : { datetime: datetimeOption(datetime) }),
    ...(cloudCover === undefined ? {} : { maxCloudCover: numberOption('--cloud-cover', cloudCover, 0, 100) }),
    ...(collections === undefined ? {} : { collections: listOption(collections) }),
    ...(ids === undefined ? {} : { ids: listOption(ids) }),
    ...(filter === undefined ? {} : { filter }),
  };
}

function collectionOf({ items, matched }: StacSearchResult): object {
  return { type: 'FeatureCollection', numberMatched: matched, numberReturned: items.length, features: items };
}

function describe({ items }: StacSearchResult): string {
  return items.length === 0 ? 'no items' : items.map(describeItem).join('\n');
}

/** Time, cloud cover, collection and id. */
function describeItem({ id, collection = '', properties }: JsonObject): string {
  const { datetime, start_datetime: start, 'eo:cloud_cover': cloud } = isObject(properties) ? properties : {};
  const percent = typeof cloud === 'number' ? `${cloud.toFixed(1)} %` : '';
  return `${String(datetime ?? start ?? '').padEnd(27)} ${percent.padStart(7)}  ${String(collection)}  ${String(id)}`;
}
