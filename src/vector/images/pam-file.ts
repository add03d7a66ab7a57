import { DOMParser, type Element } from '@xmldom/xmldom';
import { invertAffine, type Affine } from '../../grid/affine.js';

/** What a `.aux.xml` of GDAL says of an image's place; null where it does not. */
export type PamPlace = { readonly transform: Affine | null; readonly srs: string | null };

const NOTHING: PamPlace = { transform: null, srs: null };

/**
 * The place in a file of GDAL's persistent auxiliary metadata: `GeoTransform` (x0, dx, rx, y0, ry, dy, of pixel corners) and `SRS` (WKT).
 * What is no such file says nothing; entities that it declares are not expanded.
 */
export function parsePamFile(text: string): PamPlace {
  if (/<!DOCTYPE/i.test(text)) return NOTHING;
  const root = rootOf(text);
  if (root === null || root.localName !== 'PAMDataset') return NOTHING;
  const srs = childText(root, 'SRS');
  return { transform: transformOf(childText(root, 'GeoTransform')), srs: srs === '' ? null : srs };
}

function rootOf(text: string): Element | null {
  try {
    const onError = (level: string, message: string) => {
      if (level !== 'warning') throw new Error(message);
    };
    return new DOMParser({ onError }).parseFromString(text, 'text/xml').documentElement;
  } catch {
    return null;
  }
}

function childText(root: Element, name: string): string | null {
  for (let node = root.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeName === name) return (node.textContent ?? '').trim();
  }
  return null;
}

function transformOf(text: string | null): Affine | null {
  const numbers = text === null ? [] : text.split(',').map(Number);
  if (numbers.length !== 6 || !numbers.every(Number.isFinite)) return null;
  const [c, a, b, f, d, e] = numbers as [number, number, number, number, number, number];
  const transform: Affine = [a, b, c, d, e, f];
  return invertAffine(transform) === null ? null : transform;
}
