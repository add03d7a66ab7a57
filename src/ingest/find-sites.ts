import type { DuckDb } from '../duckdb/connection.js';
import { throwIfAborted } from '../io/abort.js';
import { Deduplicator, type Deduplicated } from '../sites/deduplicate.js';
import type { DedupRules } from '../sites/site-feature.js';
import { readSiteFeatures } from './read-site-features.js';

/** What is deduplicated. */
export type FindSitesOptions = {
  /** Data sets whose features are left out. */
  readonly without?: readonly string[];
  readonly signal?: AbortSignal | undefined;
};

/** Deduplicate the features of the attached lake, and count them. */
export async function findSites(
  database: DuckDb,
  rules: DedupRules,
  { without = [], signal }: FindSitesOptions,
): Promise<Deduplicated & { readonly features: number }> {
  const all = new Deduplicator();
  let features = 0;
  for await (const feature of readSiteFeatures(database, without)) {
    if (features++ % 4096 === 0) throwIfAborted(signal);
    all.add(feature);
  }
  return { ...all.finish(rules), features };
}
