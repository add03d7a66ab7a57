"""Shares of sites in countries by geopandas: WKB of sites on standard input, borders as an argument; a JSON list of [site, code, share]."""

import json
import sys

import geopandas
import shapely

(borders,) = sys.argv[1:]
sites = geopandas.GeoDataFrame(
    geometry=shapely.from_wkb([bytes.fromhex(line) for line in sys.stdin.read().split()]), crs="OGC:CRS84"
)
sites["site"] = range(len(sites))
countries = geopandas.read_file(borders).set_crs("OGC:CRS84", allow_override=True)
countries["code"] = countries["ISO_A3_EH"].where(countries["ISO_A3_EH"] != "-99", countries["ADM0_A3"])

# Vertices move to the equal-area projection and edges stay straight there, which is what the kernel of ours does.
EQUAL_AREA = "+proj=cea +lat_ts=0 +datum=WGS84 +units=m"
sites = sites.to_crs(EQUAL_AREA)
countries = countries[["code", "geometry"]].to_crs(EQUAL_AREA)
areas = sites.set_index("site").area
points = sites[sites.geom_type == "Point"].sjoin(countries, predicate="intersects")
pieces = geopandas.overlay(sites[sites.geom_type != "Point"], countries, how="intersection", keep_geom_type=True)
pieces["area"] = pieces.area
sums = pieces.groupby(["site", "code"])["area"].sum()
shares = [[int(site), code, area / areas[site]] for (site, code), area in sums.items()]
print(json.dumps(shares + [[int(site), code, 1] for site, code in zip(points["site"], points["code"])]))
