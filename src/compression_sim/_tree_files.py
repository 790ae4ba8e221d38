"""Files of token trees: npz archives of which nothing is believed that can be computed.

Sizes are compared with what the file holds before anything is allocated, no object is made from it, and the
fields must fit each other and their SHA-256. Files of earlier releases have none: they are read where the
number of tokens is that of the chunks, which pruning may change.
"""

import io
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np

from ._chunks import MAX_DEPTH, key_lengths, leaf_key
from ._files import read_whole, refuse_existing, write_whole

FORMAT = 1
FIELDS = {
    "depth": "i8",
    "leaf_keys": "u8",
    "chunk_leaves": "i4",
    "response_offsets": "i8",
    "num_tokens": "i8",
}
SCALARS = {"format": "iu", "depth": "iu", "num_tokens": "iu", "digest": "U"}  # and the kinds of their types
EXPANSION = 200  # what decompression may multiply; `save` stays below half of it


def save(path, fields: dict, overwrite: bool) -> None:
    """Write the fields of a tree. Raises ValueError where `path` exists (unless `overwrite`) or cannot be."""
    path = Path(path)
    refuse_existing(path, overwrite)
    stored = {"format": FORMAT, **fields, "digest": _digest(fields)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **stored)
    if sum(np.asarray(value).nbytes for value in stored.values()) * 2 > EXPANSION * buffer.tell():
        buffer = io.BytesIO()
        np.savez(buffer, **stored)
    write_whole(path, buffer.getbuffer())


def load(path) -> dict:
    """The fields that `save` was given. Raises ValueError for anything else."""
    data = read_whole(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {each.filename: each for each in archive.infolist()}
            if len(members) != len(archive.infolist()):
                raise ValueError
            if sum(each.file_size for each in members.values()) > EXPANSION * len(data):
                raise ValueError
            names = [name for name in ("format", *FIELDS, "digest") if f"{name}.npy" in members]
            stored = {name: _array(archive, members[f"{name}.npy"]) for name in names}
        for name in SCALARS.keys() & stored.keys():
            if stored[name].ndim or stored[name].dtype.kind not in SCALARS[name]:
                raise ValueError
        form, digest = stored.pop("format").item(), stored.pop("digest", None)
        depth, tokens = int(stored["depth"]), int(stored["num_tokens"])
        fields = {name: stored[name] for name in FIELDS} | {"depth": depth, "num_tokens": tokens}
    except Exception:  # what zipfile and NumPy raise for a foreign file depends on its first bytes
        raise ValueError(f"{path} is not a token tree written by TokenTree.save") from None
    if form != FORMAT:
        raise ValueError(f"{path} is a token tree of another format; this release reads format {FORMAT}")
    if not _sound(fields, digest):
        raise ValueError(f"{path} holds a damaged token tree; take it from a copy, or make it anew")
    return fields


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """One array: what the archive holds of it, which must fit its header."""
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype.hasobject:
            raise ValueError
        return np.frombuffer(file.read(), dtype).reshape(shape).copy()


def _digest(fields: dict) -> str:
    """SHA-256 of the fields, of their types and lengths."""
    digest = sha256()
    for name, code in FIELDS.items():
        array = np.asarray(fields[name], "<" + code)
        digest.update(f"{name} {array.shape} {code} ".encode() + array.tobytes())
    return digest.hexdigest()


def _sound(fields: dict, digest) -> bool:
    """Whether the fields can be those of a tree."""
    depth, keys, chunks, offsets, tokens = (fields[name] for name in FIELDS)
    if [(a.ndim, a.dtype) for a in (keys, chunks, offsets)] != [(1, np.uint64), (1, np.int32), (1, np.int64)]:
        return False
    if not 1 <= depth <= MAX_DEPTH or not 0 <= tokens < 2**63 or min(map(len, (keys, chunks, offsets))) < 1:
        return False
    lengths = key_lengths(keys)
    if not (keys < 1 << 38).all() or (lengths > depth).any() or (keys[1:] <= keys[:-1]).any():
        return False
    if (leaf_key(keys >> np.uint64(6), lengths) != keys).any():
        return False
    if offsets[0] != 0 or offsets[-1] != len(chunks) or (offsets[1:] <= offsets[:-1]).any():
        return False
    if chunks.min() < 0 or chunks.max() >= len(keys) or not np.bincount(chunks, minlength=len(keys)).all():
        return False
    of_chunks = lengths[chunks]
    within = np.ones(len(chunks), bool)
    within[offsets[1:] - 1] = False  # the last chunk of a response; none before it ends the response
    if (of_chunks[within] < depth).any():
        return False
    lost = int((of_chunks == depth).sum()) * (MAX_DEPTH - depth)  # by pruning, at most
    spelt = int(of_chunks.sum())
    if digest is None:
        return tokens == spelt and (of_chunks[~within] < depth).all()
    return spelt <= tokens <= spelt + lost and digest.item() == _digest(fields)
