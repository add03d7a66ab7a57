"""python main.py ROUTE: one of the programs that heliocube is compared with. A program is loaded when it is asked for."""

import sys

from serve import serve


def rasterio_windows(**options):
    from windows import Rasterio

    return Rasterio(**options)


def rasterio_pool():
    from windows import RasterioPool

    return RasterioPool()


def async_geotiff():
    from async_headers import AsyncHeaders
    from async_windows import AsyncGeotiff

    return ByJob(AsyncGeotiff(), {"headers": AsyncHeaders()})


def libdeflate():
    from inflate import Libdeflate

    return Libdeflate()


def gdal_warp(exact=False):
    from warp import GdalWarp

    return GdalWarp(exact)


def exactextract():
    from zonal import ExactExtract

    return ExactExtract()


def rasterstats():
    from zonal import RasterStats

    return RasterStats()


def zarr_python():
    from store import ZarrPython

    return ZarrPython()


def rasterio_remote():
    from remote import RasterioRemote

    return RasterioRemote()


def rasteret():
    from remote_rasteret import Rasteret

    return Rasteret()


def rasterio_zarr(exact=False):
    from build import RasterioZarr

    return RasterioZarr(exact)


def odc_stac():
    from build import OdcStac

    return OdcStac()


def virtualizarr():
    from virtual import VirtualiZarr

    return VirtualiZarr()


def icechunk():
    from references import Icechunk

    return Icechunk()


def zarr_icechunk():
    from stack import ZarrIcechunk

    return ZarrIcechunk()


def geopandas():
    from sites import GeoPandas

    return GeoPandas()


class ByJob:
    """One program whose jobs are in several files."""

    def __init__(self, usual, others):
        self.usual, self.others, self.versions = usual, others, usual.versions

    def prepare(self, job, scratch, round):
        return self.others.get(job["kind"], self.usual).prepare(job, scratch, round)


ROUTES = {
    "rasterio": rasterio_windows,
    "rasterio-threads": lambda: rasterio_windows(threads="ALL_CPUS"),
    "rasterio-exact": lambda: rasterio_windows(exact=True),
    "rasterio-pool": rasterio_pool,
    "async-geotiff": async_geotiff,
    "libdeflate": libdeflate,
    "gdal-warp": gdal_warp,
    "gdal-warp-exact": lambda: gdal_warp(exact=True),
    "exactextract": exactextract,
    "rasterstats": rasterstats,
    "zarr-python": zarr_python,
    "rasterio-remote": rasterio_remote,
    "rasteret": rasteret,
    "rasterio-zarr": rasterio_zarr,
    "rasterio-zarr-exact": lambda: rasterio_zarr(exact=True),
    "odc-stac": odc_stac,
    "virtualizarr": virtualizarr,
    "icechunk": icechunk,
    "zarr-icechunk": zarr_icechunk,
    "geopandas": geopandas,
}

if __name__ == "__main__":
    serve(ROUTES[sys.argv[1]])
