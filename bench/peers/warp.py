"""Warps through GDAL."""

import numpy
import rasterio
from affine import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import reproject
from rasterio.windows import Window

RESAMPLING = {"nearest": rasterio.enums.Resampling.nearest, "bilinear": rasterio.enums.Resampling.bilinear}
# Positions without approximation, and kernels that are not widened where a pixel is a little larger than the source's.
EXACT = {"tolerance": 1e-9, "XSCALE": 1, "YSCALE": 1}


def transform_of(grid):
    return Affine(*grid["transform"])


def warped(file, grid, kernel, exact=False, place=None):
    """A file on a grid, or on the part (row, col, height, width) of it, through a WarpedVRT."""
    row, col, height, width = place or (0, 0, grid["height"], grid["width"])
    with rasterio.open(file) as source:
        with WarpedVRT(
            source,
            crs=f"EPSG:{grid['epsg']}",
            transform=transform_of(grid) @ Affine.translation(col, row),
            width=width,
            height=height,
            resampling=RESAMPLING[kernel],
            **(EXACT if exact else {}),
        ) as vrt:
            return vrt.read(1)


class GdalWarp:
    """GDAL's warper from memory to memory, one thread."""

    def __init__(self, exact):
        self.exact = exact
        self.versions = f"rasterio {rasterio.__version__} (GDAL {rasterio.__gdal_version__})"
        self.sources = {}
        self.target = None

    def prepare(self, job, scratch, round):
        w, grid = job["source"], job["grid"]
        key = (job["file"], tuple(w.values()))
        if key not in self.sources:
            window = Window(w["col"], w["row"], w["width"], w["height"])
            with rasterio.open(job["file"]) as file:
                self.sources[key] = (file.read(1, window=window), file.window_transform(window), file.crs)
        samples, transform, crs = self.sources[key]
        # 0.125 pixels are GDAL's own default for gdalwarp.
        options = EXACT if self.exact else {"tolerance": 0.125}

        shape = (grid["height"], grid["width"])
        if self.target is None or self.target.shape != shape:
            self.target = numpy.zeros(shape, dtype="uint16")
        target = self.target

        def run():
            reproject(
                samples,
                target,
                src_transform=transform,
                src_crs=crs,
                dst_transform=transform_of(grid),
                dst_crs=f"EPSG:{grid['epsg']}",
                resampling=RESAMPLING[job["kernel"]],
                num_threads=1,
                **options,
            )
            return [target]

        return run
