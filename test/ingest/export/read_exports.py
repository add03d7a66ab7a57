# Reads exports with geopandas, pyarrow, pyiceberg and GDAL (pyogrio), for tests. Arguments: files. Prints JSON by file name.
import glob
import json
import os
import sys

import geopandas
import numpy
import pyogrio
import shapely


def read_arrow(path):
    import pyarrow

    with pyarrow.ipc.open_file(path) as file:
        table = file.read_all()
    return geopandas.GeoDataFrame.from_arrow(table) if "geometry" in table.column_names else table.to_pandas()


def read_parquet(path):
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    return geopandas.read_parquet(path) if "geometry" in table.column_names else table.to_pandas()


def read_iceberg(path):
    from pyiceberg.table import StaticTable

    [metadata] = glob.glob(os.path.join(path, "metadata", "*.metadata.json"))
    frame = StaticTable.from_metadata(metadata).scan().to_arrow().to_pandas()
    if "geometry" not in frame.columns:
        return frame
    geometry = geopandas.GeoSeries.from_wkb(frame["geometry"], crs="OGC:CRS84")
    return geopandas.GeoDataFrame(frame.drop(columns="geometry"), geometry=geometry)


def read_csv(path):
    # GDAL takes nothing between commas for empty text unless told otherwise.
    options = {"KEEP_GEOM_COLUMNS": "NO", "AUTODETECT_TYPE": "YES", "EMPTY_STRING_AS_NULL": "YES"}
    frame = pyogrio.read_dataframe(path, GEOM_POSSIBLE_NAMES="geometry", **options)
    return frame.set_crs("OGC:CRS84") if isinstance(frame, geopandas.GeoDataFrame) else frame


READERS = {".parquet": read_parquet, ".arrow": read_arrow, ".iceberg": read_iceberg, ".csv": read_csv}


def plain(value, name):
    """A value as JSON has it: no date, no NaN, cells of H3 as hexadecimal text."""
    if value is None:
        return None
    if isinstance(value, (list, tuple, numpy.ndarray)):
        return [plain(one, name) for one in value]
    if isinstance(value, dict):
        return {key: plain(one, name) for key, one in value.items()}
    if value != value:  # NaN and NaT
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    if isinstance(value, (bool, numpy.bool_)):
        return bool(value)
    if isinstance(value, (int, numpy.integer)):
        return format(int(value), "x") if name.startswith("h3_") else int(value)
    if isinstance(value, (float, numpy.floating)):
        return float(value)
    return str(value)


def rows_of(frame):
    """Rows by column, without their geometry."""
    names = [name for name in frame.columns if name not in ("geometry", "bbox")]
    columns = [[plain(value, name) for value in frame[name]] for name in names]
    return [dict(zip(names, row)) for row in zip(*columns)]


def places_of(frame):
    """Kind, area and bounds of every geometry."""
    return [
        None if shape is None or shape.is_empty else [shape.geom_type, shape.area, *shape.bounds] for shape in frame.geometry
    ]


def summary(path):
    frame = READERS.get(os.path.splitext(path)[1], pyogrio.read_dataframe)(path)
    result = {"rows": rows_of(frame), "columns": [name for name in frame.columns if name not in ("geometry", "bbox")]}
    if not isinstance(frame, geopandas.GeoDataFrame):
        return result
    located = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    result["places"] = places_of(frame)
    result["bounds"] = [float(side) for side in located.total_bounds] if len(located) else None
    result["lonlat"] = frame.crs is not None and frame.crs.to_authority() in (("OGC", "CRS84"), ("EPSG", "4326"))
    result["valid"] = bool(located.geometry.is_valid.all())
    parts = shapely.get_parts(located.geometry.values)
    result["counterclockwise"] = all(part.exterior.is_ccw for part in parts if part.geom_type == "Polygon")
    if path.endswith((".fgb", ".geojson", ".geojsonl")):
        info = pyogrio.read_info(path, force_total_bounds=True)
        result["driver"] = info["driver"]
        result["features"] = info["features"]
        result["fast"] = info["capabilities"]["fast_spatial_filter"]
    if path.endswith(".parquet") and len(located):
        west, south, east, north = located.total_bounds
        half = (west, south, (west + east) / 2, (south + north) / 2)
        result["byBox"] = len(geopandas.read_parquet(path, bbox=half))
        result["byIntersection"] = int(
            ((located.bounds.minx <= half[2]) & (located.bounds.miny <= half[3])).sum()
        )
    return result


print(json.dumps({os.path.basename(path): summary(path) for path in sys.argv[1:]}))
