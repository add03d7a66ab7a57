/**
 * One step of decoding a stored chunk, as plain data. A chain is given in decode order: the first step takes the stored
 * bytes, the last gives samples in C order of the chunk's shape and in the machine's byte order.
 */
export type CodecSpec =
  // bytes → bytes
  | { readonly name: 'zlib' } // RFC 1950: TIFF 8 and 32946, numcodecs zlib
  | { readonly name: 'gzip' } // RFC 1952
  | { readonly name: 'zstd' }
  | { readonly name: 'lzw' } // TIFF 6.0 §13: MSB first, early change; the older LSB order is recognised
  | { readonly name: 'packbits' } // TIFF 6.0 §9
  | { readonly name: 'lz4' } // numcodecs: uint32 LE size, then one LZ4 block
  | { readonly name: 'blosc' } // blosc1 frame: blosclz, lz4, lz4hc, zlib, zstd; shuffle, bitshuffle
  | { readonly name: 'crc32c' } // the last four bytes; verified and removed
  | { readonly name: 'fletcher32' } // HDF5 and numcodecs: the last four bytes; verified and removed
  | { readonly name: 'shuffle'; readonly elementSize: number }
  | { readonly name: 'bit-reverse' } // TIFF FillOrder 2
  // bytes → samples
  /**
   * Fixed-width samples. `surplus: 'ignore'` accepts a chunk that holds more bytes than its shape and drops the rest, as
   * libtiff does; a chunk that is too short is always an error. TIFF-only codecs in the chain imply it.
   */
  | { readonly name: 'bytes'; readonly endian: 'little' | 'big'; readonly surplus?: 'ignore' }
  /** MSB-first packed samples of 1 to 31 bits, each row of `rowSamples` samples padded to a byte. */
  | { readonly name: 'unpack-bits'; readonly bits: number; readonly rowSamples: number; readonly signed: boolean }
  /** TIFF Technical Note 3: floating point predictor; gives samples in machine order (no `bytes` step). */
  | { readonly name: 'float-predictor'; readonly rowSamples: number; readonly samplesPerPixel: number }
  /** A LERC1 or LERC2 blob of a whole tile; masked pixels become `nodata`; null means NaN for floats, else 0. */
  | { readonly name: 'lerc'; readonly samplesPerPixel: number; readonly nodata: number | null }
  /** A JPEG tile; `tables` is the base64 of TIFF tag 347. `toRgb` converts YCbCr to RGB. */
  | { readonly name: 'jpeg'; readonly tables: string | null; readonly toRgb: boolean; readonly samplesPerPixel: number }
  | { readonly name: 'webp'; readonly samplesPerPixel: number }
  // samples → samples
  /** TIFF 6.0 §14: horizontal differencing per sample, wrapping at the sample's width. Floats differ as unsigned bits.
   * `rowSamples` counts all components, here and above. */
  | { readonly name: 'predictor'; readonly rowSamples: number; readonly samplesPerPixel: number }
  /** Zarr v3 transpose (and Zarr v2 order F): stored dimension i is array dimension order[i]. */
  | { readonly name: 'transpose'; readonly order: readonly number[] }
  | { readonly name: 'delta'; readonly storedType: string } // numcodecs delta: running sum; storedType is its `astype`, a numpy type
  | {
      readonly name: 'fixed-scale-offset'; // numcodecs: decoded = stored / scale + offset
      readonly offset: number;
      readonly scale: number;
      readonly storedType: string; // its `astype`, a numpy type such as '|u1'
    };
