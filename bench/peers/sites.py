"""Duplicates among polygons, and polygons of a file to valid, measured rows."""

import importlib.metadata
import os

import geopandas
import numpy
import pandas
import shapely


class GeoPandas:
    def __init__(self):
        names = ("geopandas", "shapely", "pyogrio", "pyproj")
        self.versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)

    def prepare(self, job, scratch, round):
        if job["part"] == "dedup":
            return lambda: [dedup(job["file"])]
        return lambda: [ingest(job["file"], os.path.join(scratch, "out.parquet"))]


def dedup(file):
    shapes = shapely.from_wkb(pandas.read_parquet(file, columns=["wkb"])["wkb"].to_numpy())
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    areas = shapely.area(shapes)
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    iou = shared / (areas[one] + areas[other] - shared)
    iomin = shared / numpy.minimum(areas[one], areas[other])
    exact, same = iou >= 0.99, (iou >= 0.5) & (iou < 0.99)
    part = (iou < 0.5) & (iomin >= 0.5)
    return numpy.array([exact.sum(), same.sum(), part.sum(), iou[exact | same | part].sum()], dtype="float64")


def ingest(file, out):
    from pyproj import Geod

    frame = geopandas.read_file(file, engine="pyogrio")
    frame["mw"] = frame["kw"] / 1000
    frame["since"] = pandas.to_datetime(frame["year"], format="%Y")
    frame["geometry"] = frame.geometry.make_valid()
    geod = Geod(ellps="WGS84")
    frame["area"] = [abs(geod.geometry_area_perimeter(shape)[0]) for shape in frame.geometry]
    frame["point"] = frame.representative_point().to_wkb()
    frame.to_parquet(out)
    return numpy.array([len(frame), frame["area"].sum()], dtype="float64")
