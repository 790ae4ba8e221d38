"""Our own format of a file: named arrays and what is to be known of them, under one SHA-256.

A file is, in little-endian order,

    magic (12 bytes), version (4), length of the header (8), header, arrays one after the other, SHA-256 (32)

with a header in JSON: kind, meta, and of every array its name, type, shape and length in bytes. The reader
checks the digest, then every length against the file's; it allocates nothing that the file does not hold,
and runs no code from it.
"""

import json
import math
import re
import struct
from collections.abc import Mapping
from hashlib import sha256

import numpy as np

from ._files import read_whole, write_whole

MAGIC, VERSION, HEAD = b"\x89csstore\r\n\x1a\n", 1, struct.Struct("<12sIQ")
NUMBERS = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
OTHERS = re.compile(r"S[1-9]\d{0,8}|[mM]8\[(D|h|m|s|ms|us|ns)\]")
TEXT = re.compile(r"text|U[1-9]\d{0,8}")  # stored as JSON: `text` is an object array of strings
LONGEST_HEADER = 1 << 24
DIGEST = sha256().digest_size


class Damaged(ValueError):
    """A file is not as it was written: one sentence says which, what is wrong, what to do."""

    def __init__(self, path, what: str):
        super().__init__(f"{path} {what}; take it from a copy, or delete it and make it anew")


def write_arrays(path, arrays: Mapping[str, np.ndarray], meta: Mapping, *, kind: str) -> None:
    """Write named arrays and `meta` (what JSON can hold) as one file, whole or not at all.

    Arrays of numbers, truth values, times, bytes or text. Raises ValueError for others, and where `path`
    cannot be written.
    """
    write_whole(path, *encode(arrays, meta, kind=kind))


def read_arrays(path, *, kind: str) -> tuple[dict[str, np.ndarray], dict]:
    """(arrays, meta) as `write_arrays` was given them.

    Raises Damaged for anything else, and ValueError where `path` cannot be read.
    """
    return decode(read_whole(path), path, kind=kind)


def encode(arrays: Mapping[str, np.ndarray], meta: Mapping, *, kind: str) -> list[bytes]:
    """The pieces of a file of `write_arrays`."""
    rows, pieces = [], []
    for name, array in arrays.items():
        array = np.asarray(array)
        code = _code(array, name)
        pieces.append(_raw(array, code))
        rows.append([str(name), code, list(array.shape), len(pieces[-1])])
    try:
        header = json.dumps({"kind": kind, "meta": dict(meta), "arrays": rows}).encode()
    except (TypeError, ValueError) as error:
        raise ValueError(f"meta must be what JSON can hold: {error}") from None
    if len(header) > LONGEST_HEADER:
        raise ValueError(f"meta must be at most {LONGEST_HEADER} bytes of JSON, got {len(header)}")
    whole = [HEAD.pack(MAGIC, VERSION, len(header)), header, *pieces]
    digest = sha256()
    for piece in whole:
        digest.update(piece)
    return [*whole, digest.digest()]


def decode(data: bytes, path, *, kind: str) -> tuple[dict[str, np.ndarray], dict]:
    """(arrays, meta) from the bytes of a file of `write_arrays`; `path` is named where they are damaged."""
    if len(data) < HEAD.size + DIGEST or not data.startswith(MAGIC):
        raise Damaged(path, f"is not a {kind} that compression_sim wrote, or is damaged")
    if sha256(memoryview(data)[:-DIGEST]).digest() != data[-DIGEST:]:
        raise Damaged(path, "is damaged: its content does not fit its SHA-256")
    try:
        _, version, length = HEAD.unpack_from(data)
        if version != VERSION:
            raise Damaged(path, f"has version {version} of our format, and this release reads {VERSION}")
        if length > LONGEST_HEADER or HEAD.size + length + DIGEST > len(data):
            raise ValueError
        start = HEAD.size + length
        header = json.loads(data[HEAD.size : start])
        rows = [(_is(name, str), _is(code, str), _shape(shape), _is(size, int))
                for name, code, shape, size in header["arrays"]]  # fmt: skip
        if min((row[3] for row in rows), default=0) < 0:
            raise ValueError
        if start + sum(row[3] for row in rows) + DIGEST != len(data):
            raise ValueError
        found, meta = _is(header["kind"], str), _is(header["meta"], dict)
        if found != kind:
            raise Damaged(path, f"holds a {found}, not a {kind}")
        arrays = {}
        for name, code, shape, size in rows:
            arrays[name] = _array(data[start : start + size], code, shape)
            start += size
        if len(arrays) < len(rows):
            raise ValueError
    except Damaged:
        raise
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, MemoryError):
        raise Damaged(path, "was not written by compression_sim: its parts contradict each other") from None
    return arrays, meta


def _code(array: np.ndarray, name) -> str:
    """The type of an array as it is written."""
    kind = array.dtype.kind
    if kind in "OT" and all(isinstance(item, str) for item in array.flat):
        return "text"
    if kind == "U":
        return f"U{max(array.dtype.itemsize // 4, 1)}"
    code = array.dtype.str[1:]
    if code in NUMBERS or OTHERS.fullmatch(code):
        return code
    raise ValueError(f"{name!r} must hold numbers, times or text to be stored, got {array.dtype}")


