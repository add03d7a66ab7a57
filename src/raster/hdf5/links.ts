import { readTreeV1 } from './btree-v1.js';
import { readTreeV2 } from './btree-v2.js';
import { textOf } from './fields.js';
import { openFractalHeap } from './fractal-heap.js';
import type { Metadata } from './metadata.js';
import { findMessage, MessageType, type Message } from './object-header.js';

/** A name in a group, and what it stands for. */
export type Link = { readonly name: string } & (
  | { readonly kind: 'hard'; readonly address: number }
  /** A path in the same file. */
  | { readonly kind: 'soft'; readonly target: string }
  /** Another file, or a kind that only its writer knows. */
  | { readonly kind: 'other' }
);

const MAX_HEAP_BYTES = 2 ** 26;

/** Whether the object has links, that is whether it is a group. */
export function isGroup(messages: readonly Message[]): boolean {
  return messages.some(({ type }) => type === MessageType.symbolTable || type === MessageType.linkInfo);
}

/** All links of a group in any of its three storages: symbol table, messages, fractal heap. Errors: `invalid-data`. */
export async function readLinks(metadata: Metadata, messages: readonly Message[]): Promise<Link[]> {
  const table = findMessage(messages, MessageType.symbolTable);
  if (table !== null) return readSymbolTable(metadata, table);
  const compact = messages.filter(({ type }) => type === MessageType.link);
  const links = compact.map(({ body, address }) => parseLink(metadata, body, address));
  const info = findMessage(messages, MessageType.linkInfo);
  return info === null ? links : [...links, ...(await readDenseLinks(metadata, info))];
}

/** IV.A.2.r and III.B: names in a local heap, found by a B-tree of symbol table nodes. */
async function readSymbolTable(metadata: Metadata, { body, address }: Message): Promise<Link[]> {
  const fields = metadata.fields(body, address, 'symbol table');
  const tree = fields.definedAddress();
  const heap = await readLocalHeap(metadata, fields.definedAddress());
  const entries = await readTreeV1(metadata, tree, { type: 0, keyBytes: metadata.sizes.length });
  const nodes = await Promise.all(entries.map(({ child }) => readSymbols(metadata, child, heap)));
  return nodes.flat();
}

type TextAt = (offset: number) => string;

/** III.D: the offset of each text in one segment of bytes. */
async function readLocalHeap(metadata: Metadata, address: number): Promise<TextAt> {
  const { offset, length } = metadata.sizes;
  const head = await metadata.block(address, 8 + 2 * length + offset, 'local heap');
  head.signature('HEAP');
  head.version([0]);
  head.skip(3);
  const size = head.length();
  head.length(); // free list
  if (size > MAX_HEAP_BYTES) throw head.fail(`is ${size} bytes long`);
  const segment = await metadata.bytes(head.definedAddress(), size, 'local heap');
  return (at) => {
    if (at >= segment.length) throw head.fail(`has no byte ${at}`);
    const end = segment.indexOf(0, at);
    const text = segment.subarray(at, end < 0 ? segment.length : end);
    metadata.spend(text.length);
    return textOf(text);
  };
}

/** III.C: entries of one symbol table node. Cache type 2 marks a soft link. */
async function readSymbols(metadata: Metadata, address: number, textAt: TextAt): Promise<Link[]> {
  const { offset } = metadata.sizes;
  const head = await metadata.block(address, 8, 'symbol table node');
  head.signature('SNOD');
  head.version([1]);
  head.skip(1);
  const count = head.u16();
  const fields = await metadata.block(address + 8, count * (2 * offset + 24), 'symbol table node');
  return Array.from({ length: count }, (): Link => {
    // "Link Name Offset" has the size of offsets.
    const name = textAt(fields.uint(offset));
    const object = fields.address();
    const cache = fields.u32();
    fields.skip(4);
    const scratch = metadata.fields(fields.bytes(16), address, 'symbol table entry');
    if (cache === 2) return { kind: 'soft', name, target: textAt(scratch.u32()) };
    return object === null ? { kind: 'other', name } : { kind: 'hard', name, address: object };
  });
}

/** IV.A.2.c: link info. */
async function readDenseLinks(metadata: Metadata, { body, address }: Message): Promise<Link[]> {
  const fields = metadata.fields(body, address, 'link info');
  fields.version([0]);
  const flags = fields.u8();
  if ((flags & 1) !== 0) fields.skip(8);
  const heapAddress = fields.address();
  const names = fields.address();
  if (heapAddress === null || names === null) return [];
  const heap = await openFractalHeap(metadata, heapAddress);
  const { records } = await readTreeV2(metadata, names, [5]);
  return Promise.all(
    records.map(async (record) => {
      record.skip(4); // hash of the name
      return parseLink(metadata, await heap.read(record.bytes(7)), heapAddress);
    }),
  );
}

/** IV.A.2.g: a link message. */
function parseLink(metadata: Metadata, body: Uint8Array, address: number): Link {
  const fields = metadata.fields(body, address, 'link');
  fields.version([1]);
  const flags = fields.u8();
  const type = (flags & 8) !== 0 ? fields.u8() : 0;
  if ((flags & 4) !== 0) fields.skip(8);
  if ((flags & 16) !== 0) fields.skip(1);
  const name = textOf(fields.bytes(fields.uint(1 << (flags & 3))));
  if (type === 0) return { kind: 'hard', name, address: fields.definedAddress() };
  if (type === 1) return { kind: 'soft', name, target: textOf(fields.bytes(fields.u16())) };
  return { kind: 'other', name };
}
