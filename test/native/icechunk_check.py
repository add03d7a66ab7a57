"""Reads and writes Icechunk repositories with the Python package: icechunk_check.py read REPO [PREFIX], write REPO PREFIX FILE.

Prints JSON. `read`: of every branch and tag its snapshot and the SHA-256 of every key's bytes, and the history of main.
`write`: makes a repository with native, inline and virtual chunks, a tag and a branch, then answers like `read`.
"""

import asyncio
import hashlib
import json
import sys
from datetime import datetime, timedelta, timezone

import icechunk
import numpy
import zarr
from zarr.core.buffer import default_buffer_prototype


EPOCH = datetime.fromtimestamp(0, timezone.utc)


def open_repository(path, prefix):
    storage = icechunk.local_filesystem_storage(path)
    access = None if prefix is None else icechunk.containers_credentials({prefix: None})
    return icechunk.Repository.open(storage, authorize_virtual_chunk_access=access)


async def digests(store):
    found = {}
    async for key in store.list():
        try:
            data = await store.get(key, default_buffer_prototype())
            found[key] = None if data is None else hashlib.sha256(data.to_bytes()).hexdigest()
        except Exception as error:
            found[key] = "unreadable"
    return found


def version(repository, snapshot):
    session = repository.readonly_session(snapshot_id=snapshot)
    return {"snapshot": snapshot, "keys": asyncio.run(digests(session.store))}


def entry(info):
    return {
        "id": info.id,
        "parentId": info.parent_id,
        "timeMs": ((info.written_at - EPOCH) // timedelta(microseconds=1)) / 1000,
        "message": info.message,
        "metadata": info.metadata,
    }


def read(path, prefix=None):
    repository = open_repository(path, prefix)
    branches = {name: version(repository, repository.lookup_branch(name)) for name in repository.list_branches()}
    tags = {name: version(repository, repository.lookup_tag(name)) for name in repository.list_tags()}
    history = [entry(info) for info in repository.ancestry(branch="main")]
    return {"branches": branches, "tags": tags, "history": history}


def values(path, name, prefix=None):
    """The samples of an array, by zarr-python."""
    session = open_repository(path, prefix).readonly_session("main")
    return numpy.asarray(zarr.open_array(session.store, path=name, mode="r")[...]).ravel().tolist()


def write(path, prefix, url):
    config = icechunk.RepositoryConfig.default()
    config.set_virtual_chunk_container(icechunk.VirtualChunkContainer(prefix, icechunk.local_filesystem_store(prefix[7:])))
    access = icechunk.containers_credentials({prefix: None})
    storage = icechunk.local_filesystem_storage(path)
    repository = icechunk.Repository.create(storage, config=config, authorize_virtual_chunk_access=access)
    session = repository.writable_session("main")
    root = zarr.create_group(session.store, attributes={"title": "by Python"})
    native = root.create_array("group/native", shape=(64, 64), chunks=(32, 64), dtype="float32")
    native[...] = numpy.arange(4096, dtype="float32").reshape(64, 64)
    inline = root.create_array("inline", shape=(6,), chunks=(2,), dtype="int16")
    inline[...] = numpy.arange(6, dtype="int16")
    root.create_array("virtual", shape=(40,), chunks=(10,), dtype="uint8", compressors=None, filters=None)
    later = datetime.fromtimestamp(2_000_000_000, timezone.utc)
    for index in (1, 3):
        session.store.set_virtual_ref(
            f"virtual/c/{index}", url, offset=index * 10, length=10, checksum=later, validate_container=True
        )
    first = session.commit("from Python", metadata={"run": "p1", "list": [1, 2]})
    repository.create_tag("first", first)
    repository.create_branch("side", first)
    session = repository.writable_session("main")
    zarr.open_array(session.store, path="inline")[0] = 99
    session.commit("more")
    return read(path, prefix)


command, *parameters = sys.argv[1:]
print(json.dumps({"read": read, "write": write, "values": values}[command](*parameters)))
