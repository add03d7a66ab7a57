import { invertAffine, type Affine } from '../../grid/affine.js';

/** No world file is longer; six numbers take some hundred bytes. */
const MAX_LENGTH = 4096;

/**
 * The affine map of a world file (ESRI): six numbers, A, D, B, E, C, F, of which C and F place the centre of the upper left pixel. The answer
 * speaks of corners: it moves them by half a pixel. Null for what is no world file, or one that cannot be inverted.
 */
export function parseWorldFile(text: string): Affine | null {
  if (text.length > MAX_LENGTH) return null;
  const numbers = text.trim().split(/\s+/).map(Number);
  if (numbers.length < 6) return null;
  const [a, d, b, e, c, f] = numbers as [number, number, number, number, number, number];
  const transform: Affine = [a, b, c - (a + b) / 2, d, e, f - (d + e) / 2];
  return transform.every(Number.isFinite) && invertAffine(transform) !== null ? transform : null;
}

/** Endings under which the world file of an image may lie beside it, without a dot: pgw, pngw and wld of a png. */
export function worldFileEndings(extension: string): string[] {
  const short = extension.length < 3 ? [] : [`${extension[0]}${extension.at(-1)}w`];
  return [...short, `${extension}w`, 'wld'];
}
