import { endianness } from 'node:os';

const LITTLE = endianness() === 'LE';

/** Reverse the bytes of every element. */
export function swapBytes(bytes: Uint8Array, element: number): void {
  for (let at = 0; at + element <= bytes.length; at += element) bytes.subarray(at, at + element).reverse();
}

/** Undo horizontal differencing (TIFF 6.0 §14) of rows of `rowSamples` samples; sums wrap at the sample's width. */
export function undoDifferences(bytes: Uint8Array, element: number, rowSamples: number, samplesPerPixel: number): void {
  const samples = bytes.length / element;
  // Fresh memory is aligned whatever the caller's offset is.
  const copy = bytes.slice();
  switch (element) {
    case 1:
      sumRows(copy, rowSamples, samplesPerPixel);
      break;
    case 2:
      sumRows(new Uint16Array(copy.buffer, 0, samples), rowSamples, samplesPerPixel);
      break;
    case 4:
      sumRows(new Uint32Array(copy.buffer, 0, samples), rowSamples, samplesPerPixel);
      break;
    default: {
      const words = new BigUint64Array(copy.buffer, 0, samples);
      for (let i = 0; i < samples; i++) {
        if (i % rowSamples >= samplesPerPixel) words[i]! += words[i - samplesPerPixel]!;
      }
    }
  }
  bytes.set(copy);
}

function sumRows(samples: Uint8Array | Uint16Array | Uint32Array, rowSamples: number, stride: number): void {
  for (let row = 0; row < samples.length; row += rowSamples) {
    for (let i = row + stride; i < row + rowSamples; i++) samples[i]! += samples[i - stride]!;
  }
}

/**
 * Undo the floating point predictor (TIFF Technical Note 3): byte differences along the row, then planes from the most
 * significant byte down.
 */
export function undoFloat(bytes: Uint8Array, element: number, rowSamples: number, samplesPerPixel: number): void {
  const length = rowSamples * element;
  for (let start = 0; start < bytes.length; start += length) {
    const row = bytes.slice(start, start + length);
    for (let i = samplesPerPixel; i < length; i++) row[i]! += row[i - samplesPerPixel]!;
    for (let i = 0; i < rowSamples; i++) {
      for (let b = 0; b < element; b++) {
        const plane = LITTLE ? element - 1 - b : b;
        bytes[start + i * element + b] = row[plane * rowSamples + i]!;
      }
    }
  }
}
