import { openSession, withAttached, type LakeLocation } from '../../src/lake/attach.js';

/** Schemas of the models that come with the package. */
const SCHEMAS = "('raw', 'staging', 'prepared', 'curated')";

/** Types and rows of every table and view of the models, by name; rows in an order of their own, geometry as text. */
export async function dumpModels(lake: LakeLocation): Promise<Record<string, unknown>> {
  const session = await openSession(lake);
  const { database } = session;
  const dump: Record<string, unknown> = {};
  try {
    await withAttached(session, { readOnly: true }, async () => {
      const places = await database.all(
        `SELECT schema_name || '.' || table_name AS place, list(column_name || ' ' || data_type ORDER BY column_index) AS types
         FROM duckdb_columns() WHERE database_name = 'lake' AND schema_name IN ${SCHEMAS} GROUP BY ALL ORDER BY place`,
      );
      for (const { place, types } of places) {
        const rows = await database.all(`SELECT t::VARCHAR AS row FROM lake.${String(place)} AS t ORDER BY row`);
        dump[String(place)] = { types, rows: rows.map(({ row }) => row) };
      }
    });
  } finally {
    await database.close();
  }
  return dump;
}
