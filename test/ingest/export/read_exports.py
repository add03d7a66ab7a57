# Reads exports with geopandas and GDAL (pyogrio), for tests. Arguments: files. Prints JSON by file name.
import glob
import json
import os
import sys

import geopandas
import pyogrio


def read(path):
    extension = os.path.splitext(path)[1]
    if extension == ".parquet":
        return geopandas.read_parquet(path)
    if extension == ".arrow":
        import pyarrow

        with pyarrow.ipc.open_file(path) as file:
            return geopandas.GeoDataFrame.from_arrow(file.read_all())
    if extension == ".iceberg":
        from pyiceberg.table import StaticTable

        [metadata] = glob.glob(os.path.join(path, "metadata", "*.metadata.json"))
        frame = StaticTable.from_metadata(metadata).scan().to_arrow().to_pandas()
        geometry = geopandas.GeoSeries.from_wkb(frame["geometry"], crs="OGC:CRS84")
        return geopandas.GeoDataFrame(frame.drop(columns="geometry"), geometry=geometry)
    if extension == ".csv":
        frame = pyogrio.read_dataframe(path, GEOM_POSSIBLE_NAMES="geometry", KEEP_GEOM_COLUMNS="NO", AUTODETECT_TYPE="YES")
        return frame.set_crs("OGC:CRS84")
    return pyogrio.read_dataframe(path)


def text(value):
    if value is None or value != value:
        return None
    return value.isoformat()[:10] if hasattr(value, "isoformat") else str(value)[:10]


def number(value):
    return None if value is None or value != value else float(value)


def cell(value):
    if value is None or isinstance(value, str):
        return value
    return format(int(value), "x")


def summary(path):
    frame = read(path)
    located = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    rows = []
    for row in frame.itertuples():
        shape = row.geometry
        rows.append(
            [
                row.site_uid,
                None if shape is None or shape.is_empty else [shape.geom_type, shape.area, *shape.bounds],
                number(row.cap_ac_mw),
                text(row.inst_start),
                cell(row.h3_r5),
                int(row.members),
                row.country_iso3,
            ]
        )
    result = {
        "rows": sorted(rows, key=lambda row: row[0]),
        "bounds": [float(side) for side in located.total_bounds] if len(located) else None,
        "lonlat": frame.crs is not None and frame.crs.to_authority() in (("OGC", "CRS84"), ("EPSG", "4326")),
        "columns": [name for name in frame.columns if name != "geometry"],
        "valid": bool(located.geometry.is_valid.all()),
        "counterclockwise": bool(
            all(
                part.exterior.is_ccw
                for shape in located.geometry
                for part in getattr(shape, "geoms", [shape])
                if part.geom_type == "Polygon"
            )
        ),
    }
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
