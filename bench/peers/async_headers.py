"""Headers of COGs over HTTP through async-geotiff."""

import asyncio
import importlib.metadata

import numpy
from async_geotiff import GeoTIFF
from obstore.store import HTTPStore


class AsyncHeaders:
    def __init__(self):
        version = importlib.metadata.version
        self.versions = f"async-geotiff {version('async-geotiff')} (async-tiff {version('async-tiff')})"

    def prepare(self, job, scratch, round):
        urls = [url.replace("{round}", str(round)) for url in job["urls"]]
        return lambda: asyncio.run(self.open(urls))

    async def open(self, urls):
        server = urls[0][: urls[0].index("/", len("http://")) + 1]
        store = HTTPStore.from_url(server, client_options={"allow_http": True})
        files = await asyncio.gather(*(GeoTIFF.open(url[len(server) :], store=store) for url in urls))
        return [
            numpy.asarray(numbers, dtype="float64")
            for file in files
            for numbers in (file.ifd.tile_offsets, file.ifd.tile_byte_counts)
        ]
