"""Decodes masks in run lengths pixel by pixel, and compares their regions, as GDAL finds them, with ours."""

import json
import sys

import numpy as np
from rasterio.features import shapes
from shapely.geometry import Polygon, shape
from shapely.ops import unary_union


def decode_text(text):
    counts, at = [], 0
    while at < len(text):
        value, shift, more = 0, 0, True
        while more:
            digit = ord(text[at]) - 48
            value |= (digit & 31) << shift
            more = bool(digit & 32)
            at, shift = at + 1, shift + 5
            if not more and digit & 16:
                value |= -1 << shift
        if len(counts) > 2:
            value += counts[-2]
        counts.append(value)
    return counts


faults = []
cases = json.load(open(sys.argv[1]))
for number, case in enumerate(cases):
    if decode_text(case["text"]) != case["counts"]:
        faults.append(f"mask {number}: the text says other lengths than the list")
    flat = np.concatenate([np.full(count, i % 2, np.uint8) for i, count in enumerate(case["counts"])])
    mask = np.ascontiguousarray(flat.reshape((case["height"], case["width"]), order="F"))
    theirs = [shape(geometry) for geometry, value in shapes(mask, mask=mask == 1, connectivity=4)]
    ours = [Polygon(rings[0], rings[1:]) for rings in ([np.array(ring).reshape(-1, 2) for ring in polygon] for polygon in case["polygons"])]
    if len(ours) != len(theirs) or not all(polygon.is_valid for polygon in ours):
        faults.append(f"mask {number}: {len(ours)} regions, GDAL has {len(theirs)}")
    elif unary_union(ours).symmetric_difference(unary_union([one.buffer(0) for one in theirs])).area > 0:
        faults.append(f"mask {number}: other pixels")
print(json.dumps({"masks": len(cases), "faults": faults[:5]}))
