"""Samples of an array of an Icechunk repository in C order, little-endian, by zarr-python with the codecs of virtual-tiff and
imagecodecs. Arguments: the repository, the name of the array. Writes bytes.
"""
import contextlib
import io
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

place, name = sys.argv[1:]
storage = icechunk.local_filesystem_storage(place)
config = icechunk.Repository.fetch_config(storage)
containers = None if config is None else config.virtual_chunk_containers
repository = icechunk.Repository.open(
    storage, authorize_virtual_chunk_access={prefix: None for prefix in containers or {}}
)
store = repository.readonly_session("main").store
samples = numpy.asarray(zarr.open_array(store, path=name, mode="r")[...])
sys.stdout.buffer.write(samples.astype(samples.dtype.newbyteorder("<")).tobytes())
