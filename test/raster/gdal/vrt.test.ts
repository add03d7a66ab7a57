import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemOf } from '../../../src/errors.js';
import { createMemorySources } from '../../../src/io/memory-source.js';
import { createSources } from '../../../src/io/sources.js';
import { assertVrt, isVrt } from '../../../src/raster/gdal/vrt.js';
import { openRaster } from '../../../src/raster/open.js';

const sources = createSources();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heliocube-vrt-'));
  writeFileSync(join(folder, 'a.tif'), 'II*\0');
  writeFileSync(join(folder, 'text.xml'), '<GDAL_WMS><Service name="TMS"/></GDAL_WMS>');
  writeFileSync(join(folder, 'other.vrt'), '<VRTDataset/>');
});
afterAll(async () => {
  await sources.close();
  await rm(folder, { recursive: true, force: true });
});

const source = (name: string, attributes = ' relativeToVRT="1"') =>
  `<SimpleSource><SourceFilename${attributes}>${name}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>`;
const vrt = (body: string, band = '') =>
  `<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Byte" band="1"${band}>${body}</VRTRasterBand></VRTDataset>`;

function check(text: string): Promise<unknown> {
  const path = join(folder, 'x.vrt');
  writeFileSync(path, text);
  return assertVrt(sources, path).then(() => 'fine', problemOf);
}

describe('what a VRT may say', () => {
  it('images in local files, relative or not', async () => {
    expect(await check(vrt(source('a.tif')))).toBe('fine');
    expect(await check(`<?xml version="1.0"?>\n${vrt(source(join(folder, 'a.tif'), ' relativeToVRT="0"'))}`)).toBe(
      'fine',
    );
  });

  it.each([
    '/vsicurl/http://127.0.0.1/a.tif',
    '//vsicurl/http://127.0.0.1/a.tif',
    '/VSIS3/bucket/a.tif',
    '/vsizip/a.zip/a.tif',
    'http://127.0.0.1/a.tif',
    'NETCDF:"a.nc":v',
    'HDF4_SDS:UNKNOWN:a.hdf:0',
    'WMS:http://127.0.0.1/',
    '&lt;GDAL_WMS/&gt;',
    '&#47;vsicurl/http://127.0.0.1/a.tif',
  ])('no other places: %s', async (name) => {
    for (const attributes of ['', ' relativeToVRT="1"', ' relativetovrt="0"']) {
      expect(await check(vrt(source(name, attributes)))).toMatchObject({ kind: 'forbidden' });
    }
  });

  it.each([
    ['a pixel function', vrt('<PixelFunctionType>f</PixelFunctionType>', ' subClass="VRTDerivedRasterBand"')],
    ['code', vrt('<PixelFunctionLanguage>Python</PixelFunctionLanguage><PixelFunctionCode>x</PixelFunctionCode>')],
    ['raw bytes of any file', vrt('<SourceFilename>a.tif</SourceFilename>', ' subClass="VRTRawRasterBand"')],
    ['a warp', '<VRTDataset subClass="VRTWarpedDataset"><GDALWarpOptions/></VRTDataset>'],
    ['open options', vrt('<SimpleSource><OpenOptions><OOI key="A">B</OOI></OpenOptions></SimpleSource>')],
    ['a file named by an attribute', vrt('<SimpleSource SourceFilename="/vsicurl/http://127.0.0.1/a.tif"/>')],
    ['overviews elsewhere', vrt('<Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">b.tif</MDI></Metadata>')],
    ['a mask', '<VRTDataset><MaskBand/></VRTDataset>'],
    ['comments', vrt('<!-- > -->')],
    ['CDATA', vrt('<SimpleSource><![CDATA[<SourceFilename>/etc/a</SourceFilename>]]></SimpleSource>')],
    ['an open quote', '<VRTDataset a="1>'],
    ['a text that is no image', vrt(source('text.xml'))],
    ['another VRT', vrt(source('other.vrt'))],
  ])('not %s', async (_, text) => {
    expect(await check(text)).toMatchObject({ kind: 'unsupported' });
  });

  it('only files that are there', async () => {
    expect(await check(vrt(source('absent.tif')))).toMatchObject({ kind: 'not-found' });
  });
});

describe('formats that GDAL reads, without it', () => {
  const heads: readonly (readonly [string, string])[] = [
    ['JPEG 2000', '\0\0\0\x0cjP  \r\n'],
    ['NetCDF classic', 'CDF\x01'],
    ['GRIB', 'GRIB\0\0\0\x02'],
    ['HDF4', '\x0e\x03\x13\x01'],
    ['VRT', '<VRTDataset rasterXSize="1" rasterYSize="1"/>'],
  ];

  it.each(heads)('%s files are refused with what to do', async (name, head) => {
    const path = join(folder, 'file');
    writeFileSync(path, Buffer.from(head, 'latin1'));
    const before = process.env['HELIOCUBE_GDAL'];
    process.env['HELIOCUBE_GDAL'] = 'off';
    try {
      const problem = await openRaster(sources, path).catch(problemOf);
      const fix = 'GDAL reads them: unset HELIOCUBE_GDAL';
      expect(problem).toMatchObject({ kind: 'unsupported', feature: `${name} files`, fix });
      const remote = createMemorySources({ 'http://host/file': Buffer.from(head, 'latin1') });
      const far = await openRaster(remote, 'http://host/file').catch(problemOf);
      const download = 'GDAL reads them from local files: download it, and run `npm run setup:gdal`';
      expect(far).toMatchObject({ kind: 'unsupported', feature: `${name} files`, fix: download });
    } finally {
      if (before === undefined) delete process.env['HELIOCUBE_GDAL'];
      else process.env['HELIOCUBE_GDAL'] = before;
    }
  });

  it('a VRT is known by its first element', () => {
    const known = (text: string) => isVrt(Buffer.from(text));
    expect(known('\ufeff<?xml version="1.0"?>\n<VRTDataset>')).toBe(true);
    expect(known('<!-- <VRTDataset> -->')).toBe(false);
    expect(known('<OGRVRTDataSource>')).toBe(false);
  });
});
