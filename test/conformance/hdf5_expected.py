"""What h5py and netCDF4-python read of the HDF5 files below a folder, for comparison.

usage: hdf5_expected.py FOLDER...
Prints JSON: {"missing": NAME} where a program is not installed, else {"files": {path: {dataset: {shape, dtype, sha256} or
{error}}}}. SHA-256 of the samples as they are stored (no scale, offset or mask), in C order, little-endian, halves widened.
"""
import hashlib
import json
import os
import sys

try:
    import h5py
    import netCDF4
    import numpy as np
except ImportError as error:
    print(json.dumps({"missing": error.name}))
    sys.exit()


def files(folders):
    for folder in folders:
        for parent, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                path = os.path.join(parent, name)
                with open(path, "rb") as file:
                    if file.read(8) == b"\x89HDF\r\n\x1a\n":
                        yield path


def describe(values, dtype):
    if dtype.names or dtype.kind not in "iuf":
        return {"error": f"data type {dtype}"}
    if dtype.kind == "f" and dtype.itemsize == 2:
        values = values.astype("<f4")
    little = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False)
    return {"shape": list(values.shape), "dtype": dtype.name, "sha256": hashlib.sha256(little.tobytes()).hexdigest()}


def through_h5py(path):
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and not is_bare_dimension(item):
            found[name] = describe(item[...], item.dtype)

    with h5py.File(path, "r") as file:
        file.visititems(visit)
    return found


def is_bare_dimension(item):
    name = item.attrs.get("NAME", b"")
    return isinstance(name, bytes) and name.startswith(b"This is a netCDF dimension but not a netCDF variable")


def through_netcdf(path):
    found = {}

    def visit(group, prefix):
        group.set_auto_maskandscale(False)
        group.set_auto_chartostring(False)
        for name, variable in group.variables.items():
            found[prefix + name] = describe(np.asarray(variable[...]), np.dtype(variable.dtype))
        for name, child in group.groups.items():
            visit(child, f"{prefix}{name}/")

    with netCDF4.Dataset(path) as file:
        visit(file, "")
    return found


def expected(path):
    by_h5py = through_h5py(path)
    if not path.endswith(".nc"):
        return by_h5py
    by_netcdf = through_netcdf(path)
    for name, one in by_h5py.items():
        other = by_netcdf[name]
        if "error" not in one and one["sha256"] != other["sha256"]:
            by_h5py[name] = {"error": "h5py and netCDF4 read other samples"}
    return by_h5py


if __name__ == "__main__":
    print(json.dumps({"files": {path: expected(path) for path in files(sys.argv[1:])}}))
