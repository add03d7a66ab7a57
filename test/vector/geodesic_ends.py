"""Ends of geodesics on WGS 84 by PROJ: reads a JSON list of [lon, lat, azimuth, metres], prints a list of [lon, lat]."""

import json
import sys

from pyproj import Geod

lines = json.load(sys.stdin)
lons, lats, _ = Geod(ellps="WGS84").fwd(*(list(column) for column in zip(*lines)))
print(json.dumps([list(end) for end in zip(lons, lats)]))
