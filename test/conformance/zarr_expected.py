"""What zarr-python reads, for comparison.

usage: zarr_expected.py read FOLDER      every array below FOLDER
       zarr_expected.py matrix FOLDER    first write stores of many types, codecs, orders and shards there
Prints JSON: path below FOLDER -> {shape, dtype, sha256} (C order, little-endian, float16 widened) or {error}.
"""
import hashlib
import json
import os
import sys
import warnings

import numcodecs
import numpy as np
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, ShardingCodec, TransposeCodec, ZstdCodec
from zarr.codecs import numcodecs as wrapped

warnings.simplefilter("ignore")
TYPES = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64"]


def arrays(folder):
    for parent, _, files in sorted(os.walk(folder)):
        if ".zarray" in files:
            yield parent
        elif "zarr.json" in files:
            with open(os.path.join(parent, "zarr.json"), encoding="utf8") as file:
                if json.load(file).get("node_type") == "array":
                    yield parent


def describe(path):
    try:
        array = zarr.open_array(path, mode="r")
        values = np.ascontiguousarray(array[...])
        if values.dtype.kind not in "biuf":
            return {"error": f"data type {values.dtype}"}
        if values.dtype.itemsize == 2 and values.dtype.kind == "f":
            values = values.astype("<f4")
        little = values.astype(values.dtype.newbyteorder("<"), copy=False)
        shape = list(array.shape)
        return {"shape": shape, "dtype": array.dtype.name, "sha256": hashlib.sha256(little.tobytes()).hexdigest()}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:200]}


def samples(dtype, shape, seed):
    rng = np.random.default_rng(seed)
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    if kind.kind == "f":
        values = rng.normal(0, 100, shape).astype(kind)
        values[..., 0] = np.nan
        return values
    info = np.iinfo(kind)
    return rng.integers(info.min, info.max, shape, dtype=kind, endpoint=True)


