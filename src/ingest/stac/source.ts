import { resolveLocation } from '../../io/location.js';
import type { LonLatBox } from '../../stac/item-box.js';
import type { StacManifestSource } from './parse-manifest.js';
import { findProvider } from './providers.js';

/** One catalogue to fetch from, whatever named it. */
export type StacSource = {
  readonly name: string;
  /** Absolute URL or path. */
  readonly href: string;
  /** Why nothing is read, or null. */
  readonly skipped: string | null;
  readonly collections: readonly string[] | null;
  readonly datetime: string | null;
  /** Percent. */
  readonly maxCloudCover: number | null;
  readonly bufferM: number;
  /** Of one place. */
  readonly maxItems: number | null;
  readonly filter: string | null;
  readonly bbox: LonLatBox | null;
  readonly priority: number;
};

/** What a command says for all catalogues; it wins over the manifest. */
export type SourceOverrides = {
  readonly collections?: readonly string[];
  readonly datetime?: string;
  readonly maxCloudCover?: number;
  readonly bufferM?: number;
  readonly maxItems?: number;
  readonly filter?: string;
  readonly bbox?: LonLatBox;
};

/** A catalogue of a manifest that lies in `folder`. */
export function sourceOfEntry(entry: StacManifestSource, folder: string, overrides: SourceOverrides): StacSource {
  const provider = findProvider(entry.provider ?? entry.catalog_uri ?? '');
  const isStatic = entry.catalog_type === 'static' || (entry.catalog_type == null && provider?.kind === 'static');
  const named = (isStatic ? entry.parquet_uri : null) ?? entry.catalog_uri ?? entry.parquet_uri ?? provider?.href ?? '';
  const whole = provider?.wholeCatalogue ?? [];
  const wanted = entry.include_collections ?? null;
  const search = entry.search_parameters ?? {};
  return overridden(
    {
      name: entry.name,
      href: resolveLocation(named, `${folder}/`),
      skipped: entry.skip
        ? 'the manifest skips it'
        : entry.data_type === 'vector'
          ? 'it is vector data, not imagery'
          : null,
      collections: wanted === null || wanted.some((name) => whole.includes(name)) ? null : wanted,
      datetime: search.date_range ?? null,
      maxCloudCover: search.max_cloud_cover ?? null,
      bufferM: search.buffer_meters ?? 0,
      maxItems: search.max_items_per_location ?? null,
      filter: entry.cql_filter ?? null,
      bbox: entry.bbox == null ? null : [entry.bbox[0]!, entry.bbox[1]!, entry.bbox[2]!, entry.bbox[3]!],
      priority: entry.priority,
    },
    overrides,
  );
}

/** A catalogue that a command names by provider, URL or path. */
export function sourceOfHref(named: string, folder: string, overrides: SourceOverrides): StacSource {
  const provider = findProvider(named);
  const plain: StacSource = {
    name: named,
    href: provider?.name === named ? provider.href : resolveLocation(named, `${folder}/`),
    skipped: null,
    collections: null,
    datetime: null,
    maxCloudCover: null,
    bufferM: 0,
    maxItems: null,
    filter: null,
    bbox: null,
    priority: 100,
  };
  return overridden(plain, overrides);
}

function overridden(source: StacSource, overrides: SourceOverrides): StacSource {
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  return { ...source, ...Object.fromEntries(given) };
}
