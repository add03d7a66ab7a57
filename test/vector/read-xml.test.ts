import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CubeError } from '../../src/errors.js';
import { readLabels } from '../../src/vector/read-labels.js';
import { temporaryFolder } from '../lake/temporary.js';
import { mutated, seeded } from './mutate.js';

const folder = temporaryFolder();
const MUTANTS = 40;

function write(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const KML = `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>pv</name>
  <Schema name="s" id="s"><SimpleField name="kw" type="float"/></Schema>
  <Folder><Placemark id="p1"><name>one</name>
    <ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="kw">5.5</SimpleData></SchemaData></ExtendedData>
    <Polygon><outerBoundaryIs><LinearRing><coordinates>10,50,7 10.001,50,7 10.001,50.001,7 10,50.001,7 10,50,7</coordinates></LinearRing></outerBoundaryIs></Polygon>
  </Placemark></Folder>
  <Placemark><name>two</name><Point><coordinates>11,51</coordinates></Point></Placemark>
  <Placemark><name>nowhere</name></Placemark>
</Document></kml>`;

const gml = (name: string, ring: string) => `<?xml version="1.0" encoding="utf-8"?>
<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml/3.2">
  <ogr:featureMember><ogr:pv gml:id="pv.0"><ogr:geometryProperty><gml:Polygon srsName="${name}" gml:id="g0"><gml:exterior><gml:LinearRing>
    <gml:posList>${ring}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></ogr:geometryProperty><ogr:kw>5.5</ogr:kw></ogr:pv></ogr:featureMember>
</ogr:FeatureCollection>`;

const LAT_LON = '50 10 50 10.001 50.001 10.001 50.001 10 50 10';

describe('KML', () => {
  it('gives placemarks of all folders with their data, and those without a place to the quarantine', async () => {
    const { labels, quarantine } = await readLabels({ path: write('a.kml', KML), h3: null });
    expect(labels.map(({ properties }) => properties['name'])).toEqual(['one', 'two']);
    expect(labels[0]!.properties['kw']).toBe(5.5);
    expect(labels[0]).toMatchObject({ xmin: 10, ymin: 50, xmax: 10.001, ymax: 50.001 });
    expect(labels[0]!.areaGeodM2).toBeGreaterThan(7000);
    expect(labels[1]!.geometry).toEqual({ kind: 'points', points: Float64Array.of(11, 51) });
    expect(quarantine.map(({ record }) => record)).toEqual([3]);
  });

  it('in UTF-16 is the same', async () => {
    const bytes = Buffer.from(`\ufeff${KML.replace('UTF-8', 'UTF-16')}`, 'utf16le');
    expect((await readLabels({ path: write('b.kml', bytes), h3: null })).labels).toHaveLength(2);
  });

  it.each([
    ['text', 'no XML at all'],
    ['other XML', '<gpx></gpx>'],
    ['a document type', '<!DOCTYPE kml [<!ENTITY a "aaaa">]><kml>&a;</kml>'],
    ['an unclosed element', '<kml><Document></kml>'],
  ])('%s is invalid-data', async (_, text) => {
    await expect(readLabels({ path: write('bad.kml', text), h3: null })).rejects.toMatchObject({
      problem: { kind: 'invalid-data' },
    });
  });

  it(`${MUTANTS} mutants give labels or a CubeError`, async () => {
    const random = seeded(31);
    for (let i = 0; i < MUTANTS; i++) {
      const path = write('mutant.kml', mutated(Buffer.from(KML), random));
      await readLabels({ path, h3: null }).catch((error: unknown) => expect(error).toBeInstanceOf(CubeError));
    }
  });
});

describe('GML', () => {
  it('is read with longitude first, whatever order its CRS has', async () => {
    for (const [name, ring] of [
      ['urn:ogc:def:crs:EPSG::4326', LAT_LON],
      ['urn:ogc:def:crs:OGC:1.3:CRS84', '10 50 10.001 50 10.001 50.001 10 50.001 10 50'],
    ] as const) {
      const { labels } = await readLabels({ path: write('a.gml', gml(name, ring)), h3: null });
      expect(labels[0]).toMatchObject({ xmin: 10, ymin: 50, xmax: 10.001, ymax: 50.001 });
      expect(labels[0]!.properties['kw']).toBe(5.5);
    }
  });

  it('is projected where it is', async () => {
    const ring = '500000 5300000 500100 5300000 500100 5300100 500000 5300100 500000 5300000';
    const { labels } = await readLabels({ path: write('utm.gml', gml('urn:ogc:def:crs:EPSG::32633', ring)), h3: null });
    expect(labels[0]!.xmin).toBeCloseTo(15, 6);
    expect(labels[0]!.areaGeodM2).toBeCloseTo(10_008, -1);
  });

  it.each([
    ['text', 'no XML'],
    ['a document type', `<!DOCTYPE x [<!ENTITY a "a">]>${gml('EPSG:4326', LAT_LON)}`],
    ['other XML', '<kml></kml>'],
  ])('%s is invalid-data', async (_, text) => {
    const path = write('bad.gml', text);
    await expect(readLabels({ path, h3: null })).rejects.toMatchObject({
      problem: { kind: 'invalid-data', url: path },
    });
  });
});
