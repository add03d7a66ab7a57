"""What other programs see in a cube.

usage: read_store.py CUBE...
Prints JSON, one object a cube: sha256 of every array (C order, little-endian) as zarr-python and TensorStore read it, and what xarray with
decode_coords="all" and rioxarray make of it.
"""
import hashlib
import json
import sys
import warnings

import numpy as np
import rioxarray  # noqa: F401  registers .rio
import tensorstore
import xarray
import zarr
from pyproj import CRS


def digest(values):
    values = np.ascontiguousarray(values)
    return hashlib.sha256(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()).hexdigest()


def read(path):
    plain = {name: digest(array[...]) for name, array in zarr.open_group(path, mode="r").arrays()}
    stores = {}
    for name in plain:
        spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": f"{path}/{name}"}}
        stores[name] = digest(tensorstore.open(spec, open=True, read=True).result().read().result())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = xarray.open_zarr(path, decode_coords="all", chunks=None)
    red = data["red"]
    attributes = data["spatial_ref"].attrs
    cf = {name: value for name, value in attributes.items() if name not in ("crs_wkt", "spatial_ref", "GeoTransform")}
    own = CRS.from_wkt(attributes["crs_wkt"]).to_cf()
    return {
        "zarr": plain,
        "tensorstore": stores,
        "warnings": [str(warning.message) for warning in caught],
        "coords": sorted(data.coords),
        "times": [str(value) for value in data["time"].values],
        "solar_days": [str(value)[:10] for value in data["solar_day"].values],
        "epsg": data.rio.crs.to_epsg(),
        "transform": list(red.rio.transform())[:6],
        "x": [float(data["x"].values[0]), float(data["x"].values[-1])],
        "y": [float(data["y"].values[0]), float(data["y"].values[-1])],
        "red_dtype": str(red.dtype),
        "red_missing": int(red.isnull().sum()),
        "reason_dtype": str(data["reason"].dtype),
        "reason_missing": int(data["reason"].isnull().sum()),
        "items": data.attrs["items"],
        "cf": cf,
        "pyproj_cf": {name: value for name, value in own.items() if name in cf},
    }


print(json.dumps([read(path) for path in sys.argv[1:]]))
