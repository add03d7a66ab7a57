import type { LabelStatsRow, RunRecords } from '../../src/cube/records.js';
import type { Label } from '../../src/vector/label.js';

const DAY = 86_400_000;
const START = Date.UTC(2023, 7, 1, 10, 11, 12, 345);

/** Rows of a made-up run: every table filled, `labelCount` square labels, two time steps, two bands. */
export function sampleRun(runId: string, labelCount = 5): RunRecords {
  const labels = Array.from({ length: labelCount }, (_, i) => squareLabel(i + 1));
  return {
    run: {
      runId,
      name: 'sample',
      spec: JSON.stringify({ name: 'sample', bands: ['red'] }),
      planHash: 'a'.repeat(64),
      codeVersion: '0.1.0',
      startedAt: START,
      finishedAt: START + 1234,
      status: 'complete',
      cubeHref: '/out/cube.zarr',
      cubeSnapshot: null,
    },
    items: [
      {
        itemId: 'b',
        collection: null,
        datetime: START + DAY,
        solarDay: null,
        timeIndex: null,
        geometry: null,
        bbox: null,
        properties: '{}',
        used: false,
        reasonUnused: 'a newer version is used',
      },
      {
        itemId: 'a',
        collection: 'sentinel-2-l2a',
        datetime: START,
        solarDay: 19_570,
        timeIndex: 0,
        geometry: '{"type":"Polygon","coordinates":[[[15,47,9],[16,47,9],[16,48,9],[15,48,9],[15,47,9]]]}',
        bbox: [15, 47, 16, 48],
        properties: '{"eo:cloud_cover":12.5}',
        used: true,
        reasonUnused: null,
      },
    ],
    assets: [
      {
        itemId: 'a',
        band: 'red',
        href: 'https://user:word@host.example/a.tif?sig=secret',
        crs: 'EPSG:32633',
        transform: [10, 0, 300_000, 0, -10, 5_300_040],
        shape: [10_980, 10_980],
        dtype: 'uint16',
        nodata: [0],
        scale: 0.0001,
        offset: -0.1,
        etag: '"abc"',
        size: 2 ** 40 + 1,
      },
      {
        itemId: 'a',
        band: 'nir',
        href: '/data/a#1?.tif',
        crs: null,
        transform: null,
        shape: [1, 2, 3],
        dtype: 'float32',
        nodata: [Number.NaN, Number.NEGATIVE_INFINITY],
        scale: 1,
        offset: 0,
        etag: null,
        size: null,
      },
    ],
    labels,
    chunks: [
      {
        array: 'red',
        timeIndex: 0,
        yIndex: 1,
        xIndex: 2,
        state: 'stored',
        bytes: 3_000_000_000,
        sha256: 'b'.repeat(64),
        storage: 'virtual',
        storageReason: 'aligned',
        validFraction: 0.5,
        maskedFraction: 0.25,
        failedFraction: 0.25,
      },
      {
        array: 'label',
        timeIndex: null,
        yIndex: 0,
        xIndex: 0,
        state: 'empty',
        bytes: 0,
        sha256: null,
        validFraction: null,
        maskedFraction: null,
        failedFraction: null,
      },
    ],
    failures: [
      {
        array: 'red',
        timeIndex: 0,
        yIndex: 1,
        xIndex: 2,
        itemId: 'a',
        band: 'red',
        kind: 'network',
        attempts: 3,
        problem: { kind: 'network', url: 'https://host.example/a.tif?sig=secret', what: 'reset', attempts: 3 },
      },
    ],
    labelStats: labels.flatMap((label) => statsOf(label.labelId)),
    quarantine: [
      { source: 'pv.shp', record: 7, reason: 'no geometry', properties: { id: 7, name: 'Grüße \u{1F600}' } },
    ],
  };
}

/** `count` rows of statistics whose sums are known: label 1 … count/4, two times, two bands. */
export function manyStats(count: number): LabelStatsRow[] {
  return Array.from({ length: count }, (_, i) => ({
    labelId: 1 + (i >> 2),
    time: START + ((i >> 1) & 1) * DAY,
    band: i % 2 === 0 ? 'red' : 'nir',
    count: i % 100,
    sum: i,
    mean: i % 100 === 0 ? null : i / (i % 100),
    stdev: 0.5,
    min: -1,
    max: i,
    median: i / 2,
    coverage: 1.25,
  }));
}

function statsOf(labelId: number): LabelStatsRow[] {
  const nothing = { count: 0, sum: 0, mean: null, stdev: null, min: null, max: null, median: null, coverage: 2.5 };
  const values = { count: 1.5, sum: 3, mean: 2, stdev: 0.1, min: 1, max: 3, median: 2, coverage: 2.5 };
  return [
    { labelId, time: START, band: 'red', ...values },
    { labelId, time: START + DAY, band: 'red', ...nothing },
  ];
}

function squareLabel(labelId: number): Label {
  const [xmin, ymin] = [15 + labelId / 1000, 47];
  const [xmax, ymax] = [xmin + 0.0005, ymin + 0.0005];
  const ring = Float64Array.of(xmin, ymin, xmax, ymin, xmax, ymax, xmin, ymax, xmin, ymin);
  return {
    labelId,
    featureUid: `uid-${labelId}`,
    dataset: 'sample',
    wkb: polygonWkb(ring),
    geometry: { kind: 'polygons', polygons: [[ring]] },
    xmin,
    ymin,
    xmax,
    ymax,
    areaGeodM2: 2110.5,
    h3Cells: [0x8a1e15b71007fffn, 0x8a1e15b7100ffffn],
    h3R15: 0x8f1e15b71000000n + BigInt((labelId * 7919) % 1000),
    lon: xmin + 0.0002,
    lat: ymin + 0.0002,
    properties: { id: labelId, 'it"s': "d'accord", empty: null },
  };
}

function polygonWkb(ring: Float64Array): Uint8Array {
  const bytes = new Uint8Array(13 + ring.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setUint32(1, 3, true);
  view.setUint32(5, 1, true);
  view.setUint32(9, ring.length / 2, true);
  ring.forEach((value, i) => view.setFloat64(13 + 8 * i, value, true));
  return bytes;
}
