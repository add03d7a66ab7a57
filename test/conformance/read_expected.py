"""Compares what `cube read` wrote with what rasterio or zarr-python reads.

Standard input: JSON list of {"kind": "geotiff" | "zarr", "source": path, "output": path of a .npy or a .zarr, or null}.
Standard output: for each {"readable": bool, "words": what differs, or ""}. A half float of GDAL, which older versions
show as float32, is compared as float32. JPEG samples may differ by a little; those with YCbCr colours only have to be
the same picture where GDAL's library does not interpolate chroma (see geotiff_expected.py).
"""

import json
import sys
import warnings

import numpy
import rasterio
import zarr
from geotiff_expected import interpolates_chroma

JPEG_MARK = 4
SAME_PICTURE = 5


def written(path):
    if path.endswith(".npy"):
        return numpy.load(path, allow_pickle=False)
    return zarr.open_array(f"{path}/data", mode="r")[...]


def geotiff(path):
    with rasterio.open(path) as dataset:
        structure = dataset.tags(ns="IMAGE_STRUCTURE")
        values = dataset.read()
    mark = JPEG_MARK if "JPEG" in structure.get("COMPRESSION", "") else 0
    return values, mark, structure.get("SOURCE_COLOR_SPACE") == "YCbCr"


def zarr_array(path):
    values = zarr.open_array(path, mode="r")[...]
    if numpy.asarray(values).dtype.kind not in "biuf":
        raise ValueError("no numbers")
    return numpy.asarray(values), 0, False


def differs(expected, found, mark, loose):
    if found.dtype == numpy.float16 and expected.dtype == numpy.float32:
        found = found.astype(numpy.float32)
    if expected.shape != found.shape:
        return f"shape {found.shape}, expected {expected.shape}"
    if expected.dtype.newbyteorder("=") != found.dtype.newbyteorder("="):
        return f"type {found.dtype}, expected {expected.dtype}"
    if mark == 0:
        little = expected.astype(expected.dtype.newbyteorder("<"), copy=False)
        return "" if little.tobytes() == found.tobytes() else "other samples"
    distance = numpy.abs(expected.astype(int) - found.astype(int))
    if loose:
        return "" if distance.mean() <= SAME_PICTURE else f"mean difference {distance.mean()}"
    return "" if distance.max() <= mark else f"difference {distance.max()}"


def compare(interpolates, kind, source, output):
    try:
        expected, mark, chroma = geotiff(source) if kind == "geotiff" else zarr_array(source)
    except Exception as error:  # what the other program cannot read is part of the answer
        return {"readable": False, "words": f"{type(error).__name__}: {error}"[:200]}
    if output is None:
        return {"readable": True, "words": ""}
    return {"readable": True, "words": differs(expected, written(output), mark, chroma and not interpolates)}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    interpolates = interpolates_chroma()
    json.dump([compare(interpolates, **job) for job in json.load(sys.stdin)], sys.stdout)
