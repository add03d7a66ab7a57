"""Polygons by geographiclib and GEOS: reads lines `WKB LON LAT` (hexadecimal), prints JSON: square metres, and whether the point lies inside."""

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


lines = [line.split() for line in sys.stdin]
shapes = shapely.from_wkb([bytes.fromhex(wkb) for wkb, _, _ in lines])
points = shapely.points([[float(lon), float(lat)] for _, lon, lat in lines])
print(
    json.dumps(
        {
            "areas": [area(shape) for shape in shapes],
            "inside": shapely.covers(shapes, points).tolist(),
            "valid": shapely.is_valid(shapes).tolist(),
        }
    )
)
