/**
 * Horizontal differences (TIFF 6.0 §14) of rows of `rowSamples` little-endian samples of one band: each less the one before
 * it, as unsigned integers that wrap at the sample's width.
 */
export function differences(bytes: Uint8Array, element: number, rowSamples: number): Uint8Array {
  const output = bytes.slice();
  const length = rowSamples * element;
  // Byte by byte with a borrow, so that neither width nor the machine's byte order matters.
  for (let start = 0; start < bytes.length; start += length) {
    const end = Math.min(start + length, bytes.length);
    for (let at = start + element; at < end; at += element) {
      let borrow = 0;
      for (let b = at; b < at + element; b++) {
        const difference = bytes[b]! - bytes[b - element]! - borrow;
        borrow = difference < 0 ? 1 : 0;
        output[b] = difference;
      }
    }
  }
  return output;
}

/**
 * The floating point predictor (TIFF Technical Note 3) on rows of `rowSamples` little-endian samples of one band: planes of
 * bytes from the most significant down, then differences of bytes along the row.
 */
export function floatPlanes(bytes: Uint8Array, element: number, rowSamples: number): Uint8Array {
  const output = new Uint8Array(bytes.length);
  const length = rowSamples * element;
  for (let start = 0; start < bytes.length; start += length) {
    for (let i = 0; i < rowSamples; i++) {
      for (let b = 0; b < element; b++) {
        output[start + (element - 1 - b) * rowSamples + i] = bytes[start + i * element + b]!;
      }
    }
    for (let at = start + length - 1; at > start; at--) output[at]! -= output[at - 1]!;
  }
  return output;
}
