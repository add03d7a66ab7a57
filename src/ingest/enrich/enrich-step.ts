import type { DuckDb } from '../../duckdb/connection.js';
import type { FilledTable } from '../../lake/tables.js';
import type { PlacedSite } from './admin-shares.js';
import type { EnrichmentSource } from './tables.js';

/** One table of enrichment that can be made. All that its rows depend on but the sites is told before anything heavy is read. */
export type EnrichStep = {
  readonly kind: 'admin' | 'buildings' | 'land' | 'scores';
  readonly rulesVersion: number;
  /** Settings that the rows depend on. */
  readonly options: unknown;
  readonly sources: readonly EnrichmentSource[];
  make(db: DuckDb, sites: readonly PlacedSite[], signal?: AbortSignal): Promise<MadeTable>;
};

/** The rows of a step. */
export type MadeTable = {
  readonly filled: FilledTable;
  readonly counts: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
};
