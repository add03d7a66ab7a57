"""Write archives of all forms that Python's own modules write into a folder; print the SHA-256 of each member."""

import gzip
import hashlib
import io
import json
import sys
import tarfile
import zipfile

folder = sys.argv[1]
members = {
    "a.shp": b"shape" * 1000,
    "empty": b"",
    "ordner/größe é.csv": "größe;é\n".encode() * 500,
    "deep/" * 25 + "x" * 120 + ".txt": b"long name",
}

for name, options in {"deflate.zip": {}, "stored.zip": {"compression": zipfile.ZIP_STORED}}.items():
    with zipfile.ZipFile(f"{folder}/{name}", "w", **{"compression": zipfile.ZIP_DEFLATED, **options}) as archive:
        archive.mkdir("folder") if hasattr(archive, "mkdir") else None
        for path, data in members.items():
            archive.writestr(path, data)

# ZIP64 and data descriptors: a writer that cannot seek.
class Pipe(io.RawIOBase):
    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


with open(f"{folder}/streamed.zip", "wb") as file, zipfile.ZipFile(Pipe(file), "w", zipfile.ZIP_DEFLATED) as archive:
    for path, data in members.items():
        with archive.open(path, "w", force_zip64=True) as member:
            member.write(data)

for name, mode, form in [
    ("pax.tar", "w", tarfile.PAX_FORMAT),
    ("gnu.tar", "w", tarfile.GNU_FORMAT),
    ("gnu.tar.gz", "w:gz", tarfile.GNU_FORMAT),
    ("pax.tgz", "w:gz", tarfile.PAX_FORMAT),
]:
    with tarfile.open(f"{folder}/{name}", mode, format=form) as archive:
        info = tarfile.TarInfo("folder")
        info.type = tarfile.DIRTYPE
        archive.addfile(info)
        for path, data in members.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))

# Several gzip members one after the other are one file.
with open(f"{folder}/joined.csv.gz", "wb") as file:
    file.write(gzip.compress(b"one;") + gzip.compress(b"two"))

print(json.dumps({path: hashlib.sha256(data).hexdigest() for path, data in members.items()}))