def matrix(folder):
    def write(name, version, data, **options):
        path = os.path.join(folder, name)
        array = zarr.create_array(path, shape=data.shape, dtype=data.dtype, zarr_format=version, **options)
        part = tuple(slice(0, max(1, size * 2 // 3)) for size in data.shape)
        array[part] = data[part]  # the rest stays missing or half missing
        return path

    for seed, name in enumerate(TYPES):
        data = samples(name, (7, 10), seed)
        fill = True if name == "bool" else np.nan if name.startswith("f") else int(samples(name, (1, 1), 99 + seed)[0, 0])
        for order in "<>":
            typed = data.astype(data.dtype.newbyteorder(order))
            write(f"v2-{name}-{'big' if order == '>' else 'little'}", 2, typed, chunks=(3, 4), fill_value=fill)
        for endian in ("little", "big"):
            write(f"v3-{name}-{endian}", 3, data, chunks=(3, 4), fill_value=fill, serializer=BytesCodec(endian=endian))
    image = samples("uint16", (9, 11, 6), 7)
    ramp = np.cumsum(samples("uint8", (9, 11, 6), 8).astype("int32") % 5).reshape(9, 11, 6).astype("int32")
    floats = (ramp * 0.25 + 3).astype("float64")
    v2 = {
        "zlib": numcodecs.Zlib(3), "gzip": numcodecs.GZip(3), "zstd": numcodecs.Zstd(3), "lz4": numcodecs.LZ4(),
        "blosc-lz4": numcodecs.Blosc("lz4", 5, 1), "blosc-zstd-bit": numcodecs.Blosc("zstd", 5, 2),
        "blosc-zlib": numcodecs.Blosc("zlib", 5, 1), "blosc-blosclz": numcodecs.Blosc("blosclz", 5, 1),
        "blosc-lz4hc": numcodecs.Blosc("lz4hc", 5, 0), "none": None,
    }
    for name, codec in v2.items():
        write(f"v2-{name}", 2, image, chunks=(4, 5, 3), compressors=codec, fill_value=3)
    for order in "CF":
        write(f"v2-order-{order}", 2, image, chunks=(4, 5, 3), order=order, fill_value=1)
        filters = [numcodecs.Delta("<i4", "<i4"), numcodecs.Shuffle(4)]
        write(f"v2-delta-shuffle-{order}", 2, ramp, chunks=(4, 5, 3), order=order, filters=filters, compressors=numcodecs.Zlib(1))
    write("v2-delta-narrow", 2, ramp, chunks=(4, 5, 3), filters=[numcodecs.Delta("<i4", "<i2")], fill_value=0)
    scale = numcodecs.FixedScaleOffset(offset=3, scale=4, dtype="<f8", astype="<i4")
    write("v2-fixedscaleoffset", 2, floats, chunks=(4, 5, 3), filters=[scale], fill_value=0.5)
    write("v2-bitround", 2, floats, chunks=(4, 5, 3), filters=[numcodecs.BitRound(10)], fill_value=-1.5)
    for name, codec in {"lzma": numcodecs.LZMA(), "bz2": numcodecs.BZ2()}.items():
        write(f"v2-{name}", 2, image, chunks=(4, 5, 3), compressors=codec)
    for separator in "./":
        encoding = {"name": "v2", "separator": separator}
        write(f"v2-separator{ord(separator)}", 2, image, chunks=(4, 5, 3), chunk_key_encoding=encoding)
        for name in ("default", "v2"):
            write(f"v3-keys-{name}{ord(separator)}", 3, image, chunks=(4, 5, 3), chunk_key_encoding={"name": name, "separator": separator})
    v3 = {
        "gzip": [GzipCodec(level=3)], "zstd": [ZstdCodec(level=3)], "zstd-checksum": [ZstdCodec(level=3, checksum=True)],
        "blosc": [BloscCodec(cname="zstd", shuffle="bitshuffle", typesize=2)], "crc32c": [Crc32cCodec()],
        "gzip-crc32c": [GzipCodec(level=1), Crc32cCodec()], "zlib": [wrapped.Zlib(level=3)], "lz4": [wrapped.LZ4()],
        "shuffle-zlib": [wrapped.Shuffle(elementsize=2), wrapped.Zlib(level=3)], "none": [], "lzma": [wrapped.LZMA()],
    }
    for name, codecs in v3.items():
        write(f"v3-{name}", 3, image, chunks=(4, 5, 3), compressors=codecs or None, fill_value=5)
    write("v3-transpose", 3, image, chunks=(4, 5, 3), filters=[TransposeCodec(order=(2, 0, 1))])
    write("v3-delta", 3, ramp, chunks=(4, 5, 3), filters=[wrapped.Delta(dtype="<i4", astype="<i4")])
    for location in ("start", "end"):
        codec = ShardingCodec(chunk_shape=(2, 3, 3), codecs=[TransposeCodec(order=(1, 2, 0)), BytesCodec(), ZstdCodec()], index_location=location)
        write(f"v3-shard-{location}", 3, image, chunks=(4, 6, 3), serializer=codec, compressors=None, fill_value=9)
    plain = ShardingCodec(chunk_shape=(2, 3, 3), codecs=[BytesCodec(endian="big")], index_codecs=[BytesCodec()])
    write("v3-shard-nocrc", 3, image, chunks=(4, 6, 3), serializer=plain, compressors=None, fill_value=9)
    nested = ShardingCodec(chunk_shape=(2, 6, 3), codecs=[ShardingCodec(chunk_shape=(2, 3, 3))])
    write("v3-shard-nested", 3, image, chunks=(4, 6, 3), serializer=nested, compressors=None)
    for version in (2, 3):
        scalar = zarr.create_array(os.path.join(folder, f"v{version}-scalar"), shape=(), dtype="float32", zarr_format=version)
        scalar[()] = 1.5
        zarr.create_array(os.path.join(folder, f"v{version}-empty"), shape=(0, 3), dtype="uint8", zarr_format=version, chunks=(1, 3))
        zarr.create_array(os.path.join(folder, f"v{version}-missing"), shape=(5, 3), dtype="int64", chunks=(2, 2), zarr_format=version, fill_value=-(2**62) - 1)
        zarr.create_array(os.path.join(folder, f"v{version}-complex"), shape=(3,), dtype="complex64", zarr_format=version)
    zarr.create_array(os.path.join(folder, "v2-datetime"), shape=(3,), dtype="<M8[s]", zarr_format=2)
    zarr.create_array(os.path.join(folder, "v2-text"), shape=(3,), dtype="<U5", zarr_format=2)


if __name__ == "__main__":
    mode, folder = sys.argv[1:]
    if mode == "matrix":
        matrix(folder)
    found = {os.path.relpath(path, folder).replace(os.sep, "/"): describe(path) for path in arrays(folder)}
    print(json.dumps({"zarr": zarr.__version__, "arrays": found}))
