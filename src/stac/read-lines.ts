import { CubeError } from '../errors.js';
import type { ByteSource, ObjectIdentity } from '../io/byte-source.js';
import { isSameObject } from '../io/with-identity.js';

const NEWLINE = 10;

/** Items have some 20 kB; a longer line is no item but a document without line breaks. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** One line without its end; `offset` is the byte where it begins. */
export type Line = { readonly bytes: Uint8Array; readonly offset: number };

/**
 * The lines of an object that are not blank, read in pieces of `pieceBytes`. Problems: those of the source, `changed`
 * where the object changes meanwhile, `invalid-data` for a line beyond 64 MiB.
 */
export async function* readLines(
  source: ByteSource,
  { signal, pieceBytes = 8 * 1024 * 1024 }: { readonly signal?: AbortSignal; readonly pieceBytes?: number } = {},
): AsyncGenerator<Line> {
  let rest: Uint8Array = new Uint8Array(0);
  let identity: ObjectIdentity | null = null;
  for (let offset = 0; ;) {
    const { bytes, size, etag } = await source.read(
      { offset, length: pieceBytes },
      signal === undefined ? {} : { signal },
    );
    identity ??= { size, etag };
    if (!isSameObject(identity, { size, etag })) {
      throw new CubeError({
        kind: 'changed',
        url: source.url,
        expected: `${identity.size} bytes`,
        found: `${size} bytes`,
      });
    }
    const start = offset - rest.length;
    const piece = joined(rest, bytes);
    offset += bytes.length;
    const atEnd = bytes.length === 0 || offset >= size;
    const used = yield* wholeLines(piece, start, atEnd);
    rest = piece.subarray(used);
    if (atEnd) return;
    if (rest.length > MAX_LINE_BYTES) {
      throw new CubeError({
        kind: 'invalid-data',
        url: source.url,
        offset: start + used,
        what: 'a line of more than 64 MiB',
      });
    }
  }
}

/** Returns how many bytes the lines took. */
function* wholeLines(piece: Uint8Array, start: number, atEnd: boolean): Generator<Line, number> {
  let begin = 0;
  for (;;) {
    const newline = piece.indexOf(NEWLINE, begin);
    if (newline < 0 && !atEnd) return begin;
    const end = newline < 0 ? piece.length : newline;
    const bytes = piece.subarray(begin, end);
    // RFC 8142 puts a record separator (30) before each text; everything up to the space is blank.
    const first = bytes.findIndex((byte) => byte > 32);
    if (first >= 0) yield { bytes: bytes.subarray(first), offset: start + begin + first };
    if (newline < 0) return piece.length;
    begin = newline + 1;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
