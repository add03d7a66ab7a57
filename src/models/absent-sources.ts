import type { DuckDb } from '../duckdb/connection.js';
import { LAKE } from '../lake/attach.js';
import { upstreamOf } from './graph.js';
import type { Model, ModelProject } from './project.js';

/** Sources that the lake has no table of, by name, and whether they may be absent; `empty` ones read as tables without rows. */
export type AbsentSources = ReadonlyMap<string, 'optional' | 'needed' | 'empty'>;

/** Those of the project's sources that the attached lake does not have. */
export async function absentSources(database: DuckDb, { sources }: ModelProject): Promise<AbsentSources> {
  const rows = await database.all(
    `SELECT schema_name || '.' || table_name AS place FROM duckdb_tables() WHERE database_name = $1
     UNION ALL SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE database_name = $1`,
    [LAKE],
  );
  const present = new Set(rows.map(({ place }) => place));
  const absent = [...sources.values()].filter(({ schema, table }) => !present.has(`${schema}.${table}`));
  return new Map(
    absent.map(({ name, optional, emptyColumns }) => [
      name,
      emptyColumns !== null ? 'empty' : optional ? 'optional' : 'needed',
    ]),
  );
}

/** The first of the absent sources that is read, directly or by way of models, or null; those that are needed first. */
export function missingSource(
  { refs, sources }: Pick<Model, 'refs' | 'sources'>,
  { models }: ModelProject,
  absent: AbsentSources,
): { readonly name: string; readonly optional: boolean } | null {
  const read = [...sources, ...[...upstreamOf(models, refs)].flatMap((name) => models.get(name)!.sources)];
  const missing = read.filter((name) => absent.has(name) && absent.get(name) !== 'empty');
  const name = missing.find((one) => absent.get(one) === 'needed') ?? missing[0];
  return name === undefined ? null : { name, optional: absent.get(name) === 'optional' };
}
