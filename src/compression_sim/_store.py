"""One store for all that is written: whole or not there, and damage never goes unseen.

What only we read (cells of a run, worlds of a calibration) has a format of its own, `write_arrays`: HDF5 ends
the process on a full disk, and can hang or abort on a damaged file.

What users read is netCDF, `write_netcdf`, made in memory so that HDF5 never sees the disk; behind its end
stands a trailer with the SHA-256 of all before, which HDF5 and what is built on it pass over. A mark within
tells such a file from one of other origin when its trailer was cut off. A digest is no signature: anyone can
add one. So only results that came with the package are parsed here; HDF5 reads others in a process of its
own, with limits of time and memory, which hands them over in our own format.
"""

import io
import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import numpy as np

from ._files import read_whole, uninterrupted, write_whole
from ._files import refuse_existing as refuse_existing
from ._format import Damaged as Damaged
from ._format import decode, encode, pack, raw, unpack
from ._format import read_arrays as read_arrays
from ._format import read_dataset as read_dataset
from ._format import write_arrays as write_arrays
from ._format import write_dataset as write_dataset

MARK = b",compression_sim=sha256"  # in the file's list of the programs that made it
TRAILER_MAGIC = b"\ncompression_sim sha256\n\x1a"
TRAILER = struct.Struct(f"<{len(TRAILER_MAGIC)}sQ32s")  # magic, length of the netCDF before it, its SHA-256
HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
CHILD_SECONDS, CHILD_BYTES = 60, 4 << 30  # for a file from elsewhere; more for a large one


def write_netcdf(path, dataset) -> None:
    """Write an xarray.Dataset as netCDF with a trailer: the whole file, or the old one stays.

    `xarray.open_dataset(path)` and other netCDF programs read it. Raises ValueError for what netCDF cannot
    hold, and where `path` cannot be written.
    """
    write_whole(path, sealed(_netcdf(dataset, path)))


def read_netcdf(path, *, ours: bool = False):
    """The xarray.Dataset in a netCDF file, in memory.

    Raises Damaged for a file of `write_netcdf` that is not as it was written, and for one that HDF5 cannot
    read, or not within its limits of time and memory: its crash is no crash of this process, which costs
    about a second. `ours`: the file came with the package; it must have its trailer, and is read here.
    """
    data = read_whole(path)
    if ours:
        return parse_ours(data, path)
    _unsealed(data, path)
    return _read_apart(Path(path), len(data))


def parse_ours(data: bytes, name):
    """The xarray.Dataset in the bytes of a file that came with the package; Damaged names it by `name`."""
    image = _unsealed(data, name)
    if image is None:
        raise Damaged(name, "is damaged: its trailer is lacking")
    return _parsed(image)


def sealed(image: bytes) -> bytes:
    """The bytes of a netCDF file with mark and trailer; data, attributes and encodings stay as they are."""
    import h5py

    buffer = io.BytesIO(image)
    with uninterrupted(), h5py.File(buffer, "r+") as file:
        made_by = bytes(np.bytes_(file.attrs.get("_NCProperties", b"version=2")))
        if not made_by.endswith(MARK):
            file.attrs["_NCProperties"] = np.bytes_(made_by + MARK)
    image = buffer.getvalue()
    return image + TRAILER.pack(TRAILER_MAGIC, len(image), sha256(image).digest())


def content_digest(dataset) -> str:
    """SHA-256 of what a dataset says: names, dims, types, values and attributes, settings among them.

    The same for a dataset in memory and after any of the ways to store it, whatever the file's bytes.
    """
    digest = sha256()

    def add(*parts):
        for part in parts:
            data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode()
            digest.update(len(data).to_bytes(8, "little") + data)

    add("attributes", _plain(dataset.attrs))
    for name in sorted(dataset.variables):
        variable = dataset.variables[name]
        values = variable.values
        code, data = raw(values, name)
        add(name, list(variable.dims), code, list(values.shape), name in dataset.coords)
        add(_plain(variable.attrs), data)
    return digest.hexdigest()


