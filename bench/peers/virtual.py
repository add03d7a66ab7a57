"""Headers of COGs over HTTP to references through VirtualiZarr, with virtual-tiff and obstore."""

import importlib.metadata
import os
import warnings
from concurrent.futures import ThreadPoolExecutor

import icechunk
from obspec_utils.registry import ObjectStoreRegistry
from obstore.store import HTTPStore
from virtual_tiff import VirtualTIFF
from virtualizarr import open_virtual_mfdataset

# More or fewer change nothing: parsing holds the interpreter's lock.
THREADS = 64


class VirtualiZarr:
    def __init__(self):
        names = ("virtualizarr", "virtual-tiff", "async-tiff", "icechunk")
        self.versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
        icechunk.set_logs_filter("error")
        warnings.simplefilter("ignore")

    def prepare(self, job, scratch, round):
        urls = [url.replace("{round}", str(round)) for url in job["urls"]]
        server = urls[0][: urls[0].index("/", len("http://")) + 1]
        parser = VirtualTIFF(ifd=0)

        def registry():
            return ObjectStoreRegistry({server.rstrip("/"): HTTPStore.from_url(server, client_options={"allow_http": True})})

        if job["stored"]:
            return lambda: store(urls, server, parser, registry(), os.path.join(scratch, "refs"))
        return lambda: manifests(urls, parser, registry())


def manifests(urls, parser, registry):
    """A ManifestStore for each file."""
    with ThreadPoolExecutor(THREADS) as pool:
        stores = list(pool.map(lambda url: parser(url, registry), urls))
    arrays = [one._group.arrays["0"].manifest for one in stores]
    return [part.astype("float64") for one in arrays for part in (one._offsets.ravel(), one._lengths.ravel())]


def store(urls, server, parser, registry, path):
    """One array over all files in a repository."""
    with ThreadPoolExecutor(THREADS) as pool:
        dataset = open_virtual_mfdataset(
            urls, registry, parser, combine="nested", concat_dim="file", parallel=pool, loadable_variables=[]
        )
    config = icechunk.RepositoryConfig.default()
    config.set_virtual_chunk_container(icechunk.VirtualChunkContainer(server, icechunk.http_store()))
    repository = icechunk.Repository.create(icechunk.local_filesystem_storage(path), config)
    session = repository.writable_session("main")
    dataset.vz.to_icechunk(session.store)
    session.commit("references")

    def result():
        # What is stored does not come back as references; their number does.
        stored = len(repository.readonly_session("main").all_virtual_chunk_locations())
        manifest = dataset["0"].data.manifest
        if stored != manifest._offsets.size:
            raise ValueError(f"{stored} of {manifest._offsets.size} references stored")
        for offsets, lengths in zip(manifest._offsets, manifest._lengths, strict=True):
            yield offsets.ravel().astype("float64")
            yield lengths.ravel().astype("float64")

    return result
