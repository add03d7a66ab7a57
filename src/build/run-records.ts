import { formatCrs } from '../grid/crs-definition.js';
import { redactUrl } from '../errors.js';
import type { AssetRow, ItemRow, RunRecords, RunRow } from '../cube/records.js';
import { bandNames } from '../cube/plan-bands.js';
import { reduceLabels } from '../cube/reduce-labels.js';
import type { TaskResult } from '../cube/task-result.js';
import type { StacItem } from '../stac/item.js';
import { isPostgres } from './output-paths.js';
import type { PreparedBuild } from './prepare.js';

/** Everything that a finished build commits to the lake. */
export function runRecords(prepared: PreparedBuild, results: readonly TaskResult[], run: RunRow): RunRecords {
  const timesMs = prepared.times.map(({ timeMs }) => timeMs);
  const labelStats = reduceLabels(
    results,
    timesMs,
    new Map(prepared.context.bands.map(({ name, dtype }) => [name, dtype])),
  );
  const used = new Set(results.flatMap(({ labels }) => labels.map(({ labelId }) => labelId)));
  return {
    run,
    items: itemRows(prepared),
    assets: assetRows(prepared),
    labels: (prepared.labels?.labels ?? []).filter(({ labelId }) => used.has(labelId)),
    chunks: results.flatMap(({ chunks }) => chunks),
    failures: results.flatMap(({ failures }) => failures),
    labelStats,
    quarantine: prepared.labels?.quarantine ?? [],
  };
}

/** The specification as it may be stored: no secrets in URLs or connection strings. */
export function storableSpec({ spec }: Pick<PreparedBuild, 'spec'>): string {
  const source = spec.source.map((one) => ({ ...one, stac: redactUrl(one.stac) }));
  const { lake } = spec.output;
  const output = {
    ...spec.output,
    ...(lake === undefined ? {} : { lake: isPostgres(lake) ? 'postgres:…' : lake }),
  };
  const labels = spec.labels === undefined ? {} : { labels: { ...spec.labels, path: redactUrl(spec.labels.path) } };
  return JSON.stringify({ ...spec, ...labels, source, output });
}

function itemRows({ times, items, dropped, candidates }: PreparedBuild): ItemRow[] {
  const places = new Map<StacItem, { timeIndex: number; solarDay: number }>();
  for (const [timeIndex, { members, solarDay }] of times.entries()) {
    for (const { item } of members) if (!places.has(item)) places.set(item, { timeIndex, solarDay });
  }
  const opened = new Set(candidates.map(({ item }) => item));
  const reasons = new Map(dropped.map(({ item, reason }) => [item, reason]));
  const all = new Map([...items, ...dropped.map(({ item }) => item)].map((item) => [`${item.url}\n${item.id}`, item]));
  return [...all.values()].map((item) => {
    const place = places.get(item) ?? null;
    const unused = reasons.get(item) ?? (opened.has(item) ? null : 'no time step in the requested interval');
    return {
      itemId: item.id,
      collection: item.collection,
      datetime: item.timeMs,
      solarDay: place?.solarDay ?? null,
      timeIndex: place?.timeIndex ?? null,
      geometry: item.geometry === null ? null : JSON.stringify(item.geometry),
      bbox: item.bbox,
      properties: JSON.stringify(item.properties),
      used: place !== null,
      reasonUnused: place === null ? unused : null,
    };
  });
}

function assetRows({ spec, candidates }: PreparedBuild): AssetRow[] {
  const names = bandNames(spec);
  const rows = new Map<string, AssetRow>();
  for (const { item, bands } of candidates) {
    for (const [index, source] of bands.entries()) {
      if (source === null) continue;
      const level = source.raster.levels[0]!;
      rows.set(`${item.url}\n${item.id}\n${index}`, {
        itemId: item.id,
        band: names[index]!,
        href: redactUrl(source.href),
        crs: level.crs === null ? null : formatCrs(level.crs),
        transform: level.transform,
        shape: level.shape,
        dtype: level.dtype,
        nodata: source.nodata.flat(),
        scale: source.scale,
        offset: source.offset,
        etag: level.identity?.etag ?? null,
        size: level.identity?.size ?? null,
      });
    }
  }
  return [...rows.values()];
}
