"""Compares regions of ours with those of rasterio.features.shapes (GDAL's polygonize, 4-connectivity), and asks GEOS whether they are valid."""

import json
import sys

import numpy as np
from rasterio.features import shapes
from shapely.geometry import Polygon, shape

cases = json.load(open(sys.argv[1]))
faults = []
regions = 0
for number, case in enumerate(cases):
    data = np.array(case["data"], dtype=np.uint8).reshape(case["height"], case["width"])
    theirs = [(shape(geometry), int(value)) for geometry, value in shapes(data, mask=data != 0, connectivity=4)]
    ours = []
    for region in case["regions"]:
        rings = [np.array(ring).reshape(-1, 2) for ring in region["rings"]]
        polygon = Polygon(rings[0], rings[1:])
        if not polygon.is_valid:
            faults.append(f"mask {number}: {polygon.wkt} is not valid")
        ours.append((polygon, region["value"]))
    regions += len(ours)
    key = lambda one: (one[1], one[0].normalize().wkb)
    if sorted(map(key, ours)) == sorted(map(key, theirs)):
        continue
    # GDAL may write a hole that touches its outer ring as a part of that ring: the same points, another text.
    left = list(theirs)
    for polygon, value in ours:
        same = next((one for one in left if one[1] == value and one[0].buffer(0).equals(polygon)), None)
        if same is None:
            faults.append(f"mask {number}: no region {value} {polygon.wkt}")
        else:
            left.remove(same)
    if left:
        faults.append(f"mask {number}: {len(left)} regions more")
print(json.dumps({"masks": len(cases), "regions": regions, "faults": faults[:5]}))
