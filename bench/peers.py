"""Peers in Python: one route a process, jobs as JSON lines on stdin, one answer a line (see protocol.ts)."""

import gc
import json
import os
import resource
import shutil
import sys
import time
import traceback
import zlib
from concurrent.futures import ThreadPoolExecutor

KERNELS = {"nearest": 0, "bilinear": 1}
STATISTICS = ["count", "mean", "stdev", "min", "max"]


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def reset_peak():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def peak_mib():
    try:
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def transform_of(grid):
    from affine import Affine

    return Affine(*grid["transform"])


class Rasterio:
    """Windows and warps through rasterio; `threads` is GDAL's NUM_THREADS, `exact` turns its approximation off."""

    def __init__(self, threads=None, exact=False):
        import rasterio

        self.options = {} if threads is None else {"NUM_THREADS": threads}
        self.warp_options = {"tolerance": 1e-9, "XSCALE": 1, "YSCALE": 1} if exact else {}
        self.versions = f"rasterio {rasterio.__version__} (GDAL {rasterio.__gdal_version__})"

    def run(self, job, scratch):
        import rasterio
        from rasterio.vrt import WarpedVRT
        from rasterio.windows import Window

        with rasterio.open(job["file"], **self.options) as source:
            if job["kind"] == "decode":
                w = job["window"]
                data = source.read(1, window=Window(w["col"], w["row"], w["width"], w["height"]))
                return lambda: [data]
            if job["kind"] == "warp":
                grid = job["grid"]
                with WarpedVRT(
                    source,
                    crs=f"EPSG:{grid['epsg']}",
                    transform=transform_of(grid),
                    width=grid["width"],
                    height=grid["height"],
                    resampling=rasterio.enums.Resampling(KERNELS[job["kernel"]]),
                    **self.warp_options,
                ) as vrt:
                    data = vrt.read(1)
                return lambda: [data]
        raise ValueError(f"rasterio has no {job['kind']}")


class ExactExtract:
    """Zonal statistics; polygons are read before the clock starts."""

    def __init__(self, strategy):
        import importlib.metadata

        import exactextract  # noqa: F401
        import rasterio  # noqa: F401

        self.strategy = strategy
        self.features = {}
        self.versions = f"exactextract {importlib.metadata.version('exactextract')}"

    def prepare(self, job):
        path = job["projected"]
        if path not in self.features:
            with open(path) as file:
                features = json.load(file)["features"]
            self.features[path] = [{**feature, "id": feature["properties"]["id"]} for feature in features]

    def run(self, job, scratch):
        import numpy
        import rasterio
        from exactextract import exact_extract

        with rasterio.open(job["file"]) as raster:
            rows = exact_extract(raster, self.features[job["projected"]], STATISTICS, strategy=self.strategy, include_cols=["id"])
        rows.sort(key=lambda row: row["id"])
        values = [[row["properties"][name] for name in STATISTICS] for row in rows]
        table = numpy.array([[numpy.nan if v is None else v for v in row] for row in values], dtype="float64")
        return lambda: [table]


def codec():
    from zarr.codecs import BloscCodec, BloscShuffle

    return BloscCodec(cname="zstd", clevel=1, shuffle=BloscShuffle.shuffle)


def read_store(path, job):
    import zarr

    group = zarr.open_group(path, mode="r")
    for band in job["bands"]:
        for index in range(job["times"]):
            yield group[band][index]


def read_items(path):
    with open(path) as file:
        return json.load(file)["features"]


class RasterioZarr:
    """A build by hand: threads that each fill one chunk, the first tile with data wins."""

    def __init__(self):
        import rasterio
        import zarr

        self.versions = f"rasterio {rasterio.__version__} (GDAL {rasterio.__gdal_version__}), zarr {zarr.__version__}"

    def run(self, job, scratch):
        import zarr

        grid, chunk = job["grid"], job["chunk"]
        items = read_items(job["items"])
        dates = sorted({item["properties"]["datetime"] for item in items})
        path = os.path.join(scratch, "cube.zarr")
        group = zarr.create_group(path, zarr_format=3)
        shape = (len(dates), grid["height"], grid["width"])
        arrays = {
            band: group.create_array(band, shape=shape, chunks=(1, chunk, chunk), dtype="uint16", fill_value=0, compressors=[codec()])
            for band in job["bands"]
        }
        folder = os.path.dirname(job["items"])
        tasks = [
            (band, index, row, col)
            for index in range(len(dates))
            for band in job["bands"]
            for row in range(0, grid["height"], chunk)
            for col in range(0, grid["width"], chunk)
        ]

        def fill(task):
            band, index, row, col = task
            files = [
                os.path.join(folder, item["assets"][band]["href"]) for item in items if item["properties"]["datetime"] == dates[index]
            ]
            height, width = min(chunk, grid["height"] - row), min(chunk, grid["width"] - col)
            arrays[band][index, row : row + height, col : col + width] = mosaic(files, job, (row, col, height, width))

        with ThreadPoolExecutor(job["threads"]) as pool:
            list(pool.map(fill, tasks))
        return lambda: read_store(path, job)


