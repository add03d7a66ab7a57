"""Geodesic areas of WKB polygons by geographiclib: reads lines of hexadecimal WKB, prints a JSON list of square metres."""

import json
import sys

import shapely
from geographiclib.geodesic import Geodesic


def ring_area(ring):
    polygon = Geodesic.WGS84.Polygon()
    for lon, lat in list(ring.coords)[:-1]:
        polygon.AddPoint(lat, lon)
    return abs(polygon.Compute(False, True)[2])


def area(geometry):
    parts = getattr(geometry, "geoms", [geometry])
    return sum(ring_area(part.exterior) - sum(map(ring_area, part.interiors)) for part in parts)


print(json.dumps([area(shapely.from_wkb(bytes.fromhex(line))) for line in sys.stdin.read().split()]))
