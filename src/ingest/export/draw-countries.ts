import type { CountrySites } from './describe-lake.js';
import { COLOUR, element, label, picture, thousands } from './svg.js';

const WIDTH = 960;
const ROW = 32;
const TOP = 92;
const PANELS = { sites: { x: 80, width: 340 }, megawatts: { x: 530, width: 330 } };
const BARS = { sites: '#2f6f9f', ac: '#d1345b', dc: '#fbb13c' };

/** Countries that have a bar of their own; the rest is one. */
const COUNTRIES = 20;

/** Bars of sites and capacity by country, as SVG. Capacity is the sum over the sites that tell it. */
export function drawCountries(countries: readonly CountrySites[], title: string): string {
  const rows = shown(countries);
  const most = {
    sites: Math.max(1, ...rows.map(({ sites }) => sites)),
    mw: Math.max(1e-9, ...rows.flatMap(({ acMw, dcMw }) => [acMw ?? 0, dcMw ?? 0])),
  };
  const height = TOP + rows.length * ROW + 20;
  return picture({ width: WIDTH, height }, `${title}: sites and capacity by country`, [
    label(title, { x: 20, y: 26, size: 18, weight: 'bold' }),
    label('by country, most sites first', { x: 20, y: 45, fill: COLOUR.muted }),
    label('Sites', { x: PANELS.sites.x, y: 76, weight: 'bold' }),
    label('Capacity that is told, MW', { x: PANELS.megawatts.x, y: 76, weight: 'bold' }),
    ...key('AC', BARS.ac, PANELS.megawatts.x + 200),
    ...key('DC', BARS.dc, PANELS.megawatts.x + 250),
    ...Object.values(PANELS).map(({ x }) =>
      element('line', { x1: x, x2: x, y1: TOP - 6, y2: height - 16, stroke: COLOUR.line, 'stroke-width': 1 }),
    ),
    ...rows.flatMap((row, place) => drawRow(row, TOP + place * ROW, most)),
  ]);
}

type Row = {
  readonly name: string;
  readonly sites: number;
  readonly acMw: number | null;
  readonly dcMw: number | null;
};

function shown(countries: readonly CountrySites[]): Row[] {
  const named = countries.slice(0, COUNTRIES).map(({ country, ...rest }) => ({ name: country ?? 'unknown', ...rest }));
  const others = countries.slice(COUNTRIES);
  if (others.length === 0) return named;
  const sum = (values: readonly (number | null)[]) =>
    values.every((value) => value === null) ? null : values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const rest = {
    name: `${others.length} others`,
    sites: sum(others.map(({ sites }) => sites))!,
    acMw: sum(others.map(({ acMw }) => acMw)),
    dcMw: sum(others.map(({ dcMw }) => dcMw)),
  };
  return [...named, rest];
}

function drawRow({ name, sites, acMw, dcMw }: Row, y: number, most: { sites: number; mw: number }): string[] {
  const { sites: left, megawatts: right } = PANELS;
  const long = (left.width * sites) / most.sites;
  return [
    label(name, { x: left.x - 8, y: y + 16, anchor: 'end' }),
    element('rect', { x: left.x, y: y + 2, width: Math.max(1, long), height: 20, fill: BARS.sites }),
    label(thousands(sites), { x: left.x + long + 6, y: y + 16, size: 11, fill: COLOUR.ink }),
    ...(acMw === null && dcMw === null
      ? [label('not told', { x: right.x + 6, y: y + 16, size: 11, fill: COLOUR.muted })]
      : []),
    ...capacityBar(acMw, BARS.ac, y + 1, most.mw),
    ...capacityBar(dcMw, BARS.dc, y + 13, most.mw),
  ];
}

function capacityBar(megawatts: number | null, fill: string, y: number, most: number): string[] {
  if (megawatts === null) return [];
  const { x, width } = PANELS.megawatts;
  const long = (width * megawatts) / most;
  const words = megawatts < 10 ? String(Number(megawatts.toPrecision(2))) : thousands(megawatts);
  return [
    element('rect', { x, y, width: Math.max(1, long), height: 10, fill }),
    label(words, { x: x + long + 6, y: y + 9, size: 10, fill: COLOUR.ink }),
  ];
}

function key(words: string, fill: string, x: number): string[] {
  return [
    element('rect', { x, y: 67, width: 10, height: 10, fill }),
    label(words, { x: x + 15, y: 76, fill: COLOUR.muted }),
  ];
}
