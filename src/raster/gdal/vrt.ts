import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CubeError } from '../../errors.js';
import type { SourceFactory } from '../../io/byte-source.js';
import { pathOfUrl } from '../../io/location.js';

/** Longest VRT; a source takes some 500 bytes. */
const MAX_VRT_BYTES = 4 * 1024 * 1024;

/** Elements that say what is shown and which files it comes from; all others are refused. Lower case: GDAL does not mind case. */
const ELEMENTS = new Set(
  (
    'vrtdataset srs geotransform metadata mdi vrtrasterband description nodatavalue hidenodatavalue scale offset unittype ' +
    'colorinterp colortable entry categorynames category histograms histitem histmin histmax bucketcount histcounts ' +
    'includeoutofrange approximate simplesource complexsource averagedsource sourcefilename sourceband sourceproperties ' +
    'srcrect dstrect nodata scaleoffset scaleratio lut exponent srcmin srcmax dstmin dstmax overviewlist'
  ).split(' '),
);

const ATTRIBUTES = new Set(
  (
    'rasterxsize rasterysize datatype band blockxsize blockysize relativetovrt shared xoff yoff xsize ysize c1 c2 c3 c4 key ' +
    'dataaxistosrsaxismapping coordinateepoch resampling normalized subclass domain'
  ).split(' '),
);

/** First bytes of the files that a VRT may show: no text that names something else, and no VRT. */
const SOURCES = [
  'II*\0',
  'MM\0*',
  'II+\0',
  'MM\0+',
  '\0\0\0\x0cjP  ',
  '\xff\x4f\xff\x51',
  'CDF',
  'GRIB',
  '\x89PNG',
  '\xff\xd8\xff',
];

const TAG = /<(\/?)([^\s<>/="']+)((?:\s+[^\s<>/="']+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*\/?>/g;
const ATTRIBUTE = /([^\s<>/="']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** Whether a file begins as a VRT does. */
export function isVrt(head: Uint8Array): boolean {
  return /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?<VRTDataset\b/i.test(
    Buffer.from(head).subarray(0, 512).toString('latin1'),
  );
}

/**
 * Look into a VRT before GDAL does: it may name images in local files and say where they go, and nothing else. Each file
 * is opened through `sources`, so that their policy holds. Problems: `unsupported` (by name), `forbidden`, `invalid-data`,
 * and those of opening its files.
 */
export async function assertVrt(sources: SourceFactory, url: string, signal?: AbortSignal): Promise<void> {
  const cancel = signal === undefined ? {} : { signal };
  const { bytes, size } = await sources.open(url).read({ offset: 0, length: MAX_VRT_BYTES }, cancel);
  if (size > MAX_VRT_BYTES) throw new CubeError({ kind: 'unsupported', url, feature: `a VRT of ${size} bytes` });
  for (const path of filesOf(Buffer.from(bytes).toString('utf8'), url)) {
    const file = sources.open(pathToFileURL(path).href, { declaredBy: url });
    const head = await file.read({ offset: 0, length: 16 }, cancel);
    const start = Buffer.from(head.bytes).toString('latin1');
    if (SOURCES.some((signature) => start.startsWith(signature))) continue;
    const feature = `a VRT that shows ${path}, which is no TIFF, JPEG 2000, PNG, JPEG, GRIB or NetCDF classic file`;
    throw new CubeError({ kind: 'unsupported', url, feature });
  }
}

/** Paths of the files that a VRT names, each once. Problems: `unsupported`, `forbidden`, `invalid-data`. */
function filesOf(text: string, url: string): string[] {
  const body = text.replace(/^\ufeff?\s*<\?xml[^<>]*\?>/, '');
  if (body.replaceAll(TAG, '').includes('<')) {
    throw new CubeError({ kind: 'unsupported', url, feature: 'a VRT with comments, CDATA or broken XML' });
  }
  const paths = new Set<string>();
  for (const tag of body.matchAll(TAG)) {
    const name = tag[2]!.toLowerCase();
    if (!ELEMENTS.has(name))
      throw new CubeError({ kind: 'unsupported', url, feature: `the element ${tag[2]} of a VRT` });
    const attributes = attributesOf(tag[3]!, url);
    if (name !== 'sourcefilename' || tag[1] === '/') continue;
    const from = tag.index + tag[0].length;
    const content = body.slice(from, body.indexOf('<', from));
    paths.add(pathOf(content.trim(), attributes.get('relativetovrt') === '1', url));
  }
  return [...paths];
}

function attributesOf(text: string, url: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name, double, single] of text.matchAll(ATTRIBUTE)) {
    const key = name!.toLowerCase();
    const value = double ?? single ?? '';
    const known =
      ATTRIBUTES.has(key) &&
      (key !== 'subclass' || value === 'VRTSourcedRasterBand') &&
      (key !== 'domain' || value === 'IMAGE_STRUCTURE');
    if (!known) throw new CubeError({ kind: 'unsupported', url, feature: `${name}="${value.slice(0, 80)}" in a VRT` });
    attributes.set(key, value);
  }
  return attributes;
}

function pathOf(content: string, relative: boolean, url: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&amp;': '&',
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&apos;': "'",
  };
  const name = content.replaceAll(/&[^;]*;?/g, (entity) => entities[entity] ?? '<');
  const plain = name !== '' && !/[<>"\0]/.test(name) && !/^[a-z][a-z0-9+._-]+:/i.test(name);
  const path = plain ? (relative ? resolve(dirname(pathOfUrl(url)), name) : resolve(name)) : '';
  if (plain && !/^[\\/]+vsi/i.test(name) && !/^[\\/]+vsi/i.test(path)) return path;
  throw new CubeError({
    kind: 'forbidden',
    url,
    what: `a VRT may name plain local files only, not "${content.slice(0, 200)}"`,
  });
}
