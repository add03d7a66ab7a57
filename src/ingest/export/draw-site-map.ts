import type { SiteCells } from './site-cells.js';
import { COLOUR, element, label, niceStep, picture, thousands } from './svg.js';

const WIDTH = 960;
const EDGE = { left: 54, top: 56, right: 20, bottom: 66 };

/** Few to many. */
const CLASSES = ['#fbb13c', '#f1752f', '#d1345b', '#8c2981', '#3b0f70'];

/** Lines of the graticule across the longer side. */
const LINES = 8;

/** Where cosine would squeeze a map near a pole to nothing. */
const LEAST_COSINE = 0.3;

type Frame = {
  readonly map: SiteCells;
  readonly width: number;
  readonly height: number;
  readonly x: (lon: number) => number;
  readonly y: (lat: number) => number;
};

/** A map of where sites are, as SVG: a dot a square of the grid, darker where there are more; true to scale at its middle latitude. */
export function drawSiteMap(map: SiteCells, title: string): string {
  const frame = frameOf(map);
  const { width, height } = frame;
  const size = { width: WIDTH, height: EDGE.top + height + EDGE.bottom };
  const most = Math.max(1, ...map.cells.map(({ sites }) => sites));
  const all = map.cells.reduce((sum, { sites }) => sum + sites, 0);
  return picture(size, `${title}: map of ${all} sites`, [
    label(title, { x: EDGE.left, y: 26, size: 18, weight: 'bold' }),
    label(`${thousands(all)} sites`, { x: EDGE.left, y: 45, fill: COLOUR.muted }),
    element('rect', { x: EDGE.left, y: EDGE.top, width, height, fill: COLOUR.field }),
    ...graticule(frame),
    ...dots(frame, most),
    element('rect', { x: EDGE.left, y: EDGE.top, width, height, fill: 'none', stroke: COLOUR.muted }),
    ...legend(frame, most),
  ]);
}

function frameOf(map: SiteCells): Frame {
  const degrees = { wide: map.columns * map.step, high: map.rows * map.step };
  const squeeze = Math.max(LEAST_COSINE, Math.cos(((map.south + degrees.high / 2) * Math.PI) / 180));
  const width = WIDTH - EDGE.left - EDGE.right;
  const perDegree = Math.min(width / degrees.wide, 900 / (degrees.high / squeeze));
  const height = (degrees.high / squeeze) * perDegree;
  return {
    map,
    width: degrees.wide * perDegree,
    height,
    x: (lon) => EDGE.left + (lon - map.west) * perDegree,
    y: (lat) => EDGE.top + height - ((lat - map.south) * perDegree) / squeeze,
  };
}

function graticule({ map, width, height, x, y }: Frame): string[] {
  const [east, north] = [map.west + map.columns * map.step, map.south + map.rows * map.step];
  const step = gridStep(Math.max(east - map.west, north - map.south) / LINES);
  const stroke = { stroke: COLOUR.line, 'stroke-width': 1 };
  return [
    ...multiples(step, map.west, east).flatMap((lon) => [
      element('line', { x1: x(lon), x2: x(lon), y1: EDGE.top, y2: EDGE.top + height, ...stroke }),
      label(degreesOf(lon, 'E', 'W'), {
        x: x(lon),
        y: EDGE.top + height + 16,
        anchor: 'middle',
        size: 11,
        fill: COLOUR.muted,
      }),
    ]),
    ...multiples(step, map.south, north).flatMap((lat) => [
      element('line', { x1: EDGE.left, x2: EDGE.left + width, y1: y(lat), y2: y(lat), ...stroke }),
      label(degreesOf(lat, 'N', 'S'), { x: EDGE.left - 6, y: y(lat) + 4, anchor: 'end', size: 11, fill: COLOUR.muted }),
    ]),
  ];
}

/** The commoner squares last, so that they lie on top. */
function dots({ map, x, y }: Frame, most: number): string[] {
  const radius = Math.max(1.6, ((x(map.west + map.step) - x(map.west)) / 2) * 1.05);
  return map.cells
    .toSorted((a, b) => a.sites - b.sites)
    .map(({ column, row, sites }) =>
      element('circle', {
        cx: x(map.west + (column + 0.5) * map.step),
        cy: y(map.south + (row + 0.5) * map.step),
        r: radius,
        fill: CLASSES[classOf(sites, most)]!,
      }),
    );
}

function legend({ map, height }: Frame, most: number): string[] {
  const y = EDGE.top + height + 42;
  const classes = CLASSES.map((fill, place) => ({ fill, ...rangeOf(place, most) })).filter(
    ({ from, to }) => from <= to,
  );
  const name = `Sites in a square of ${Number(map.step.toPrecision(2))}°`;
  return [
    label(name, { x: EDGE.left, y: y + 4, fill: COLOUR.muted }),
    ...classes.flatMap(({ fill, from, to }, place) => {
      const x = EDGE.left + 230 + place * 130;
      const words = from === to ? thousands(from) : `${thousands(from)} to ${thousands(to)}`;
      return [element('circle', { cx: x, cy: y, r: 5, fill }), label(words, { x: x + 12, y: y + 4, fill: COLOUR.ink })];
    }),
  ];
}

/** Classes that grow by the same factor, from one site to the most. */
function classOf(sites: number, most: number): number {
  if (most <= 1) return 0;
  return Math.min(CLASSES.length - 1, Math.floor((CLASSES.length * Math.log(sites)) / Math.log(most + 1) + 1e-9));
}

function rangeOf(place: number, most: number): { from: number; to: number } {
  const start = (at: number) => Math.ceil((most + 1) ** (at / CLASSES.length) - 1e-9);
  if (most <= 1) return place === 0 ? { from: 1, to: 1 } : { from: 1, to: 0 };
  return { from: start(place), to: place === CLASSES.length - 1 ? most : start(place + 1) - 1 };
}

/** Degrees that people expect on a map. */
function gridStep(least: number): number {
  return [15, 30, 45].find((step) => least > 10 && step >= least) ?? niceStep(Math.min(least, 45));
}

function multiples(step: number, from: number, to: number): number[] {
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

function degreesOf(value: number, positive: string, negative: string): string {
  const rounded = Number(value.toFixed(6));
  if (rounded === 0) return '0°';
  return `${Math.abs(rounded)}° ${rounded > 0 ? positive : negative}`;
}
