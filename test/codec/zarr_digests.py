"""SHA-256 of the samples (C order, little-endian) of every array directly below a folder, by zarr-python with the codecs of
virtual-tiff and imagecodecs. Argument: the folder. Prints { name: digest, or the error }.
"""
import contextlib
import hashlib
import io
import json
import os
import sys
import warnings

warnings.simplefilter("ignore")
import numpy
import virtual_tiff.codecs  # noqa: F401 (registers codecs)
import virtual_tiff.imagecodecs  # noqa: F401
import zarr
from imagecodecs.numcodecs import register_codecs

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    register_codecs()


def digest(path):
    try:
        samples = numpy.asarray(zarr.open_array(path, mode="r")[...])
        return hashlib.sha256(samples.astype(samples.dtype.newbyteorder("<")).tobytes()).hexdigest()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


folder = sys.argv[1]
print(json.dumps({name: digest(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}))
