import type { Size } from '../../grid/affine.js';

/** Enough for the metadata that cameras put before the size in a JPEG. */
export const SIZE_HEAD_BYTES = 2 ** 20;

/** Width and height of a PNG, JPEG or BMP by its first bytes; null for any other, and for one that says nothing sensible. */
export function parseImageSize(head: Uint8Array): Size | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const size = pngSize(view) ?? bmpSize(view) ?? jpegSize(view);
  return size !== null && size.width > 0 && size.height > 0 ? size : null;
}

/** PNG §11.2.2: the first chunk is IHDR. */
function pngSize(view: DataView): Size | null {
  if (view.byteLength < 24 || view.getUint32(0) !== 0x89504e47 || view.getUint32(12) !== 0x49484452) return null;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** BITMAPINFOHEADER and later; rows may run upwards, which a negative height denies. */
function bmpSize(view: DataView): Size | null {
  if (view.byteLength < 26 || view.getUint16(0) !== 0x424d) return null;
  return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
}

/** The frame header among the segments (ITU T.81 §B.2.2). */
function jpegSize(view: DataView): Size | null {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 9 <= view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++; // a fill byte
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += 2 + Math.max(2, view.getUint16(at + 2));
  }
  return null;
}
