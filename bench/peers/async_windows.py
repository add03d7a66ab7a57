"""Windows of files through async-geotiff."""

import asyncio
import importlib.metadata
import os

from async_geotiff import GeoTIFF, Window
from obstore.store import LocalStore


class AsyncGeotiff:
    def __init__(self):
        version = importlib.metadata.version
        self.versions = f"async-geotiff {version('async-geotiff')} (async-tiff {version('async-tiff')})"

    def prepare(self, job, scratch, round):
        return lambda: asyncio.run(self.read(job))

    async def read(self, job):
        used = sorted({file for file, _ in job["reads"]})
        opened = {}
        for file in used:
            folder, name = os.path.split(job["files"][file])
            opened[file] = await GeoTIFF.open(name, store=LocalStore(folder))
        reads = [
            opened[file].read(window=Window(col_off=w["col"], row_off=w["row"], width=w["width"], height=w["height"]))
            for file, w in job["reads"]
        ]
        return [array.data for array in await asyncio.gather(*reads)]