def _plain(attributes: Mapping) -> dict:
    """Attributes as netCDF gives them back: one number and a list of one are the same."""
    flat = {str(key): np.asarray(value).ravel().tolist() for key, value in attributes.items()}
    return {key: items[0] if len(items) == 1 else items for key, items in flat.items()}


def _netcdf(dataset, path) -> bytes:
    """The dataset as the bytes of a netCDF file."""
    import h5netcdf
    import xarray

    buffer = io.BytesIO()
    try:
        with uninterrupted(), h5netcdf.File(buffer, "w") as file:
            dataset.dump_to_store(xarray.backends.H5NetCDFStore(file))
    except (TypeError, ValueError, OverflowError, NotImplementedError) as error:
        raise ValueError(f"cannot write {path}: netCDF cannot hold this: {error}") from None
    return buffer.getvalue()


def _parsed(image):
    """The dataset in the bytes of a netCDF file, or in the file of that path."""
    import xarray

    with uninterrupted():
        found = xarray.load_dataset(
            io.BytesIO(image) if isinstance(image, bytes) else image, engine="h5netcdf"
        )
    found.close()
    return found


def _unsealed(data: bytes, path) -> bytes | None:
    """The netCDF part of a file of `write_netcdf`; None for a file of other origin. Raises Damaged."""
    start = len(data) - TRAILER.size
    if start > 0 and data.startswith(TRAILER_MAGIC, start):
        _, length, digest = TRAILER.unpack_from(data, start)
        image = data[:start]
        if length == start and sha256(image).digest() == digest:
            return image
        raise Damaged(path, "is damaged: its content does not fit its SHA-256")
    if MARK in data or TRAILER_MAGIC in data:
        raise Damaged(path, "was cut off or changed after it was written: its SHA-256 is not at its end")
    return None


# -- netCDF from elsewhere, in a process of its own ------------------------------------------------


def _read_apart(path: Path, size: int):
    """The dataset in a netCDF file that HDF5 may crash or hang on."""
    seconds, memory = CHILD_SECONDS + size // 10_000_000, CHILD_BYTES + 8 * size
    package = str(Path(__file__).parent.parent)
    python_path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    program = f"from {__name__} import _hand_over; _hand_over()"
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", program, str(path.absolute()), str(memory)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            env=os.environ | {"PYTHONPATH": python_path},
        )
    except subprocess.TimeoutExpired:
        raise Damaged(path, f"cannot be read as netCDF within {seconds} s: HDF5 hangs on it") from None
    except OSError as error:
        raise ValueError(f"cannot read {path}: no process can be started ({error.strerror})") from None
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        raise Damaged(path, f"is damaged: HDF5 crashes on it ({name})")
    if done.returncode:
        raise Damaged(path, "is damaged: HDF5 cannot read it")
    arrays, meta = decode(done.stdout, path, kind="handed over")
    if "why" in meta:
        raise Damaged(path, f"cannot be read as netCDF: {meta['why']}")
    return unpack(arrays, meta["dataset"], path)


def _hand_over() -> None:
    """The child: reads the netCDF file that it is given and prints it in our own format."""
    path, memory = sys.argv[1], int(sys.argv[2])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed meanwhile goes to stderr
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    except (ImportError, ValueError, OSError):  # Windows, or a lower limit holds already
        pass
    try:
        arrays, layout = pack(_parsed(read_whole(path)))
        pieces = encode(arrays, {"dataset": layout}, kind="handed over")
    except MemoryError:
        pieces = encode({}, {"why": f"it takes more than {memory >> 30} GiB of memory"}, kind="handed over")
    except Exception as error:  # h5py and xarray raise what they like
        why = " ".join(str(error).split())[:200] or type(error).__name__
        pieces = encode({}, {"why": why}, kind="handed over")
    out.writelines(pieces)
    out.flush()
    os._exit(0)  # past HDF5's clean-up of what it could not read
