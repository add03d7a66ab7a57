"""Zarr arrays through zarr-python."""

import os

import numpy
import rasterio
import zarr
from rasterio.windows import Window
from zarr.codecs import BloscCodec, BloscShuffle


class ZarrPython:
    def __init__(self):
        self.versions = f"zarr {zarr.__version__}"
        self.samples = {}

    def prepare(self, job, scratch, round):
        if job["kind"] == "zarr-read":
            return lambda: [zarr.open_group(job["store"], mode="r")["data"][:]]
        path = os.path.join(scratch, "out.zarr")
        samples = self.samples_of(job)
        return lambda: write(path, samples, job["chunk"])

    def samples_of(self, job):
        w = job["window"]
        key = (job["file"], tuple(w.values()))
        if key not in self.samples:
            with rasterio.open(job["file"]) as source:
                self.samples[key] = source.read(1, window=Window(w["col"], w["row"], w["width"], w["height"]))
        return self.samples[key]


def write(path, samples, chunk):
    group = zarr.create_group(path, zarr_format=3)
    array = group.create_array(
        "data",
        shape=samples.shape,
        chunks=(chunk, chunk),
        dtype=samples.dtype,
        fill_value=0,
        compressors=[BloscCodec(cname="zstd", clevel=1, shuffle=BloscShuffle.shuffle)],
    )
    array[:] = samples
    return lambda: [numpy.asarray(array[:])]
