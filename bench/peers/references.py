"""Many references to an Icechunk repository and from it."""

import datetime
import os

import icechunk
import numpy
import zarr
from zarr.core.buffer import default_buffer_prototype

ARRAY = "refs"
FIRST = 4096
# Of every file; what is checked is that it is not younger.
AGE = datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc)


class Icechunk:
    def __init__(self):
        self.versions = f"icechunk {icechunk.__version__}"
        icechunk.set_logs_filter("error")
        self.memory = None
        self.written = set()

    def prepare(self, job, scratch, round):
        if self.memory is None:
            self.memory = references(job)
        if job["part"] == "write":
            path = os.path.join(scratch, "repository")

            def run():
                write(path, job, *self.memory)
                return lambda: sampled(job, path)

            return run
        path = f"{scratch}-repository"
        if path not in self.written:
            write(path, job, *self.memory)
            self.written.add(path)

        def run():
            repository = icechunk.Repository.open(icechunk.local_filesystem_storage(path))
            places = repository.readonly_session("main").all_virtual_chunk_locations()
            return lambda: sampled(job, path, len(places))

        return run


def references(job):
    """The formulas of data/reference-pattern.ts: location, offset and length of every chunk."""
    per_file = job["rows"] * job["cols"]
    number = numpy.arange(job["files"] * per_file, dtype="uint64")
    lengths = 100_000 + (number * 7919) % 50_021
    ends = numpy.cumsum(lengths.reshape(job["files"], per_file), axis=1, dtype="uint64").ravel()
    names = [f"{job['base']}{file:04}.bin" for file in range(job["files"])]
    locations = [name for name in names for _ in range(per_file)]
    return locations, ends - lengths + FIRST, lengths


def write(path, job, locations, offsets, lengths):
    folder = job["base"].removeprefix("file://")
    config = icechunk.RepositoryConfig.default()
    config.set_virtual_chunk_container(
        icechunk.VirtualChunkContainer(job["base"], icechunk.local_filesystem_store(folder))
    )
    repository = icechunk.Repository.create(icechunk.local_filesystem_storage(path), config)
    session = repository.writable_session("main")
    shape = (job["files"], job["rows"], job["cols"])
    group = zarr.create_group(session.store)
    group.create_array(ARRAY, shape=shape, chunks=(1, 1, 1), dtype="uint8", compressors=None, fill_value=0)
    session.store.set_virtual_refs_arr(ARRAY, shape, locations, offsets, lengths, checksum=AGE)
    session.commit("references")


def sampled(job, path, count=None):
    """What the sampled references point at: the number that is written there, and the length."""
    per_file = job["rows"] * job["cols"]
    if count is not None and count != job["files"] * per_file:
        raise ValueError(f"{count} references came back")
    storage = icechunk.local_filesystem_storage(path)
    containers = icechunk.Repository.fetch_config(storage).virtual_chunk_containers
    repository = icechunk.Repository.open(
        storage, authorize_virtual_chunk_access={prefix: None for prefix in containers}
    )
    store = repository.readonly_session("main").store
    for chunk in job["samples"]:
        file, row, col = chunk // per_file, chunk // job["cols"] % job["rows"], chunk % job["cols"]
        data = zarr.core.sync.sync(store.get(f"{ARRAY}/c/{file}/{row}/{col}", default_buffer_prototype())).to_bytes()
        yield numpy.array([numpy.frombuffer(data[:8], dtype="<f8")[0], len(data)])
