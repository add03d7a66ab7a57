"""What inflating alone takes: libdeflate on the tiles of a window, in as many threads as there are cores, into memory that is reused."""

import ctypes
import importlib.metadata
import os
import threading

import deflate._deflate
import numpy
import rasterio


class Libdeflate:
    def __init__(self):
        # The package's module holds the whole of libdeflate; calls through ctypes let other threads run.
        self.lib = ctypes.CDLL(deflate._deflate.__file__)
        self.lib.libdeflate_alloc_decompressor.restype = ctypes.c_void_p
        self.lib.libdeflate_zlib_decompress.argtypes = [
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
        ]
        self.versions = f"libdeflate of deflate {importlib.metadata.version('deflate')}"
        self.threads = os.cpu_count()
        self.memory = {}

    def prepare(self, job, scratch, round):
        [[file, window]] = job["reads"]
        with rasterio.open(job["files"][file]) as source:
            side = source.block_shapes[0][0]
            tiles = tiles_of(source, window, side)
        key = (side, len(tiles))
        if key not in self.memory:
            self.memory[key] = numpy.ones((len(tiles), side, side), dtype="uint16")
            self.memory[file] = numpy.fromfile(job["files"][file], dtype="uint8")
        arrays, data = self.memory[key], self.memory[file]

        def run():
            self.inflate(tiles, data, arrays)
            return lambda: [assemble(arrays, window, side)]

        return run

    def inflate(self, tiles, data, arrays):
        base = data.ctypes.data
        turn = iter(range(len(tiles)))
        failed = []

        def work():
            decompressor = self.lib.libdeflate_alloc_decompressor()
            for i in turn:
                offset, length = tiles[i]
                code = self.lib.libdeflate_zlib_decompress(
                    decompressor, base + offset, length, arrays[i].ctypes.data, arrays[i].nbytes, None
                )
                if code != 0:
                    failed.append((i, code))
            self.lib.libdeflate_free_decompressor(ctypes.c_void_p(decompressor))

        threads = [threading.Thread(target=work) for _ in range(self.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise ValueError(f"libdeflate failed: {failed}")


def tiles_of(source, window, side):
    """(offset, length) of the tiles of an aligned window, by row."""
    tiles = []
    for row in range(window["row"] // side, (window["row"] + window["height"]) // side):
        for col in range(window["col"] // side, (window["col"] + window["width"]) // side):
            place = [source.get_tag_item(f"BLOCK_{name}_{col}_{row}", "TIFF", bidx=1) for name in ("OFFSET", "SIZE")]
            tiles.append(tuple(int(value) for value in place))
    return tiles


def assemble(arrays, window, side):
    """Undo predictor 2 and put the tiles together, so that the result can be compared."""
    samples = numpy.cumsum(arrays, axis=2, dtype="uint16")
    down, across = window["height"] // side, window["width"] // side
    return samples.reshape(down, across, side, side).swapaxes(1, 2).reshape(window["height"], window["width"])
