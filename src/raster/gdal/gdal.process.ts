import { problemOf } from '../../errors.js';
import { gdalModule } from '../../native/gdal.js';
import { collectFacts } from './collect-facts.js';
import { openDataset, withDataset } from './datasets.js';
import type { GdalCalls, GdalReply, GdalRequest, WindowRequest } from './protocol.js';

/** Samples by GDAL's name of their type. */
const ARRAYS = {
  Byte: Uint8Array,
  Int8: Int8Array,
  UInt16: Uint16Array,
  Int16: Int16Array,
  UInt32: Uint32Array,
  Int32: Int32Array,
  Float32: Float32Array,
  Float64: Float64Array,
} as const;

type Answer = GdalCalls[keyof GdalCalls]['output'];

// A process of its own: GDAL's package runs in one thread of a process only, and a file that crashes GDAL ends no more than this.
process.on('message', (request: GdalRequest) => {
  void answer(request)
    .then((output): GdalReply => ({ id: request.id, output }))
    .catch((error: unknown): GdalReply => ({ id: request.id, problem: problemOf(error) }))
    .then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));

async function answer(request: GdalRequest): Promise<Answer> {
  switch (request.kind) {
    case 'version':
      return gdalModule().version;
    case 'describe': {
      const dataset = await openDataset(request.input);
      try {
        return collectFacts(dataset, request.input.url);
      } finally {
        dataset.close();
      }
    }
    case 'read':
      return readWindow(request.input);
  }
}

function readWindow(request: WindowRequest): Promise<Uint8Array> {
  const { band, overview, window } = request;
  return withDataset(request, async (dataset) => {
    const full = await dataset.bands.getAsync(band);
    const source = overview === null ? full : await full.overviews.getAsync(overview);
    const samples = new ARRAYS[(source.dataType ?? '') as keyof typeof ARRAYS](window.width * window.height);
    await source.pixels.readAsync(window.col, window.row, window.width, window.height, samples);
    return new Uint8Array(samples.buffer);
  });
}
