"""Opens a dataset of references with xarray and compares every plane with rasterio.

Arguments: kind (icechunk, kerchunk), the store. Standard input: JSON { group: { band: [file of each time step] } }, files as paths;
overviews are the groups below. Prints { planes, wrong, times }.
"""
import contextlib
import io
import json
import sys
import warnings

warnings.simplefilter("ignore")
import fsspec
import icechunk
import numpy as np
import rasterio
import virtual_tiff.codecs  # noqa: F401 (registers codecs)
import virtual_tiff.imagecodecs  # noqa: F401
import xarray
from imagecodecs.numcodecs import register_codecs
from zarr.storage import FsspecStore

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    register_codecs()

kind, place = sys.argv[1:3]
if kind == "icechunk":
    storage = icechunk.local_filesystem_storage(place)
    containers = icechunk.Repository.fetch_config(storage).virtual_chunk_containers
    repository = icechunk.Repository.open(storage, authorize_virtual_chunk_access={prefix: None for prefix in containers})
    store = repository.readonly_session("main").store
else:
    store = FsspecStore(fs=fsspec.filesystem("reference", fo=place, asynchronous=True, remote_protocol="file"), read_only=True, path="")

planes, wrong, times = 0, [], {}
for group, bands in json.load(sys.stdin).items():
    for level in (0, 1, 2):
        path = group if level == 0 else f"{group}/{level}"
        dataset = xarray.open_zarr(store, group=path, consolidated=False, mask_and_scale=False, decode_coords="all")
        times[path] = [str(time) for time in dataset.time.values.astype("datetime64[ms]")]
        for band, files in bands.items():
            for step, file in enumerate(files):
                with rasterio.open(file, **({} if level == 0 else {"overview_level": level - 1})) as source:
                    expected = source.read(1)
                planes += 1
                if not np.array_equal(dataset[band].values[step], expected):
                    wrong.append(f"{path}/{band}, step {step}")
print(json.dumps({"planes": planes, "wrong": wrong, "times": times}))
