"""A route in a process of its own: jobs as JSON lines on stdin, one answer a line (see protocol.ts)."""

import gc
import json
import os
import resource
import shutil
import sys
import time
import traceback
import zlib


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def serve(open_route):
    try:
        route = open_route()
    except (ImportError, OSError) as error:
        say({"absent": str(error)})
        return
    say({"ready": route.versions})
    for line in sys.stdin:
        try:
            say(answer(route, json.loads(line)))
        except Exception:
            say({"error": traceback.format_exc()})


def answer(route, request):
    """Routes have `prepare(job, scratch, round)`, which is not measured and gives the work; the work gives the result."""
    job, scratch = request["job"], request["scratch"]
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    work = route.prepare(job, scratch, request["round"])
    gc.collect()
    reset_peak()
    cpu, start = cpu_seconds(), time.perf_counter()
    result = work()
    wall = time.perf_counter() - start
    measured = {"wall": wall, "cpu": cpu_seconds() - cpu, "peakMiB": peak_mib()}
    return {**measured, "crc": checksum(result, request["dump"])}


def checksum(result, dump):
    """A result is a list of arrays, or a function that makes them when the clock has stopped."""
    crc = 0
    file = None if dump is None else open(dump, "wb")
    for piece in result() if callable(result) else result:
        data = piece.tobytes()
        crc = zlib.crc32(data, crc)
        if file is not None:
            file.write(data)
    if file is not None:
        file.close()
    return crc


def reset_peak():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def peak_mib():
    try:
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
