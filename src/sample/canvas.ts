import { PNG } from 'pngjs';
import { drawText } from './font.js';

/** 0 to 255 each. */
export type Colour = readonly [red: number, green: number, blue: number];

/** A picture of plain dots. */
export class Canvas {
  readonly #png: PNG;

  constructor(width: number, height: number, background: Colour) {
    this.#png = new PNG({ width, height });
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) this.set(x, y, background);
  }

  /** Dots outside the picture are left out. */
  set(x: number, y: number, [red, green, blue]: Colour): void {
    const { width, height, data } = this.#png;
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    data.set([red, green, blue, 255], 4 * (y * width + x));
  }

  fill(x: number, y: number, width: number, height: number, colour: Colour): void {
    for (let row = 0; row < height; row++) for (let col = 0; col < width; col++) this.set(x + col, y + row, colour);
  }

  text(text: string, x: number, y: number, colour: Colour, scale = 2): void {
    drawText(text, scale, (dx, dy) => this.set(x + dx, y + dy, colour));
  }

  encode(): Uint8Array {
    return PNG.sync.write(this.#png);
  }
}
