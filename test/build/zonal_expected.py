"""Zonal statistics by exactextract and, for the rules that it does not have, by GDAL's rasterisation.

Standard input: JSON list of {"raster": path, "labels": path of a lon/lat GeoJSON}. Standard output: for each, and in it
for every band and feature, the statistics; "coverage" counts pixels without data too, "center" and "all-touched" are
the numbers of pixels with data under the rule.
"""

import json
import sys
import warnings

import numpy
import pyproj
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.feature import JSONFeatureSource
from exactextract.raster import NumPyRasterSource, RasterioRasterSource
from rasterio.features import geometry_mask

STATISTICS = ["count", "sum", "mean", "stdev", "variance", "min", "max", "median", "majority", "minority", "variety"]


def extract(raster, features, statistics):
    return [row["properties"] for row in exact_extract(raster, JSONFeatureSource(features), statistics)]


def rule_count(dataset, values, geometry, all_touched):
    shape = (dataset.height, dataset.width)
    inside = geometry_mask([geometry], shape, dataset.transform, all_touched=all_touched, invert=True)
    return int(numpy.sum(inside & ~numpy.ma.getmaskarray(values)))


def zonal(raster, labels):
    with open(labels, encoding="utf8") as file:
        features = json.load(file)["features"]
    with rasterio.open(raster) as dataset:
        to_raster = pyproj.Transformer.from_crs(4326, dataset.crs, always_xy=True)
        for feature in features:
            polygon = shapely.geometry.shape(feature["geometry"])
            moved = shapely.transform(polygon, lambda xy: numpy.column_stack(to_raster.transform(*xy.T)))
            feature["geometry"] = shapely.geometry.mapping(moved)
        bounds = dataset.bounds
        box = {"xmin": bounds.left, "ymin": bounds.bottom, "xmax": bounds.right, "ymax": bounds.top}
        ones = NumPyRasterSource(numpy.ones((dataset.height, dataset.width)), **box)
        coverage = [row["count"] for row in extract(ones, features, ["count"])]
        bands = []
        for band in range(1, dataset.count + 1):
            rows = extract(RasterioRasterSource(dataset, band), features, STATISTICS)
            values = dataset.read(band, masked=True)
            for row, covered, feature in zip(rows, coverage, features):
                row["coverage"] = covered
                row["center"] = rule_count(dataset, values, feature["geometry"], False)
                row["all-touched"] = rule_count(dataset, values, feature["geometry"], True)
            bands.append([{name: plain(value) for name, value in row.items()} for row in rows])
    return bands


def plain(value):
    if value is None or numpy.isnan(value):
        return None
    return float(value)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    json.dump([zonal(**job) for job in json.load(sys.stdin)], sys.stdout)
