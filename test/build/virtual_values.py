"""Samples of arrays of Icechunk repositories in C order, little-endian, by zarr-python with the codecs of virtual-tiff and
imagecodecs. Each line of the input is JSON: [repository, name of the array]. Each answer is a line of JSON, {"bytes": COUNT} with
so many bytes after it, or {"error": TEXT}. One process answers many: to import all that takes a second or two.
"""
import contextlib
import io
import json
import sys
import traceback
import warnings

warnings.simplefilter("ignore")
import icechunk
import numpy
import virtual_tiff.codecs  # noqa: F401 (registers codecs)
import virtual_tiff.imagecodecs  # noqa: F401
import zarr
from imagecodecs.numcodecs import register_codecs

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    register_codecs()


def samples_of(place: str, name: str) -> bytes:
    storage = icechunk.local_filesystem_storage(place)
    config = icechunk.Repository.fetch_config(storage)
    containers = None if config is None else config.virtual_chunk_containers
    repository = icechunk.Repository.open(
        storage, authorize_virtual_chunk_access={prefix: None for prefix in containers or {}}
    )
    store = repository.readonly_session("main").store
    samples = numpy.asarray(zarr.open_array(store, path=name, mode="r")[...])
    return samples.astype(samples.dtype.newbyteorder("<")).tobytes()


for line in sys.stdin:
    try:
        samples = samples_of(*json.loads(line))
        head = {"bytes": len(samples)}
    except Exception:
        samples = b""
        head = {"error": traceback.format_exc()}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + samples)
    sys.stdout.buffer.flush()
