"""Opens masks with GDAL and compares their regions, in the coordinates of their CRS, with those of ours."""

import json
import sys

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.features import shapes
from shapely.geometry import Polygon, shape

faults = []
regions = 0
for case in json.load(open(sys.argv[1])):
    with rasterio.open(case["path"]) as source:
        data = source.read(1)
        transform, crs, nodata = source.transform, source.crs, source.nodata
    if crs is not None and crs != CRS.from_string(case["crs"]):
        faults.append(f"{case['what']}: {crs} is not {case['crs']}")
    if data.dtype == np.int64:
        data = data.astype(np.int32)
    mask = data != 0
    if nodata is not None:
        mask &= data != nodata
    theirs = [(shape(geometry), int(value)) for geometry, value in shapes(data, mask=mask, connectivity=4, transform=transform)]
    ours = [(Polygon(*(lambda r: (r[0], r[1:]))([np.array(ring).reshape(-1, 2) for ring in one["rings"]])), one) for one in case["regions"]]
    regions += len(ours)
    if len(ours) != len(theirs):
        faults.append(f"{case['what']}: {len(ours)} regions, GDAL has {len(theirs)}")
        continue
    pixel = abs(transform.determinant)
    tolerance = 1e-6 * pixel**0.5
    # By value and place: the corners of both sets of regions lie on the same grid.
    keyed = lambda polygon, value: (value, round(polygon.area / pixel), tuple(np.round(np.array(polygon.bounds) / pixel**0.5, 2)))
    pairs = zip(sorted(ours, key=lambda one: keyed(one[0], one[1]["value"])), sorted(theirs, key=lambda one: keyed(*one)))
    for (polygon, one), (other, value) in pairs:
        if one["value"] != value or polygon.symmetric_difference(other.buffer(0)).area > 1e-6 * pixel or polygon.hausdorff_distance(other) > tolerance:
            faults.append(f"{case['what']}: {one['value']} {polygon.wkt[:80]} is not {value} {other.wkt[:80]}")
        if abs(polygon.area / pixel - one["pixels"]) > 1e-6 * one["pixels"]:
            faults.append(f"{case['what']}: {polygon.area / pixel} is not {one['pixels']} pixels")
print(json.dumps({"faults": faults[:5], "regions": regions}))
