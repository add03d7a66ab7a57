"""Warps of generated samples through GDAL: a request as JSON on standard input, target samples as JSON out."""

import json
import sys

import numpy
from affine import Affine
from rasterio.warp import Resampling, reproject

request = json.load(sys.stdin)
source = numpy.array(request["source"], request["dtype"]).reshape(request["shape"])
answers = []
for kernel, transform, width, height in request["warps"]:
    target = numpy.zeros((height, width), request["dtype"])
    reproject(
        source,
        target,
        src_transform=Affine(*request["transform"]),
        src_crs="EPSG:32633",
        dst_transform=Affine(*transform),
        dst_crs="EPSG:32633",
        src_nodata=0,
        dst_nodata=0,
        resampling=Resampling[{"cubicspline": "cubic_spline"}.get(kernel, kernel)],
    )
    answers.append(target.ravel().tolist())
print(json.dumps(answers))
