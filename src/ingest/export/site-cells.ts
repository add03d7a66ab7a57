import type { DuckDb } from '../../duckdb/connection.js';
import type { LonLatBox } from './survey-source.js';

/** How many sites lie in each square of a grid in degrees; empty squares are left out. */
export type SiteCells = {
  /** The grid's south-west corner and the side of a square. */
  readonly west: number;
  readonly south: number;
  readonly step: number;
  /** Squares to the east and to the north. */
  readonly columns: number;
  readonly rows: number;
  readonly cells: readonly { readonly column: number; readonly row: number; readonly sites: number }[];
};

/** Squares along the longer side of a map. */
const SQUARES = 220;

/** Degrees of map around the outermost sites, as a share of the extent and at least. */
const MARGIN = 0.05;
const LEAST_MARGIN = 0.25;

/** Count the sites of the attached lake in squares that cover the box and a margin. */
export async function readSiteCells(database: DuckDb, box: LonLatBox): Promise<SiteCells> {
  const [west, south, east, north] = withMargin(box);
  const step = Math.max(east - west, north - south) / SQUARES;
  const rows = await database.all(
    `SELECT CAST(floor((lon - ${west}::DOUBLE) / ${step}::DOUBLE) AS DOUBLE) AS col, CAST(floor((lat - ${south}::DOUBLE) / ${step}::DOUBLE) AS DOUBLE) AS row,
       count(*)::DOUBLE AS sites FROM sites WHERE lon IS NOT NULL AND lat IS NOT NULL GROUP BY ALL ORDER BY ALL`,
  );
  return {
    west,
    south,
    step,
    columns: Math.ceil((east - west) / step - 1e-9),
    rows: Math.ceil((north - south) / step - 1e-9),
    cells: rows.map(({ col, row, sites }) => ({ column: Number(col), row: Number(row), sites: Number(sites) })),
  };
}

function withMargin([xmin, ymin, xmax, ymax]: LonLatBox): LonLatBox {
  const margin = Math.max(LEAST_MARGIN, MARGIN * Math.max(xmax - xmin, ymax - ymin));
  return [
    Math.max(-180, xmin - margin),
    Math.max(-90, ymin - margin),
    Math.min(180, xmax + margin),
    Math.min(90, ymax + margin),
  ];
}
