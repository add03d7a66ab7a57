/** TIFF tag numbers that the reader uses (TIFF 6.0, Adobe and GDAL registrations, GeoTIFF 1.1). */
export const Tag = {
  NewSubfileType: 254,
  SubfileType: 255,
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  Photometric: 262,
  FillOrder: 266,
  StripOffsets: 273,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  PlanarConfiguration: 284,
  Predictor: 317,
  TileWidth: 322,
  TileLength: 323,
  TileOffsets: 324,
  TileByteCounts: 325,
  SubIFDs: 330,
  ExtraSamples: 338,
  SampleFormat: 339,
  JPEGTables: 347,
  ModelPixelScale: 33550,
  ModelTiepoint: 33922,
  ModelTransformation: 34264,
  GeoKeyDirectory: 34735,
  GeoDoubleParams: 34736,
  GeoAsciiParams: 34737,
  GdalMetadata: 42112,
  GdalNodata: 42113,
  LercParameters: 50674,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(Tag).map(([name, code]) => [code, name]));

/** Tags without which pixels cannot be found or decoded: damage in one of them makes the image unreadable. */
const STRUCTURAL: ReadonlySet<number> = new Set([
  Tag.NewSubfileType,
  Tag.ImageWidth,
  Tag.ImageLength,
  Tag.BitsPerSample,
  Tag.Compression,
  Tag.Photometric,
  Tag.FillOrder,
  Tag.StripOffsets,
  Tag.SamplesPerPixel,
  Tag.RowsPerStrip,
  Tag.StripByteCounts,
  Tag.PlanarConfiguration,
  Tag.Predictor,
  Tag.TileWidth,
  Tag.TileLength,
  Tag.TileOffsets,
  Tag.TileByteCounts,
  Tag.SampleFormat,
  Tag.JPEGTables,
  Tag.LercParameters,
]);

/** Whether the reader uses a tag; the values of others (ICC, XMP, Photoshop) are never fetched. */
export function isKnownTag(code: number): boolean {
  return NAMES.has(code);
}

/** Whether a tag says where the pixels are; such a tag must be readable. */
export function isStructuralTag(code: number): boolean {
  return STRUCTURAL.has(code);
}

/** "TileOffsets (324)", for messages. */
export function tagName(code: number): string {
  const name = NAMES.get(code);
  return name === undefined ? `tag ${code}` : `${name} (${code})`;
}
