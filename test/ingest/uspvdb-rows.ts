import { readFileSync } from 'node:fs';
import { cellToParent, latLngToCell } from 'h3-js';
import { sharedPath } from '../shared.js';

type Row = Readonly<Record<string, unknown>>;

const MOUNTS: Readonly<Record<string, string>> = {
  'fixed-tilt': 'fixed',
  'single-axis': 'single_axis',
  'dual-axis': 'dual_axis',
};

/**
 * All rows of USPVDB as its codebook has them, harmonised a second time by plain code that shares nothing with ours: a row of `features` by
 * column, and the source's own columns as text.
 */
export function readUspvdb(): { readonly row: Row; readonly source: Readonly<Record<string, string | null>> }[] {
  const [header, ...lines] = readFileSync(sharedPath('data/pv/uspvdb/uspvdb_v1_land_cover.csv'), 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const names = cellsOf(header!);
  return lines.map((line, i) => {
    const cells = cellsOf(line);
    if (cells.length !== names.length) throw new Error(`line ${i + 2} has ${cells.length} cells`);
    const source = Object.fromEntries(names.map((name, k) => [name, cells[k] === 'NA' ? null : cells[k]!]));
    return { row: harmonised(source, i + 1), source: Object.fromEntries(names.map((name, k) => [name, cells[k]!])) };
  });
}

function harmonised(source: Readonly<Record<string, string | null>>, record: number): Row {
  const number = (name: string) => (source[name] == null ? null : Number(source[name]));
  const [lon, lat] = [number('xlong')!, number('ylat')!];
  const cell = latLngToCell(lat, lon, 15);
  const [ac, dc] = [number('p_cap_ac'), number('p_cap_dc')];
  const year = source['p_year'] ?? null;
  const parent = (resolution: number) => cellToParent(cell, resolution);
  return {
    native_id: source['case_id'],
    record,
    part: 1,
    source_file: 'uspvdb_v1_land_cover.csv',
    geom_kind: 'point',
    raw_valid: true,
    repair: null,
    xmin: lon,
    ymin: lat,
    xmax: lon,
    ymax: lat,
    lon,
    lat,
    area_geod_m2: null,
    area_src_m2: number('p_area'),
    area_src_unit: 'm2',
    area_src_kind: 'site',
    area_ratio: null,
    cap_dc_mw: dc,
    cap_ac_mw: ac,
    cap_kind: ac === null && dc === null ? null : 'reported',
    inst_start: year === null ? null : `${year}-01-01`,
    inst_end: year === null ? null : `${year}-12-31`,
    observed_at: dayOf(source['p_img_date'] ?? null),
    mount: mountOf(source['p_axis'] ?? null),
    tilt_deg: number('p_tilt'),
    azimuth_deg: number('p_azimuth'),
    setting: 'ground',
    confidence: source['p_dig_conf'] == null ? null : Number(source['p_dig_conf']) / 4,
    conf_src: source['p_dig_conf'] == null ? null : 'p_dig_conf',
    country_iso3: 'USA',
    admin1: source['p_state'],
    h3_r15: cell,
    h3_r5: parent(5),
    h3_r7: parent(7),
    h3_r9: parent(9),
    h3_r12: parent(12),
    // Not always the parent: cells of H3 do not nest in space.
    h3_cover: `[${latLngToCell(lat, lon, 9)}]`,
  };
}

/** YYYYMMDD; two rows have what is no day, a 39th of April and a 15th month. */
function dayOf(text: string | null): string | null {
  if (text === null) return null;
  const day = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  return Number.isNaN(Date.parse(day)) ? null : day;
}

/** One kind of axis, or several with commas between them. */
function mountOf(axis: string | null): string | null {
  return axis === null ? null : axis.includes(',') ? 'mixed' : MOUNTS[axis]!;
}

/** Cells of a line of CSV, with quotes around those that hold commas. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
  );
}
