"""Reads a store of chunk manifests with nothing but json, and compares chunks with rasterio.

Arguments: the store. Standard input: JSON { group: { band: [file of each time step] } }. Prints { chunks, wrong }.
"""
import json
import os
import sys
import zlib
from urllib.parse import unquote, urlparse

import numpy as np
import rasterio
from rasterio.windows import Window

EVERY = 3


def decode(encoded, array):
    names = [codec["name"] for codec in array["codecs"]]
    assert [name for name in names if name not in ("HorizontalDeltaCodec", "bytes", "numcodecs.zlib")] == [], names
    plain = zlib.decompress(encoded) if "numcodecs.zlib" in names else encoded
    shape = array["chunk_grid"]["configuration"]["chunk_shape"]
    samples = np.frombuffer(plain, np.dtype(array["data_type"]).newbyteorder("<")).reshape(shape)
    return np.cumsum(samples, axis=-1, dtype=samples.dtype) if "HorizontalDeltaCodec" in names else samples


store = sys.argv[1]
chunks, wrong = 0, []
for group, bands in json.load(sys.stdin).items():
    for band, files in bands.items():
        folder = os.path.join(store, group, band)
        with open(os.path.join(folder, "zarr.json"), encoding="utf8") as file:
            array = json.load(file)
        (transformer,) = array["storage_transformers"]
        assert transformer["name"] == "chunk-manifest-json"
        with open(os.path.join(folder, transformer["configuration"]["manifest"]), encoding="utf8") as file:
            manifest = json.load(file)
        for key in list(manifest)[::EVERY]:
            entry = manifest[key]
            step, row, col = (int(index) for index in key.split("."))
            _, height, width = array["chunk_grid"]["configuration"]["chunk_shape"]
            with open(unquote(urlparse(entry["path"]).path), "rb") as file:
                file.seek(entry["offset"])
                samples = decode(file.read(entry["length"]), array)[0]
            with rasterio.open(files[step]) as source:
                window = Window(col * width, row * height, width, height)
                window = window.intersection(Window(0, 0, source.width, source.height))
                expected = source.read(1, window=window)
            chunks += 1
            if not np.array_equal(samples[: expected.shape[0], : expected.shape[1]], expected):
                wrong.append(f"{group}/{band} {key}")
print(json.dumps({"chunks": chunks, "wrong": wrong}))
