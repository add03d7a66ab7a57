/** Small, seeded generator (mulberry32): numbers in 0 to 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A copy with one to eight mutations: bytes changed, stretches removed, repeated or overwritten with extremes. */
export function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  let result = Uint8Array.from(bytes);
  const times = 1 + Math.floor(random() * 8);
  for (let i = 0; i < times && result.length > 0; i++) result = mutateOnce(result, random);
  return result;
}

function mutateOnce(bytes: Uint8Array<ArrayBuffer>, random: () => number): Uint8Array<ArrayBuffer> {
  const at = Math.floor(random() * bytes.length);
  const length = 1 + Math.floor(random() * 16);
  switch (Math.floor(random() * 5)) {
    case 0:
      bytes[at] = Math.floor(random() * 256);
      return bytes;
    case 1:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
    case 2:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at, at + length), ...bytes.subarray(at)]);
    case 3:
      bytes.fill([0x00, 0x7f, 0xff][Math.floor(random() * 3)]!, at, at + (random() < 0.5 ? 4 : 8));
      return bytes;
    default:
      return bytes.slice(0, at);
  }
}
