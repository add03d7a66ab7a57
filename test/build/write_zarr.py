"""Writes plain Zarr stores of one array `v` (time, y, x) with zarr-python, and reads references to them back.

usage: write_zarr.py write FOLDER            one store a way to store; prints { store: sha256 of the values }
       write_zarr.py commit PLACE           the same as groups of an Icechunk repository, chunks and shards its own
       write_zarr.py read KIND PLACE GROUP   the sha256 of `v`; KIND is kerchunk or icechunk
"""
import hashlib
import json
import os
import sys
import warnings

warnings.simplefilter("ignore")
import numcodecs
import numpy as np
import rasterio.crs
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec, GzipCodec, ZstdCodec

SHAPE = (3, 40, 52)
CRS = rasterio.crs.CRS.from_epsg(32633).to_wkt()


def digest(values):
    little = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False)
    return hashlib.sha256(little.tobytes()).hexdigest()


def write(group, name, version, dtype, **options):
    names = {"time": [0, 1, 2], "y": 5_299_995 - 10 * np.arange(SHAPE[1]), "x": 500_005 + 10 * np.arange(SHAPE[2])}
    for dimension, values in names.items():
        put(group, dimension, np.asarray(values, "float64"), [dimension], version, chunks=(len(values),))
    group["time"].attrs.update({"units": "days since 2024-06-01", "standard_name": "time"})
    put(group, "spatial_ref", np.asarray(0, "int32"), [], version, chunks=())
    group["spatial_ref"].attrs["crs_wkt"] = CRS
    data = np.random.default_rng(len(name)).integers(0, 120, SHAPE).astype(dtype)
    data[1, 16:32, 16:32] = 7  # a chunk of fill values is not stored
    array = put(group, "v", data, ["time", "y", "x"], version, fill_value=7, **options)
    array.attrs["grid_mapping"] = "spatial_ref"
    return digest(array[...])


def put(group, name, data, dimensions, version, **options):
    names = {"dimension_names": dimensions} if version == 3 and dimensions else {}
    array = group.create_array(name, shape=data.shape, dtype=data.dtype, **names, **options)
    array[...] = data
    if version == 2:
        array.attrs["_ARRAY_DIMENSIONS"] = dimensions
    return array


def ways():
    chunks = (1, 16, 16)
    inner = {"chunks": chunks, "shards": (1, 32, 32)}
    return {
        "v2-blosc": (2, "<u2", {"chunks": chunks, "compressors": numcodecs.Blosc("lz4", shuffle=1)}),
        "v2-zlib-big": (2, ">i4", {"chunks": chunks, "compressors": numcodecs.Zlib(3)}),
        "v2-shuffled": (2, "<f4", {"chunks": chunks, "filters": [numcodecs.Shuffle(4)], "compressors": numcodecs.Zstd(3)}),
        "v3-plain": (3, "uint16", {"chunks": chunks, "compressors": None}),
        "v3-zstd": (3, "uint16", {"chunks": chunks}),
        "v3-blosc": (3, "float64", {"chunks": chunks, "compressors": BloscCodec(typesize=8)}),
        "v3-gzip-crc": (3, "uint8", {"chunks": chunks, "compressors": [GzipCodec(), Crc32cCodec()]}),
        "v3-shards": (3, "uint16", {**inner, "compressors": ZstdCodec(level=3)}),
        "v3-shards-plain": (3, "float32", {**inner, "compressors": None}),
        "v3-shards-time": (3, "int16", {"chunks": chunks, "shards": (3, 48, 64), "compressors": GzipCodec()}),
    }


def write_all(folder):
    found = {}
    for name, (version, dtype, options) in ways().items():
        group = zarr.open_group(os.path.join(folder, name), mode="w", zarr_format=version)
        found[name] = write(group, name, version, dtype, **options)
    return found


def commit(place):
    import icechunk

    session = icechunk.Repository.create(icechunk.local_filesystem_storage(place)).writable_session("main")
    root = zarr.open_group(session.store, mode="w", zarr_format=3)
    found = {}
    for name, (version, dtype, options) in ways().items():
        if version == 3:
            found[name] = write(root.create_group(name), name, version, dtype, **options)
    session.commit("all ways")
    return found


def read(kind, place, group):
    if kind == "icechunk":
        import icechunk

        storage = icechunk.local_filesystem_storage(place)
        containers = icechunk.Repository.fetch_config(storage).virtual_chunk_containers
        access = {prefix: None for prefix in containers}
        store = icechunk.Repository.open(storage, authorize_virtual_chunk_access=access).readonly_session("main").store
    else:
        import fsspec
        from zarr.storage import FsspecStore

        files = fsspec.filesystem("reference", fo=place, asynchronous=True, remote_protocol="file")
        store = FsspecStore(fs=files, read_only=True, path="")
    return digest(zarr.open_array(store, path=f"{group}v", mode="r")[...])


print(json.dumps({"write": write_all, "commit": commit, "read": read}[sys.argv[1]](*sys.argv[2:])))
