import { cellToLatLng, cellToParent, getPentagons, latLngToCell } from 'h3-js';
import { expect, it } from 'vitest';
import { openDuckDb } from '../../src/duckdb/connection.js';
import { FEATURES, PARENTS } from '../../src/ingest/tables.js';
import { seededRandom } from '../../src/sample/random.js';

it.each(PARENTS)('h3_r%i is the cell that H3 calls the parent, at pentagons too', async (resolution) => {
  const random = seededRandom(3);
  const places = Array.from({ length: 500 }, () => [180 * random() - 90, 360 * random() - 180] as const);
  const pentagons = getPentagons(15).map(cellToLatLng);
  const cells = [...places, ...pentagons].map(([lat, lon]) => latLngToCell(lat, lon, 15));
  const { expression } = FEATURES.columns.find(({ name }) => name === `h3_r${resolution}`)!;
  const db = await openDuckDb();
  try {
    const values = cells.map((cell, i) => `(${i}, ${BigInt(`0x${cell}`)}::UBIGINT)`).join(', ');
    const rows = await db.all(`SELECT ${expression} AS parent FROM (VALUES ${values}) t(i, h3_r15) ORDER BY i`);
    const found = rows.map(({ parent }) => BigInt(parent as bigint).toString(16));
    expect(found).toEqual(cells.map((cell) => cellToParent(cell, resolution)));
  } finally {
    await db.close();
  }
});
