import type { Fields } from './fields.js';
import type { Metadata } from './metadata.js';

const MAX_COLLECTION_BYTES = 2 ** 26;

/** Reads what attributes of variable length point to: objects in collections (specification III.E), each read once. */
export class GlobalHeap {
  readonly #metadata: Metadata;
  readonly #collections = new Map<number, Promise<ReadonlyMap<number, Uint8Array>>>();

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
  }

  /** The object that `fields` (a length, an address, an index; IV.B, variable length) is at; empty where there is none. */
  async read(fields: Fields): Promise<{ readonly count: number; readonly bytes: Uint8Array }> {
    const count = fields.u32();
    const address = fields.address();
    const index = fields.u32();
    if (address === null || address === 0 || count === 0) return { count: 0, bytes: new Uint8Array(0) };
    const known = this.#collections.get(address) ?? this.#readCollection(address);
    this.#collections.set(address, known);
    const bytes = (await known).get(index);
    if (bytes === undefined) throw fields.fail(`object ${index} is not in the global heap`);
    this.#metadata.spend(bytes.length);
    return { count, bytes };
  }

  async #readCollection(address: number): Promise<ReadonlyMap<number, Uint8Array>> {
    const metadata = this.#metadata;
    const prefix = 8 + metadata.sizes.length;
    const head = await metadata.block(address, prefix, 'global heap');
    head.signature('GCOL');
    head.version([1]);
    head.skip(3);
    const size = head.length();
    if (size < prefix || size > MAX_COLLECTION_BYTES) throw head.fail(`is ${size} bytes long`);
    const fields = await metadata.block(address + prefix, size - prefix, 'global heap');
    const objects = new Map<number, Uint8Array>();
    while (fields.left >= 8 + metadata.sizes.length) {
      const index = fields.u16();
      fields.skip(6); // reference count, reserved
      const length = fields.length();
      if (index === 0) break; // the rest is free
      objects.set(index, fields.bytes(length));
      fields.skip(Math.min(fields.left, (8 - (length % 8)) % 8));
    }
    return objects;
  }
}
