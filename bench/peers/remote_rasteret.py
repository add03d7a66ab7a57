"""One chip of many files over HTTP through rasteret, whose index of headers is made before the clock starts."""

import datetime
import importlib.metadata
import os

import pyarrow
import rasteret
import shapely
from obstore.store import HTTPStore
from rasteret.cloud import ObstoreBackend

# Of the data that the benchmarks make (data/sizes.ts).
ORIGIN = (600_000, 5_340_000)
PIXEL = 10
EPSG = 32_632


class Rasteret:
    def __init__(self):
        self.versions = f"rasteret {importlib.metadata.version('rasteret')}"
        rasteret.set_options(progress=False)

    def prepare(self, job, scratch, round):
        urls = [url.replace("{round}", str(round)) for url in job["urls"]]
        ids = [f"{round}-{i:03}" for i in range(len(urls))]
        [window] = {tuple(window.values()) for window in job["windows"]}
        col, row, width, height = window
        left, top = ORIGIN[0] + PIXEL * col, ORIGIN[1] - PIXEL * row
        bounds = (left, top - PIXEL * height, left + PIXEL * width, top)
        # Its own backend refuses addresses without TLS.
        server = urls[0][: urls[0].index("/", len("http://")) + 1]
        backend = ObstoreBackend(HTTPStore.from_url(server, client_options={"allow_http": True}), url_prefix=server)
        collection = rasteret.build_from_table(
            records(ids, urls),
            name=f"round{round}",
            workspace_dir=os.path.join(scratch, "index"),
            enrich_cog=True,
            band_codes=["B01"],
            backend=backend,
        )

        def run():
            chips = collection.read_window(
                record_ids=ids,
                bounds=bounds,
                res=(PIXEL, PIXEL),
                bands=["B01"],
                target_crs=EPSG,
                group_by="id",
                backend=backend,
            )
            return [chips[i, 0] for i in range(len(ids))]

        return run


def records(ids, urls):
    """One record a file; a day apart, so that their order is that of the files."""
    place = shapely.to_wkb(shapely.box(10, 45, 13, 49))
    first = datetime.datetime(2024, 1, 1)
    return pyarrow.table(
        {
            "id": ids,
            "datetime": [first + datetime.timedelta(days=i) for i in range(len(ids))],
            "geometry": [place] * len(ids),
            "assets": [{"B01": {"href": url}} for url in urls],
            "proj:epsg": [EPSG] * len(ids),
        }
    )
