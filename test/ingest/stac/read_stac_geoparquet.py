"""What geopandas and pyarrow read of a stac-geoparquet file, as JSON."""
import json
import sys

import geopandas
import pyarrow.parquet


def main():
    path = sys.argv[1]
    schema = pyarrow.parquet.read_schema(path)
    frame = geopandas.read_parquet(path)
    items = [
        {
            "id": row["id"],
            "wkt": row["geometry"].wkt,
            "bounds": list(row["geometry"].bounds),
            "datetime": row["datetime"].isoformat(),
            "cloud": row["eo:cloud_cover"],
            "assets": sum(1 for one in row["assets"].values() if one is not None),
        }
        for _, row in frame.iterrows()
    ]
    authority = frame.crs.to_authority()
    answer = {
        "crs": ":".join(authority),
        "items": items,
        "types": {field.name: str(field.type) for field in schema},
        "metadata": [key.decode() for key in schema.metadata],
    }
    json.dump(answer, sys.stdout)


main()
