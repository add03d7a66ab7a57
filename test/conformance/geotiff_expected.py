"""What GDAL reads from GeoTIFFs: a JSON object on standard output, by the paths on standard input.

For every level and band the SHA-256 of the samples, row-major and little-endian. Samples of JPEG files, which two
decoders do not agree on, are also written raw into the folder named by the first argument. Masks are hashed as 0 and 1.
"""

import hashlib
import json
import os
import sys
import warnings

import rasterio
from rasterio.enums import MaskFlags
from rasterio.windows import Window

ROWS = 512


def band_hash(dataset, band, raw_path):
    digest = hashlib.sha256()
    raw = open(raw_path, "wb") if raw_path else None
    for row in range(0, dataset.height, ROWS):
        window = Window(0, row, dataset.width, min(ROWS, dataset.height - row))
        samples = dataset.read(band, window=window)
        data = samples.astype(samples.dtype.newbyteorder("<"), copy=False).tobytes()
        digest.update(data)
        if raw:
            raw.write(data)
    if raw:
        raw.close()
    return digest.hexdigest()


def mask_hash(dataset):
    if dataset.mask_flag_enums[0] != [MaskFlags.per_dataset]:
        return None
    mask = dataset.read_masks(1) != 0
    return hashlib.sha256(mask.astype("uint8").tobytes()).hexdigest()


def level(path, number, overview, raw_folder, index):
    options = {} if overview is None else {"overview_level": overview}
    with rasterio.open(path, **options) as dataset:
        jpeg = "JPEG" in dataset.tags(ns="IMAGE_STRUCTURE").get("COMPRESSION", "") if overview is None else raw_folder is not None
        bands = []
        for band in range(1, dataset.count + 1):
            raw = f"{index}-{number}-{band}.bin" if jpeg and raw_folder else None
            digest = band_hash(dataset, band, os.path.join(raw_folder, raw) if raw else None)
            bands.append({"sha256": digest, "raw": raw})
        return {
            "width": dataset.width,
            "height": dataset.height,
            "dtype": dataset.dtypes[0],
            "jpeg": jpeg,
            "bands": bands,
            "mask": mask_hash(dataset),
        }


def describe(path, raw_folder, index):
    with rasterio.open(path) as dataset:
        overviews = len(dataset.overviews(1))
        transform = None if dataset.transform.is_identity else list(dataset.transform)[:6]
        epsg = dataset.crs.to_epsg() if dataset.crs else None
        nodata = None if dataset.nodata is None else repr(dataset.nodata)
        has_crs = bool(dataset.crs)
    first = level(path, 0, None, raw_folder, index)
    folder = raw_folder if first["jpeg"] else None
    levels = [first] + [level(path, i + 1, i, folder, index) for i in range(overviews)]
    return {"levels": levels, "transform": transform, "epsg": epsg, "hasCrs": has_crs, "nodata": nodata}


def main():
    warnings.simplefilter("ignore")
    results = {}
    for index, path in enumerate(json.load(sys.stdin)):
        try:
            results[path] = describe(path, sys.argv[1], index)
        except Exception as error:  # what GDAL cannot read is part of the answer
            results[path] = {"error": str(error)}
    json.dump({"gdal": rasterio.__gdal_version__, "files": results}, sys.stdout)


main()
