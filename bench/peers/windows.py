"""Windows of files through rasterio."""

import os
from concurrent.futures import ThreadPoolExecutor

import rasterio
from rasterio.windows import Window

from warp import warped

VERSIONS = f"rasterio {rasterio.__version__} (GDAL {rasterio.__gdal_version__})"


def window_of(w):
    return Window(w["col"], w["row"], w["width"], w["height"])


class Rasterio:
    """One Python thread; `threads` is GDAL's NUM_THREADS. Warps are a WarpedVRT; `exact` turns its approximation off."""

    def __init__(self, threads=None, exact=False):
        self.options = {} if threads is None else {"NUM_THREADS": threads}
        self.exact = exact
        self.versions = VERSIONS

    def prepare(self, job, scratch, round):
        if job["kind"] == "windows":
            return lambda: self.read(job)
        return lambda: [warped(job["file"], job["grid"], job["kernel"], self.exact)]

    def read(self, job):
        result = []
        for file, window in job["reads"]:
            with rasterio.open(job["files"][file], **self.options) as source:
                result.append(source.read(1, window=window_of(window)))
        return result


class RasterioPool:
    """A thread for every core, each with its own datasets and its own half of the reads, in their order."""

    def __init__(self):
        self.versions = VERSIONS
        self.threads = os.cpu_count()

    def prepare(self, job, scratch, round):
        reads = job["reads"]
        cuts = [len(reads) * i // self.threads for i in range(self.threads + 1)]

        def part(i):
            sources = {}
            try:
                result = []
                for file, window in reads[cuts[i] : cuts[i + 1]]:
                    if file not in sources:
                        sources[file] = rasterio.open(job["files"][file])
                    result.append(sources[file].read(1, window=window_of(window)))
                return result
            finally:
                for source in sources.values():
                    source.close()

        def run():
            with ThreadPoolExecutor(self.threads) as pool:
                return [array for result in pool.map(part, range(self.threads)) for array in result]

        return run
