"""Statistics under polygons. Polygons are read before the clock starts."""

import importlib.metadata
import json

import numpy
import rasterio

STATISTICS = ["count", "mean", "stdev", "min", "max"]
cache = {}


def features_of(job):
    key = (job["projected"], job["every"])
    if key not in cache:
        with open(job["projected"]) as file:
            features = json.load(file)["features"][:: job["every"]]
        cache[key] = [{**feature, "id": feature["properties"]["id"]} for feature in features]
    return cache[key]


class ExactExtract:
    def __init__(self):
        import exactextract  # noqa: F401

        self.versions = f"exactextract {importlib.metadata.version('exactextract')}, rasterio {rasterio.__version__}"

    def prepare(self, job, scratch, round):
        features = features_of(job)
        if not job["memory"]:
            return lambda: self.files(job["files"], features)
        source = self.in_memory(job["files"][0])
        return lambda: [table(self.extract(source, features, STATISTICS), STATISTICS)]

    def files(self, files, features):
        """All files at once where there are several: exactextract then covers each polygon once."""
        if len(files) == 1:
            with rasterio.open(files[0]) as raster:
                return [table(self.extract(raster, features, STATISTICS), STATISTICS)]
        from exactextract.raster import RasterioRasterSource

        opened = [rasterio.open(file) for file in files]
        sources = [RasterioRasterSource(raster, name=f"r{i}") for i, raster in enumerate(opened)]
        rows = self.extract(sources, features, STATISTICS)
        for raster in opened:
            raster.close()
        return [table(rows, [f"r{i}_{name}" for name in STATISTICS]) for i in range(len(files))]

    def extract(self, source, features, operations):
        from exactextract import exact_extract

        rows = exact_extract(source, features, operations, strategy="feature-sequential", include_cols=["id"])
        return sorted(rows, key=lambda row: row["id"])

    def in_memory(self, file):
        from exactextract.raster import NumPyRasterSource

        if file not in cache:
            with rasterio.open(file) as raster:
                box = raster.bounds
                cache[file] = NumPyRasterSource(
                    raster.read(1),
                    xmin=box.left,
                    ymin=box.bottom,
                    xmax=box.right,
                    ymax=box.top,
                    nodata=int(raster.nodata),
                    srs_wkt=raster.crs.to_wkt(),
                )
        return cache[file]


def table(rows, names):
    """float64 (polygon, statistic); NaN where there is none."""
    values = [[row["properties"][name] for name in names] for row in rows]
    return numpy.array([[numpy.nan if v is None else v for v in row] for row in values], dtype="float64")


class RasterStats:
    """Pixels count whole where their centre is inside."""

    NAMES = ["count", "mean", "std", "min", "max"]

    def __init__(self):
        import rasterstats  # noqa: F401

        self.versions = f"rasterstats {importlib.metadata.version('rasterstats')}"

    def prepare(self, job, scratch, round):
        from rasterstats import zonal_stats

        features = features_of(job)

        def run():
            tables = []
            for file in job["files"]:
                rows = zonal_stats(features, file, stats=self.NAMES)
                values = [[row[name] for name in self.NAMES] for row in rows]
                tables.append(numpy.array([[numpy.nan if v is None else v for v in row] for row in values], dtype="float64"))
            return tables

        return run
