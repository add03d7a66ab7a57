"""Makes files of the formats that GDAL reads for us, and prints what rasterio reads in them.

make FOLDER: writes the files. facts FILE...: bands, levels and SHA-256 of the samples of each, as JSON.
"""

import hashlib
import json
import sys

import numpy as np
import rasterio
from rasterio.shutil import copy
from rasterio.transform import from_origin

WIDTH, HEIGHT = 1500, 1300


def make(folder):
    random = np.random.default_rng(7)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    data = np.stack([(rows * 3 + columns * 2 + band * 500) % 9000 for band in range(3)]).astype("uint16")
    data += random.integers(0, 50, data.shape, dtype="uint16")
    data[:, 100:400, 200:700] = 0
    profile = {
        "driver": "GTiff", "width": WIDTH, "height": HEIGHT, "count": 3, "dtype": "uint16", "crs": "EPSG:32633",
        "transform": from_origin(500000, 5300000, 10, 10), "nodata": 0, "tiled": True, "compress": "deflate",
    }
    tiff = f"{folder}/image.tif"
    with rasterio.open(tiff, "w", **profile) as target:
        target.write(data)
    lossless = {"QUALITY": "100", "REVERSIBLE": "YES"}
    copy(tiff, f"{folder}/image.jp2", driver="JP2OpenJPEG", RESOLUTIONS="4", **lossless)
    copy(tiff, f"{folder}/tiled.jp2", driver="JP2OpenJPEG", BLOCKXSIZE="256", BLOCKYSIZE="256", **lossless)
    copy(tiff, f"{folder}/image.vrt", driver="VRT")
    small = {**profile, "width": 90, "height": 70, "count": 2, "dtype": "float32", "crs": "EPSG:4326",
             "transform": from_origin(10, 50, 0.25, 0.25), "nodata": -9999, "tiled": False, "compress": None}
    values = random.normal(280, 10, (2, 70, 90)).astype("float32")
    values[:, :5, :9] = -9999
    with rasterio.open(f"{folder}/small.tif", "w", **small) as target:
        target.write(values)
    copy(f"{folder}/small.tif", f"{folder}/small.grib", driver="GRIB")
    copy(f"{folder}/small.tif", f"{folder}/classic.nc", driver="netCDF", FORMAT="NC")


def describe(name):
    with rasterio.open(name) as source:
        levels = [level_of(source)]
        overviews = range(len(source.overviews(1)))
        facts = {
            "nodata": source.nodata, "dtypes": source.dtypes, "subdatasets": source.subdatasets,
            "epsg": source.crs.to_epsg() if source.crs else None, "transform": list(source.transform)[:6],
            "names": source.descriptions, "scales": source.scales, "offsets": source.offsets,
        }
    for number in overviews:
        with rasterio.open(name, overview_level=number) as source:
            levels.append(level_of(source))
    return {**facts, "levels": levels}


def level_of(source):
    data = source.read() if source.count else np.zeros(0)
    return {"shape": list(data.shape), "sha256": hashlib.sha256(np.ascontiguousarray(data).tobytes()).hexdigest()}


if sys.argv[1] == "make":
    make(sys.argv[2])
    print("null")
else:
    print(json.dumps([describe(name) for name in sys.argv[2:]]))
