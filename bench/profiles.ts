/**
 * What limits a case, for the page: measured with `perf record`, `node --cpu-prof` and timers in the kernels on the machine
 * that the page names. Shown beneath the rows that fall short.
 */
export const PROFILES: Readonly<Record<string, string>> = {
  P1: 'of the CPU seconds 87 % are inflate, 5 % reading, 3 % the predictor, 5 % writing to the window: `P1.libdeflate` is what is left for a reader to gain. A read into new memory takes a fifth longer, because the system makes its pages.',
  'P2.float32': 'inflate is 88 % of the time in the addon, undoing the predictor 6 %.',
  'P2.zstd':
    'the zstd library, the same as in the peer, decodes for 83 % of the CPU seconds of the kernels; copying into place is 8 %, undoing the predictor 4 %, reading 6 %.',
  P4: 'chips begin anywhere in a tile, so on average 62 % of its rows are inflated before the last one that is wanted: 2.8 ms a chip in libdeflate alone, of 3.2 ms in all. Two bare threads of libdeflate would be 3.0 times as fast as the peer. Tried: inflating only to the last row, reading only the first part of a tile, undoing the predictor of the wanted rows only; left: an inflate that decodes two tiles at once.',
  'P5.near':
    'two threads. 2 ms make the map (4,705 exact positions and a check of every cell), 5 to 6 ms the samples: half of that waits for memory, since target rows lie aslant in the source; asking for the samples some rows below in advance took it from 14 to 8 ms in one thread. Positions stay double: within 0.01 pixels, where the peer allows 0.125.',
  'P5.bilinear':
    'two threads. 2 ms make the map, 8 ms the samples: a fifth positions, a third gathering four samples, a third the weights in double precision, the rest rounding.',
  'P6.near':
    'of 76 CPU ms some 50 inflate the tiles as far as the window needs them, 10 warp, 2 make the map, 10 collect garbage (arrays of megabytes make the collector run). Two threads of libdeflate alone need half of the wall time.',
  'P6.bilinear':
    'as P6.near, with 14 ms for the warp. The peer of today is 2.7 times as fast as when the target was set.',
  P7: 'coverage is 25 ms in one thread, statistics 18 ms in two, the rest makes windows and flat arrays in JavaScript.',
  P8: 'in one thread, before the first tile: 90 ms project 400,000 points (every edge is compared with its curve in three places), then 37 ms of coverage, 50 ms of statistics, 80 ms of garbage collection; tiles are inflated meanwhile in other threads, 250 CPU ms.',
  P9: 'inflate is a quarter of all samples and statistics an eighth; the rest is spread over the rows that come back as objects (120,000 of them), garbage collection and the start of every file.',
  P10: 'the zstd library encodes for more than half of the samples of the write, in two threads; the rest copies samples and makes pages and files.',
  P11: 'zstd decodes for 36 % of all samples, copying is 13 %, new pages for the result 11 %, reading 7 %.',
  'P12.headers': 'two round trips of latency, and the connections that the first one opens.',
  'P13.zstd':
    'the zstd library at level 3 takes 3.1 of 4.9 CPU seconds, inflate 1.0; 0.55 s pass before the first task (modules of the command), 0.25 s in starting threads.',
  'P13.default':
    'zstd at level 1 takes 1.25 of 3.2 CPU seconds, inflate 1.0, checksums of objects for resuming 0.15, garbage collection 0.2; 0.55 s pass before the first task (modules of the command), 0.25 s in starting threads.',
  P14: 'the zstd library at level 3 takes 3.9 of 8.1 CPU seconds, inflate 1.4, the warp 1.1, garbage collection 0.4: with encoding alone the ratio would be near the target.',
  P15: 'inflate is 52 % of all samples, Node itself (modules, garbage collection, rows) 23 %, DuckDB for the labels 3 %.',
  R1: 'one JavaScript thread is busy for 0.48 s: 29 % HTTP client and sockets, 18 % directories of TIFFs, 17 % garbage collection, 14 % the layers that limit, retry, merge and hold ranges. async-geotiff does it in Rust and opens all at once; with more than 128 at a time ours gains nothing.',
  'R2.open':
    'the library of both sides: 18 % of all samples decompress the manifest, 26 % check its FlatBuffers, 28 % are its iterators, in one thread; columns are made in 2 %. The peer hands out one value a reference, ours four.',
  R3: 'tiles are decoded by the same calls in the same CPU time; what is left is opening, 8 to 25 ms before the first tile, where files are opened one by one between two reads.',
};

/** The profile whose name is the longest that a row's name begins with, under that name; null where there is none. */
export function profileOf(name: string): [string, string] | null {
  const known = Object.keys(PROFILES).filter((key) => name === key || name.startsWith(`${key}.`));
  const best = known.toSorted((a, b) => b.length - a.length)[0];
  return best === undefined ? null : [best, PROFILES[best]!];
}
