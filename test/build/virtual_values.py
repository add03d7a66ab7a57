"""Samples of arrays of an Icechunk repository, by zarr-python with the codecs of virtual-tiff and imagecodecs.

Arguments: the repository, then names of arrays. Prints { name: samples in C order }; NaN is "nan".
"""
import contextlib
import io
import json
import sys
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

place, *names = sys.argv[1:]
storage = icechunk.local_filesystem_storage(place)
config = icechunk.Repository.fetch_config(storage)
containers = None if config is None else config.virtual_chunk_containers
repository = icechunk.Repository.open(storage, authorize_virtual_chunk_access={prefix: None for prefix in containers or {}})
store = repository.readonly_session("main").store


def values(name):
    samples = numpy.asarray(zarr.open_array(store, path=name, mode="r")[...]).ravel().tolist()
    return ["nan" if value != value else value for value in samples]


print(json.dumps({name: values(name) for name in names}))
