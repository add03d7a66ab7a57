"""Reads virtual arrays of TIFF files in an Icechunk repository and compares them with rasterio; asks virtual-tiff what it takes.

Argument: the repository. Standard input: JSON list of { file, group (null: refused by us) }. Prints { equal, wrong, onlyTheirs }:
files whose arrays are rasterio's, files that differ, and files that virtual-tiff reads to the same values while we refuse them.
"""
import contextlib
import io
import json
import sys
import warnings

warnings.simplefilter("ignore")
import icechunk
import numpy as np
import rasterio
import zarr
from imagecodecs.numcodecs import register_codecs
from obspec_utils.registry import ObjectStoreRegistry
from obstore.store import LocalStore
from virtual_tiff import VirtualTIFF

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    register_codecs()


def planes_of_file(path):
    """All bands as stored, without palettes or colour conversions."""
    with rasterio.open(path) as source:
        return source.read(), source.colorinterp


def planes_of_group(group):
    names = [name for name, array in group.arrays() if array.metadata.dimension_names[-2:] == ("y", "x")]
    if names == ["pixels"]:
        return group["pixels"][0]
    return np.stack([group[name][0] for name in sorted(names, key=lambda name: int(name[1:]))])


def same(a, b):
    if a.shape != b.shape:
        return False
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def theirs(path):
    """What virtual-tiff gives for the first image, or None where it refuses the file."""
    try:
        registry = ObjectStoreRegistry({"file://": LocalStore()})
        store = VirtualTIFF(ifd=0)(url=f"file://{path}", registry=registry)
        values = zarr.open_group(store, mode="r", zarr_format=3)["0"][:]
        return values if values.ndim == 3 else values[None]
    except Exception:
        return None


storage = icechunk.local_filesystem_storage(sys.argv[1])
containers = icechunk.Repository.fetch_config(storage).virtual_chunk_containers
repository = icechunk.Repository.open(storage, authorize_virtual_chunk_access={prefix: None for prefix in containers})
root = zarr.open_group(repository.readonly_session("main").store, mode="r")
answer = {"equal": 0, "wrong": [], "onlyTheirs": [], "unread": []}
for entry in json.load(sys.stdin):
    path = entry["file"]
    try:
        expected, _ = planes_of_file(path)
    except Exception:
        continue
    if entry["group"] is None:
        values = theirs(path)
        if values is not None and same(values, expected):
            answer["onlyTheirs"].append(path)
        continue
    try:
        values = planes_of_group(root[entry["group"]])
    except Exception as error:
        answer["wrong"].append(f"{path}: {type(error).__name__}: {error}")
        continue
    if same(values, expected):
        answer["equal"] += 1
    else:
        answer["wrong"].append(f"{path}: {values.dtype} {values.shape} is not {expected.dtype} {expected.shape}")
print(json.dumps(answer))
