import type { SourceFactory } from '../io/byte-source.js';
import type { Samples } from '../grid/dtype.js';
import { openRaster } from '../raster/open.js';
import { readPlane } from '../raster/read-plane.js';
import { REASON } from '../cube/reason.js';
import { levelSize } from '../cube/read-window.js';
import { Canvas, type Colour } from './canvas.js';

/** A colour and a name for every reason. */
const REASONS: readonly { readonly code: number; readonly name: string; readonly colour: Colour }[] = [
  { code: REASON.valid, name: 'valid', colour: [74, 133, 84] },
  { code: REASON.outside, name: 'outside', colour: [40, 40, 46] },
  { code: REASON.nodata, name: 'nodata', colour: [122, 92, 160] },
  { code: REASON.masked, name: 'masked', colour: [222, 222, 226] },
  { code: REASON.failed, name: 'failed', colour: [214, 60, 48] },
  { code: REASON.notRequested, name: 'not requested', colour: [88, 104, 128] },
];
const LABEL: Colour = [255, 176, 32];
const PAPER: Colour = [250, 250, 248];
const INK: Colour = [30, 30, 34];
const MARGIN = 24;
const LARGEST_PANEL = 900;

/** What the picture shows. */
export type PictureOptions = {
  readonly bands: readonly [red: string, green: string, blue: string];
  readonly timeIndex: number;
  readonly title: string;
};

/** PNG of one time step of a cube: the bands with the labels on top, and beside it the reason of every pixel. */
export async function drawCube(sources: SourceFactory, cube: string, options: PictureOptions): Promise<Uint8Array> {
  const read = async (variable: string, timed: boolean) => {
    const level = (await openRaster(sources, cube, { variable })).levels[0]!;
    const size = levelSize(level);
    const at = level.shape.map((_, d) => (timed && d === 0 ? options.timeIndex : 0));
    return { size, data: await readPlane(level, { at, window: { col: 0, row: 0, ...size } }, sources) };
  };
  const colours = await Promise.all(options.bands.map((band) => read(band, true)));
  const reason = await read('reason', true);
  const label = await read('label', false);
  const { width, height } = reason.size;
  const zoom = Math.ceil(Math.max(width, height) / LARGEST_PANEL);
  const panel = { width: Math.floor(width / zoom), height: Math.floor(height / zoom) };
  const canvas = new Canvas(2 * panel.width + 3 * MARGIN, panel.height + 5 * MARGIN, PAPER);
  canvas.text(options.title, MARGIN, MARGIN / 2, INK);
  const stretched = colours.map(({ data }) => stretch(data, reason.data));
  const top = 2 * MARGIN;
  const right = panel.width + 2 * MARGIN;
  for (let y = 0; y < panel.height; y++) {
    for (let x = 0; x < panel.width; x++) {
      const i = y * zoom * width + x * zoom;
      const code = Number(reason.data[i]);
      const lit = code === REASON.valid ? colourAt(stretched, i) : null;
      canvas.set(MARGIN + x, top + y, isEdge(label.data, i, width, zoom) ? LABEL : (lit ?? [214, 214, 210]));
      canvas.set(right + x, top + y, REASONS.find((one) => one.code === code)?.colour ?? INK);
    }
  }
  drawLegend(canvas, top + panel.height + MARGIN / 2);
  return canvas.encode();
}

/** Bytes from the 2nd to the 98th percentile of the valid samples. */
function stretch(data: Samples, reason: Samples): Uint8Array {
  const valid = Float64Array.from(Array.from(data, Number).filter((_, i) => Number(reason[i]) === REASON.valid)).sort();
  const low = valid[Math.floor(valid.length * 0.02)] ?? 0;
  const high = valid[Math.floor(valid.length * 0.98)] ?? 1;
  const gain = 255 / Math.max(1e-9, high - low);
  return Uint8Array.from({ length: data.length }, (_, i) => Math.max(0, Math.min(255, (Number(data[i]) - low) * gain)));
}

/** A pixel of a label that has a neighbour of another one; whole labels where they are small. */
function isEdge(label: Samples, i: number, width: number, zoom: number): boolean {
  const own = Number(label[i]);
  if (own === 0) return false;
  return [i - zoom, i + zoom, i - zoom * width, i + zoom * width].some((j) => Number(label[j] ?? 0) !== own);
}

function drawLegend(canvas: Canvas, y: number): void {
  let x = MARGIN;
  for (const { name, colour } of [...REASONS, { name: 'label', colour: LABEL }]) {
    canvas.fill(x, y, 14, 14, colour);
    canvas.text(name, x + 20, y, INK);
    x += 20 + name.length * 12 + 18;
  }
}

function colourAt([red, green, blue]: readonly Uint8Array[], i: number): Colour {
  return [red![i]!, green![i]!, blue![i]!];
}
