"""Builds: STAC items to one Zarr store, zstd level 3."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import numpy
import rasterio
import zarr
from rasterio.windows import Window
from zarr.codecs import ZstdCodec

from warp import transform_of, warped


def codec():
    return ZstdCodec(level=3)


def read_store(path, job):
    group = zarr.open_group(path, mode="r")
    for band in job["bands"]:
        for index in range(job["times"]):
            yield group[band][index]


def read_items(path):
    with open(path) as file:
        return json.load(file)["features"]


class RasterioZarr:
    """By hand: threads that each fill one chunk."""

    def __init__(self, exact):
        self.exact = exact
        self.versions = f"rasterio {rasterio.__version__} (GDAL {rasterio.__gdal_version__}), zarr {zarr.__version__}"

    def prepare(self, job, scratch, round):
        return lambda: self.build(job, os.path.join(scratch, "cube.zarr"))

    def build(self, job, path):
        grid, chunk = job["grid"], job["chunk"]
        folder = os.path.dirname(job["items"])
        items = sorted(read_items(job["items"]), key=lambda item: item["properties"]["datetime"])
        group = zarr.create_group(path, zarr_format=3)
        shape = (len(items), grid["height"], grid["width"])
        arrays = {
            band: group.create_array(band, shape=shape, chunks=(1, chunk, chunk), dtype="uint16", fill_value=0, compressors=[codec()])
            for band in job["bands"]
        }
        tasks = [
            (band, index, row, col)
            for index in range(len(items))
            for band in job["bands"]
            for row in range(0, grid["height"], chunk)
            for col in range(0, grid["width"], chunk)
        ]

        def fill(task):
            band, index, row, col = task
            file = os.path.join(folder, items[index]["assets"][band]["href"])
            place = (row, col, min(chunk, grid["height"] - row), min(chunk, grid["width"] - col))
            arrays[band][index, row : row + place[2], col : col + place[3]] = self.read(file, job, place)

        with ThreadPoolExecutor(job["threads"]) as pool:
            list(pool.map(fill, tasks))
        return lambda: read_store(path, job)

    def read(self, file, job, place):
        grid = job["grid"]
        with rasterio.open(file) as source:
            if f"EPSG:{grid['epsg']}" == str(source.crs):
                return read_native(source, transform_of(grid), place)
        return warped(file, grid, job["kernel"], self.exact, place)


def read_native(source, transform, place):
    """A window on the source's own lattice; 0 outside the raster."""
    row, col, height, width = place
    col += round((transform.c - source.transform.c) / source.transform.a)
    row += round((transform.f - source.transform.f) / source.transform.e)
    left, right = max(0, col), min(source.width, col + width)
    top, bottom = max(0, row), min(source.height, row + height)
    if left >= right or top >= bottom:
        return 0
    part = source.read(1, window=Window(left, top, right - left, bottom - top))
    if part.shape == (height, width):
        return part
    out = numpy.zeros((height, width), dtype=part.dtype)
    out[top - row : bottom - row, left - col : right - col] = part
    return out


class OdcStac:
    """odc-stac, dask and xarray."""

    def __init__(self):
        import importlib.metadata

        import dask  # noqa: F401
        import odc.stac  # noqa: F401
        import pystac  # noqa: F401
        import xarray  # noqa: F401

        version = importlib.metadata.version
        self.versions = f"odc-stac {version('odc-stac')}, dask {version('dask')}, xarray {version('xarray')}, zarr {version('zarr')}"

    def prepare(self, job, scratch, round):
        return lambda: self.build(job, os.path.join(scratch, "cube.zarr"))

    def build(self, job, path):
        import dask
        import odc.stac
        import pystac
        from odc.geo.geobox import GeoBox

        grid, chunk = job["grid"], job["chunk"]
        items = []
        for feature in read_items(job["items"]):
            item = pystac.Item.from_dict(feature)
            item.set_self_href(job["items"])
            item.make_asset_hrefs_absolute()
            items.append(item)
        geobox = GeoBox((grid["height"], grid["width"]), transform_of(grid), f"EPSG:{grid['epsg']}")
        with dask.config.set(scheduler="threads", num_workers=job["threads"]):
            cube = odc.stac.load(
                items,
                bands=job["bands"],
                geobox=geobox,
                groupby="solar_day",
                resampling=job["kernel"],
                chunks={"x": chunk, "y": chunk},
                stac_cfg={"bench": {"assets": {"*": {"data_type": "uint16", "nodata": 0}}}},
            )
            encoding = {band: {"compressors": [codec()], "chunks": (1, chunk, chunk)} for band in job["bands"]}
            cube.to_zarr(path, mode="w", zarr_format=3, consolidated=False, encoding=encoding)
        return lambda: read_store(path, job)
