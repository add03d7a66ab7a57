import { CubeError } from '../../errors.js';
import type { GdalBand, GdalDataset, GdalReference } from '../../native/gdal-contract.js';
import type { BandFacts, DatasetFacts } from './protocol.js';

/** More bands are some other kind of data. */
const MAX_BANDS = 10_000;

/** Everything that opening a raster needs of an open dataset. Problem: `unsupported` for very many bands. */
export function collectFacts(dataset: GdalDataset, url: string): DatasetFacts {
  const count = dataset.bands.count();
  if (count > MAX_BANDS) throw new CubeError({ kind: 'unsupported', url, feature: `${count} bands through GDAL` });
  const parts = Object.entries(dataset.getMetadata('SUBDATASETS')).filter(([key]) => key.endsWith('_NAME'));
  return {
    bands: Array.from({ length: count }, (_, i) => bandFacts(dataset.bands.get(i + 1))),
    transform: dataset.geoTransform,
    crs: dataset.srs === null ? null : crsOf(dataset.srs),
    parts: parts.map(([, name]) => name),
  };
}

function bandFacts(band: GdalBand): BandFacts {
  const { overviews } = band;
  const own = ({ size, blockSize }: GdalBand) => ({
    size: { x: size.x, y: size.y },
    block: { x: blockSize.x, y: blockSize.y },
  });
  return {
    ...own(band),
    type: typeOf(band),
    nodata: band.noDataValue,
    scale: band.scale,
    offset: band.offset,
    unit: band.unitType,
    description: band.description,
    overviews: Array.from({ length: overviews.count() }, (_, i) => own(overviews.get(i))),
  };
}

/** Before GDAL 3.7 a band of signed bytes is one of bytes with a note. */
function typeOf(band: GdalBand): string {
  const signed = band.dataType === 'Byte' && band.getMetadata('IMAGE_STRUCTURE')['PIXELTYPE'] === 'SIGNEDBYTE';
  return signed ? 'Int8' : (band.dataType ?? 'unknown');
}

function crsOf(srs: GdalReference): number | string {
  try {
    const code = srs.getAuthorityName(null) === 'EPSG' ? Number(srs.getAuthorityCode(null)) : Number.NaN;
    if (Number.isInteger(code)) return code;
  } catch {
    // It has no authority.
  }
  return srs.toWKT();
}