def mosaic(files, job, place):
    import numpy

    out = None
    for file in files:
        part = read_part(file, job, place)
        if part is None:
            continue
        out = part if out is None else numpy.where(out != 0, out, part)
        if out.all():
            break
    return 0 if out is None else out


def read_part(file, job, place):
    import rasterio
    from affine import Affine
    from rasterio.vrt import WarpedVRT

    row, col, height, width = place
    transform = transform_of(job["grid"]) @ Affine.translation(col, row)
    with rasterio.open(file) as source:
        if f"EPSG:{job['grid']['epsg']}" == str(source.crs):
            return read_native(source, transform, height, width)
        with WarpedVRT(
            source,
            crs=f"EPSG:{job['grid']['epsg']}",
            transform=transform,
            width=width,
            height=height,
            resampling=rasterio.enums.Resampling(KERNELS[job["kernel"]]),
        ) as vrt:
            return vrt.read(1)


def read_native(source, transform, height, width):
    import numpy
    from rasterio.windows import Window

    col = round((transform.c - source.transform.c) / source.transform.a)
    row = round((transform.f - source.transform.f) / source.transform.e)
    left, right = max(0, col), min(source.width, col + width)
    top, bottom = max(0, row), min(source.height, row + height)
    if left >= right or top >= bottom:
        return None
    part = source.read(1, window=Window(left, top, right - left, bottom - top))
    if part.shape == (height, width):
        return part
    out = numpy.zeros((height, width), dtype=part.dtype)
    out[top - row : bottom - row, left - col : right - col] = part
    return out


class OdcStac:
    """A build with odc-stac, dask and xarray."""

    def __init__(self):
        import importlib.metadata

        import dask  # noqa: F401
        import odc.stac  # noqa: F401
        import pystac  # noqa: F401
        import xarray  # noqa: F401

        version = importlib.metadata.version
        self.versions = f"odc-stac {version('odc-stac')}, dask {version('dask')}, xarray {version('xarray')}, zarr {version('zarr')}"

    def run(self, job, scratch):
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
        path = os.path.join(scratch, "cube.zarr")
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


ROUTES = {
    "rasterio": lambda: Rasterio(),
    "rasterio-threads": lambda: Rasterio(threads="ALL_CPUS"),
    "rasterio-exact": lambda: Rasterio(exact=True),
    "exactextract": lambda: ExactExtract("feature-sequential"),
    "exactextract-raster": lambda: ExactExtract("raster-sequential"),
    "rasterio-zarr": lambda: RasterioZarr(),
    "odc-stac": lambda: OdcStac(),
}


def answer(route, request):
    job, scratch = request["job"], request["scratch"]
    if job["kind"] == "build":
        shutil.rmtree(scratch, ignore_errors=True)
        os.makedirs(scratch)
    if hasattr(route, "prepare"):
        route.prepare(job)
    gc.collect()
    reset_peak()
    cpu, start = cpu_seconds(), time.perf_counter()
    result = route.run(job, scratch)
    wall = time.perf_counter() - start
    measured = {"wall": wall, "cpu": cpu_seconds() - cpu, "peakMiB": peak_mib()}
    return {**measured, "crc": checksum(result, request["dump"])}


def checksum(result, dump):
    crc = 0
    file = None if dump is None else open(dump, "wb")
    for piece in result():
        data = piece.tobytes()
        crc = zlib.crc32(data, crc)
        if file is not None:
            file.write(data)
    if file is not None:
        file.close()
    return crc


def main():
    try:
        route = ROUTES[sys.argv[1]]()
    except ImportError as error:
        say({"absent": str(error)})
        return
    say({"ready": route.versions})
    for line in sys.stdin:
        try:
            say(answer(route, json.loads(line)))
        except Exception:
            say({"error": traceback.format_exc()})


main()