def _raw(array: np.ndarray, code: str) -> bytes:
    if TEXT.fullmatch(code):
        return json.dumps([str(item) for item in array.ravel().tolist()]).encode()
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()


def _array(data: bytes, code: str, shape: tuple[int, ...]) -> np.ndarray:
    """The array that was written as `data`; ValueError where type, shape and length contradict each other."""
    size = math.prod(shape)
    if TEXT.fullmatch(code):
        items = _is(json.loads(data), list)
        width = None if code == "text" else int(code[1:])
        longest = max((len(_is(item, str)) for item in items), default=0)
        if len(items) != size or (width is not None and longest > width):
            raise ValueError
        if width is not None and size * width > len(data):  # a wide type, filled up with nothing
            width = max(longest, 1)
        array = np.empty(size, object if width is None else f"<U{width}")
        array[:] = items
        return array.reshape(shape)
    if code not in NUMBERS and not OTHERS.fullmatch(code):
        raise ValueError
    dtype = np.dtype(code if code == "b1" else "<" + code)
    if code == "b1" and size and max(data) > 1:
        raise ValueError
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _is(value, kind: type):
    """`value`, if it is of that type."""
    if not isinstance(value, kind):
        raise ValueError
    return value


def _shape(value) -> tuple[int, ...]:
    shape = tuple(_is(size, int) for size in _is(value, list))
    if min(shape, default=0) < 0 or math.prod(s for s in shape if s) >= 2**62:
        raise ValueError
    return shape


# -- an xarray.Dataset in it -----------------------------------------------------------------------


def write_dataset(path, dataset, meta: Mapping | None = None, *, kind: str = "dataset") -> None:
    """Write an xarray.Dataset, and what else is to be known of it (`meta`), in our own format.

    Names, dims, types, values and attributes come back as they are; encodings do not. Raises ValueError for
    what the format cannot hold, and where `path` cannot be written.
    """
    arrays, layout = pack(dataset)
    write_arrays(path, arrays, {"dataset": layout, "about": dict(meta or {})}, kind=kind)


def read_dataset(path, *, kind: str = "dataset"):
    """The xarray.Dataset that `write_dataset` wrote. Raises Damaged for anything else."""
    return read_dataset_and_meta(path, kind=kind)[0]


def read_dataset_and_meta(path, *, kind: str = "dataset"):
    """(dataset, meta) as `write_dataset` was given them. Raises Damaged for anything else."""
    arrays, meta = read_arrays(path, kind=kind)
    return unpack(arrays, meta.get("dataset"), path), meta.get("about")


def pack(dataset) -> tuple[dict[str, np.ndarray], dict]:
    """A dataset as arrays and what JSON can hold."""
    for name in dataset.variables:
        if not isinstance(name, str):
            raise ValueError(f"names of variables must be text to be stored, got {name!r}")
    arrays = {name: variable.values for name, variable in dataset.variables.items()}
    variables = {
        name: [list(variable.dims), _packed(variable.attrs), name in dataset.coords]
        for name, variable in dataset.variables.items()
    }
    return arrays, {"attrs": _packed(dataset.attrs), "variables": variables}


def unpack(arrays: Mapping[str, np.ndarray], layout, path):
    """The dataset that was packed so; Damaged (which names `path`) for anything else."""
    import xarray

    try:
        parts = {True: {}, False: {}}
        for name, (dims, attrs, is_coordinate) in layout["variables"].items():
            parts[is_coordinate][name] = xarray.Variable(dims, arrays[name], _unpacked(attrs))
        return xarray.Dataset(parts[False], parts[True], _unpacked(layout["attrs"]))
    except Exception:  # xarray has many answers to what cannot be a dataset
        raise Damaged(path, "holds no dataset: its parts contradict each other") from None


def _packed(value):
    """A value of an attribute as JSON, so that it comes back with its type."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        code = _code(array, "an attribute")
        if array.dtype.kind not in "biufUO":
            raise ValueError(f"attributes must be numbers or text to be stored, got {array.dtype}")
        scalar = isinstance(value, np.generic)
        return {"type": code, "shape": None if scalar else list(array.shape), "items": array.ravel().tolist()}
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return {type(value).__name__: [_packed(item) for item in value]}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {"dict": {key: _packed(item) for key, item in value.items()}}
    raise ValueError(f"attributes must be numbers, text, or lists of them to be stored, got {value!r}")


def _unpacked(value):
    if not isinstance(value, dict):
        return value
    if "type" in value:
        code, shape = value["type"], value["shape"]
        dtype = object if code == "text" else str if TEXT.fullmatch(code) else np.dtype(code)
        array = np.array(value["items"], dtype).reshape(() if shape is None else shape)
        return array[()] if shape is None else array
    if "dict" in value:
        return {key: _unpacked(item) for key, item in value["dict"].items()}
    ((kind, items),) = value.items()
    return {"list": list, "tuple": tuple}[kind](map(_unpacked, items))


def raw(array: np.ndarray, name) -> tuple[str, bytes]:
    """(type, bytes) of an array, whatever its byte order and, of text, its width."""
    code = _code(array, name)
    return "text" if TEXT.fullmatch(code) else code, _raw(array, code)
