"""Windows of files through rasterio."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy
import rasterio
from rasterio.windows import Window

from warp import warped

VERSIONS = f"rasterio {rasterio.__version__} (GDAL {rasterio.__gdal_version__})"


def window_of(w):
    return Window(w["col"], w["row"], w["width"], w["height"])


class Memory:
    """Results of a read go where those of the round before went."""

    def __init__(self):
        self.arrays = {}

    def read(self, number, source, w):
        shape = (w["height"], w["width"])
        known = self.arrays.get(number)
        if known is None or known.shape != shape or known.dtype != source.dtypes[0]:
            known = self.arrays[number] = numpy.empty(shape, source.dtypes[0])
        return source.read(1, window=window_of(w), out=known)


class Rasterio:
    """One Python thread; `threads` is GDAL's NUM_THREADS. Warps are a WarpedVRT; `exact` turns its approximation off."""

    def __init__(self, threads=None, exact=False):
        self.options = {} if threads is None else {"NUM_THREADS": threads}
        self.exact = exact
        self.memory = Memory()
        self.versions = VERSIONS

    def prepare(self, job, scratch, round):
        if job["kind"] == "windows":
            return lambda: self.read(job)
        return lambda: [warped(job["file"], job["grid"], job["kernel"], self.exact)]

    def read(self, job):
        result = []
        for number, (file, window) in enumerate(job["reads"]):
            with rasterio.open(job["files"][file], **self.options) as source:
                result.append(self.memory.read(number, source, window))
        return result


class RasterioPool:
    """A thread for every core, each with its own datasets and its own half of the reads, in their order."""

    def __init__(self):
        self.versions = VERSIONS
        self.threads = os.cpu_count()
        self.memory = Memory()

    def prepare(self, job, scratch, round):
        reads = job["reads"]
        cuts = [len(reads) * i // self.threads for i in range(self.threads + 1)]

        def part(i):
            sources = {}
            try:
                result = []
                for number in range(cuts[i], cuts[i + 1]):
                    file, window = reads[number]
                    if file not in sources:
                        sources[file] = rasterio.open(job["files"][file])
                    result.append(self.memory.read(number, sources[file], window))
                return result
            finally:
                for source in sources.values():
                    source.close()

        def run():
            with ThreadPoolExecutor(self.threads) as pool:
                return [array for result in pool.map(part, range(self.threads)) for array in result]

        return run
