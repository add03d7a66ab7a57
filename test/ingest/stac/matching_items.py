"""Which footprints meet which places, one by one with shapely: {"items": [geometry], "places": [geometry]} on standard input.

Rings that jump across the antimeridian are drawn on beyond 180 degrees; places are tried a turn to both sides.
"""
import json
import sys

import shapely
from shapely import affinity
from shapely.geometry import shape


def continuous(geometry):
    def turned(ring):
        jumps = any(abs(a[0] - b[0]) > 180 for a, b in zip(ring, ring[1:]))
        return [[x + 360 if jumps and x < 0 else x, y] for x, y, *_ in ring]

    if geometry["type"] == "Polygon":
        return {"type": "Polygon", "coordinates": [turned(ring) for ring in geometry["coordinates"]]}
    return geometry


def read(geometry):
    return shapely.make_valid(shape(continuous(geometry)))


def main():
    given = json.load(sys.stdin)
    items = [read(one) for one in given["items"]]
    answer = []
    for place in map(read, given["places"]):
        turns = [affinity.translate(place, degrees) for degrees in (0, 360, -360)]
        meets = [i for i, one in enumerate(items) if any(one.intersects(turn) for turn in turns)]
        covers = [i for i, one in enumerate(items) if any(one.covers(turn) for turn in turns)]
        answer.append({"meets": meets, "covers": covers})
    json.dump(answer, sys.stdout)


main()
