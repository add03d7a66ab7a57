"""What GDAL reads from GeoTIFFs: a JSON object on standard output, by the paths on standard input.

For every level and band the SHA-256 of the samples, row-major and little-endian, half floats as float32. Samples of
JPEG files, which two decoders do not agree on, are written raw into the folder named by the first argument instead.
Masks are hashed as 0 and 1.

GDAL's builds carry one of two JPEG libraries. libjpeg-turbo interpolates subsampled chroma; libjpeg 7 and later enlarge
it in the cosine transform, which gives other colours at every sharp edge. With the latter, samples of files with YCbCr
colours are not compared (neither hash nor raw file).
"""

import hashlib
import json
import os
import sys
import warnings

import numpy
import rasterio
from rasterio.enums import MaskFlags
from rasterio.io import MemoryFile
from rasterio.windows import Window

ROWS = 512


def interpolates_chroma():
    """Two flat colours that meet where two blocks meet: only an interpolating decoder blends them."""
    pixels = numpy.zeros((3, 32, 32), "uint8")
    pixels[0, :, :16] = 255
    pixels[2, :, 16:] = 255
    options = {"compress": "jpeg", "photometric": "ycbcr", "jpeg_quality": 100}
    with MemoryFile() as memory:
        with memory.open(driver="GTiff", width=32, height=32, count=3, dtype="uint8", **options) as dataset:
            dataset.write(pixels)
        with memory.open() as dataset:
            red = dataset.read(1).astype(int)
    return abs(red[8, 15] - red[8, 4]) > 16


def samples_of(dataset, band, window=None):
    samples = dataset.read(band, window=window)
    if samples.dtype == numpy.float16:
        samples = samples.astype(numpy.float32)
    return samples.astype(samples.dtype.newbyteorder("<"), copy=False).tobytes()


def band_parts(dataset, band):
    for row in range(0, dataset.height, ROWS):
        yield samples_of(dataset, band, Window(0, row, dataset.width, min(ROWS, dataset.height - row)))


def band_expected(dataset, band, raw_path):
    if raw_path:
        with open(raw_path, "wb") as raw:
            raw.writelines(band_parts(dataset, band))
        return {"sha256": None, "raw": os.path.basename(raw_path)}
    digest = hashlib.sha256()
    for part in band_parts(dataset, band):
        digest.update(part)
    return {"sha256": digest.hexdigest(), "raw": None}


def mask_hash(dataset):
    if dataset.mask_flag_enums[0] != [MaskFlags.per_dataset]:
        return None
    mask = dataset.read_masks(1) != 0
    return hashlib.sha256(mask.astype("uint8").tobytes()).hexdigest()


def level(path, overview, raw_prefix, comparable):
    options = {} if overview is None else {"overview_level": overview}
    with rasterio.open(path, **options) as dataset:
        bands = []
        for band in range(1, dataset.count + 1):
            raw = f"{raw_prefix}-{band}.bin" if raw_prefix else None
            bands.append(band_expected(dataset, band, raw) if comparable else {"sha256": None, "raw": None})
        dtype = "float32" if dataset.dtypes[0] == "float16" else dataset.dtypes[0]
        size = {"width": dataset.width, "height": dataset.height}
        return {**size, "dtype": dtype, "bands": bands, "mask": mask_hash(dataset)}


def describe(path, raw_prefix, interpolates):
    with rasterio.open(path) as dataset:
        overviews = len(dataset.overviews(1))
        structure = dataset.tags(ns="IMAGE_STRUCTURE")
        transform = None if dataset.transform.is_identity else list(dataset.transform)[:6]
        epsg = dataset.crs.to_epsg() if dataset.crs else None
        nodata = None if dataset.nodata is None else repr(float(dataset.nodata))
        has_crs = bool(dataset.crs)
    jpeg = "JPEG" in structure.get("COMPRESSION", "")
    comparable = interpolates or not (jpeg and structure.get("SOURCE_COLOR_SPACE") == "YCbCr")
    numbered = [None, *range(overviews)]
    levels = [level(path, o, f"{raw_prefix}-{i}" if jpeg else None, comparable) for i, o in enumerate(numbered)]
    return {"levels": levels, "transform": transform, "epsg": epsg, "hasCrs": has_crs, "nodata": nodata}


def main():
    warnings.simplefilter("ignore")
    interpolates = interpolates_chroma()
    results = {}
    for index, path in enumerate(json.load(sys.stdin)):
        try:
            results[path] = describe(path, os.path.join(sys.argv[1], str(index)), interpolates)
        except Exception as error:  # what GDAL cannot read is part of the answer
            results[path] = {"error": str(error)}
    json.dump({"gdal": rasterio.__gdal_version__, "files": results}, sys.stdout)


if __name__ == "__main__":
    main()
