import { createIcechunk, openIcechunk } from '../../../src/native/icechunk.js';
import type { VirtualRefs } from '../../../src/native/icechunk/refs.js';
import { patternFile, referencePattern } from '../../data/reference-pattern.js';
import type { JobOf } from '../../protocol.js';
import type { FindReference, ReferenceStore } from './references.js';

type ReferencesJob = JobOf<'references'>;

const ARRAY = 'refs';
const encoder = new TextEncoder();

/** An Icechunk repository with one array; every reference says the same about its file's age. */
export function icechunkReferences(job: ReferencesJob): ReferenceStore {
  const refs = virtualRefs(job);
  return { write: (path) => write(path, job, refs), open: (path) => open(path, job) };
}

async function write(path: string, { base, files, rows, cols }: ReferencesJob, refs: VirtualRefs): Promise<void> {
  const container = { urlPrefix: base, store: { kind: 'local' } } as const;
  const repository = await createIcechunk({ kind: 'local', path }, { containers: [container] });
  const session = await repository.writable('main');
  await session.set(
    'zarr.json',
    encoder.encode(JSON.stringify({ zarr_format: 3, node_type: 'group', attributes: {} })),
  );
  await session.set(`${ARRAY}/zarr.json`, encoder.encode(JSON.stringify(arrayMetadata([files, rows, cols]))));
  await session.setVirtualRefs(ARRAY, refs);
  await session.commit({ message: 'references' });
  session.close();
  repository.close();
}

async function open(path: string, { files, rows, cols }: ReferencesJob): Promise<FindReference> {
  const repository = await openIcechunk({ kind: 'local', path });
  const session = await repository.readonly({ branch: 'main' });
  const refs = await session.chunkRefs(ARRAY);
  session.close();
  repository.close();
  if (refs.count !== files * rows * cols) throw new Error(`${refs.count} references came back`);
  // All chunks are there, in C order, so a chunk's number is its row.
  return (chunk) => ({
    url: refs.locations[refs.location[chunk]!]!,
    offset: refs.offsets[chunk]!,
    length: refs.lengths[chunk]!,
  });
}

function virtualRefs(job: ReferencesJob): VirtualRefs {
  const { files, rows, cols, base } = job;
  const { offsets, lengths } = referencePattern(job);
  const indices = new Uint32Array(3 * lengths.length);
  const location = new Uint32Array(lengths.length);
  for (let i = 0; i < lengths.length; i++) {
    location[i] = Math.floor(i / (rows * cols));
    indices.set([location[i]!, Math.floor(i / cols) % rows, i % cols], 3 * i);
  }
  const checksum = { kind: 'last-modified', timeMs: Date.UTC(2100, 0, 1) } as const;
  return {
    indices,
    locations: Array.from({ length: files }, (_, file) => base + patternFile(file)),
    checksums: Array.from({ length: files }, () => checksum),
    location,
    offsets,
    lengths,
  };
}

/** Zarr v3; nothing of it is ever decoded. */
function arrayMetadata(shape: readonly number[]): object {
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: 'uint8',
    chunk_grid: { name: 'regular', configuration: { chunk_shape: shape.map(() => 1) } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: 0,
    codecs: [{ name: 'bytes' }],
    attributes: {},
  };
}
