"""A virtual array in an Icechunk repository through zarr-python, with the codecs of virtual-tiff."""

import importlib.metadata
import os

import icechunk
import numpy
import virtual_tiff.codecs  # noqa: F401
import virtual_tiff.imagecodecs  # noqa: F401
import zarr
from imagecodecs.numcodecs import register_codecs


class ZarrIcechunk:
    def __init__(self):
        names = ("zarr", "icechunk", "virtual-tiff", "imagecodecs")
        self.versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
        icechunk.set_logs_filter("error")
        register_codecs(verbose=False)

    def prepare(self, job, scratch, round):
        return lambda: [read(job)]


def read(job):
    if not os.path.exists(job["icechunk"]):
        raise FileNotFoundError("there is no repository: it is made where our binding is built")
    storage = icechunk.local_filesystem_storage(job["icechunk"])
    containers = icechunk.Repository.fetch_config(storage).virtual_chunk_containers
    repository = icechunk.Repository.open(
        storage, authorize_virtual_chunk_access={prefix: None for prefix in containers}
    )
    group = zarr.open_group(repository.readonly_session("main").store, mode="r")
    return numpy.ascontiguousarray(group[job["variable"]][:])
