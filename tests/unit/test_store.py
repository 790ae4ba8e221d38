"""The store: what comes back, what damage says, and what a system that refuses leaves behind."""

import contextlib
import errno
import json
import os
import resource
import stat
import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest
import xarray as xr

from compression_sim import _files, _format, _store, results

ARRAYS = {
    "x": np.array([[1.5, -0.0, np.nan], [np.inf, 5e-324, 1e30]]),
    "f4": np.float32([1, 2]),
    "n": np.int64([-1, 2**63 - 1]),
    "u": np.uint64([2**64 - 1]),
    "yes": np.array([True, False]),
    "z": np.array(1 + 2j),
    "none": np.zeros((3, 0, 2), np.int32),
    "wide": np.array(["a", "größer", ""]),
    "text": np.array(["one", "\0nul", "\ud800"], object),
    "bytes": np.array([b"ab", b"c"]),
    "when": np.array(["2026-11-26"], "datetime64[ns]"),
    "big-endian": np.array([1, 2], ">i4"),
}
META = {"seed": 3, "names": ["a", "b"], "nan": float("nan"), "nested": {"π": [1.5, None, True]}}


def dataset():
    return xr.Dataset(
        {"x": (("a", "b"), ARRAYS["x"], {"units": "bits", "n": 3, "list": [1.5, 2.5]}), "s": 3.0},
        coords={"a": ["one", "two"], "b": [1, 2, 3], "flag": ("b", [True, False, True])},
        attrs={"settings": '{"n": 3}', "seed": 0, "numbers": np.array([1, 2, 3])},
    )


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


def refused(call, *parts):
    """The ValueError of a call, which must be one line and say these words."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        call()
    text = str(caught.value)
    assert "\n" not in text
    for part in parts:
        assert str(part) in text
    return caught.value


# -- what is written comes back --------------------------------------------------------------------


def test_arrays_and_meta_come_back_with_their_types(tmp_path):
    path = tmp_path / "a.cell"
    _store.write_arrays(path, ARRAYS, META, kind="test")
    arrays, meta = _store.read_arrays(path, kind="test")
    assert json.dumps(meta) == json.dumps(META)
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        found = arrays[name]
        assert found.dtype == array.dtype.newbyteorder("=")
        assert found.flags.writeable
        np.testing.assert_array_equal(found, array)
    assert np.signbit(arrays["x"][0, 1])


def test_datasets_come_back_in_both_formats(tmp_path):
    own, netcdf = tmp_path / "a.cell", tmp_path / "a.nc"
    one = dataset()
    _store.write_dataset(own, one)
    _store.write_netcdf(netcdf, one)
    assert one.identical(_store.read_dataset(own))
    for found in (_store.read_netcdf(netcdf), _store.read_netcdf(netcdf, ours=True), xr.load_dataset(netcdf)):
        assert one.equals(found)
        assert _store.content_digest(found) == _store.content_digest(one)
    nested = one.assign_attrs(d={"a": (1, 2.5), "b": [None, "x"]}, empty=[], u=np.array(["a", "bcd"]))
    _store.write_dataset(own, nested)
    assert nested.identical(_store.read_dataset(own))


def test_the_content_digest_changes_with_all_that_a_dataset_says():
    one = dataset()
    changed = [
        one.assign(x=np.nextafter(one.x, 2.0)),
        one.assign(x=one.x.where(one.x != 0, 0.0)),  # 0.0 is not -0.0
        one.assign(x=one.x.astype(np.float32)),
        one.assign_attrs(seed=1),
        one.assign_attrs(more=1),
        one.rename(x="y"),
        one.rename(a="c"),
        one.transpose(),
        one.reset_coords("flag"),
        one.assign_coords(a=["one", "too"]),
        one.assign(x=one.x.assign_attrs(units="nats")),
    ]
    digests = {_store.content_digest(each) for each in (one, *changed)}
    assert len(digests) == len(changed) + 1


@pytest.mark.parametrize(
    ("array", "says"),
    [(np.array([1, "a", None], object), "object"), (np.zeros(1, np.longdouble), "float128|longdouble")],
)
def test_what_cannot_be_held_is_refused_by_name(tmp_path, array, says):
    with pytest.raises(ValueError, match=f"'x' must hold numbers.*({says})"):
        _store.write_arrays(tmp_path / "a", {"x": array}, {}, kind="test")
    assert files_in(tmp_path) == []
    refused(lambda: _store.write_arrays(tmp_path / "a", {}, {"x": object()}, kind="test"), "meta")
    refused(lambda: _store.write_dataset(tmp_path / "a", xr.Dataset(attrs={"x": object()})), "attributes")
    refused(lambda: _store.write_netcdf(tmp_path / "a", xr.Dataset(attrs={"x": {"a": 1}})), tmp_path / "a")
    assert files_in(tmp_path) == []


# -- damage ----------------------------------------------------------------------------------------


def damages(data: bytes):
    """Every byte changed, in one bit and in all; cuts everywhere; additions; other content."""
    for i in range(len(data)):
        for mask in (1 << i % 8, 255):
            yield data[:i] + bytes([data[i] ^ mask]) + data[i + 1 :]
        yield data[:i]
    yield from (data + b"\0", data + data, b"\0" + data, b"", b"\0" * len(data), data[::-1])


def test_no_damage_to_our_own_format_goes_unseen(tmp_path):
    path = tmp_path / "a.cell"
    arrays = {"x": np.arange(3.0), "t": np.array(["a", "bc"])}
    _store.write_arrays(path, arrays, {"seed": 1}, kind="test")
    for bad in damages(path.read_bytes()):
        path.write_bytes(bad)
        refused(lambda: _store.read_arrays(path, kind="test"), path, "take it from a copy, or delete it")


def test_no_damage_to_a_netcdf_file_of_ours_goes_unseen(tmp_path):
    path = tmp_path / "a.nc"
    _store.write_netcdf(path, xr.Dataset({"x": ("i", np.arange(3.0))}))
    data = path.read_bytes()
    size = len(data)
    rng = np.random.default_rng(0)
    places = {*rng.integers(0, size, 400).tolist(), *range(size - _store.TRAILER.size, size)}
    cuts = {*rng.integers(100, size, 40).tolist(), *range(size - _store.TRAILER.size, size)}
    spoiled = [data[:i] + bytes([data[i] ^ 1 << i % 8]) + data[i + 1 :] for i in sorted(places)]
    for bad in (*spoiled, *(data[:i] for i in sorted(cuts)), data + b"\0"):
        path.write_bytes(bad)
        with pytest.raises(_store.Damaged, match="take it from a copy"):
            _store.read_netcdf(path, ours=True)
    for bad in (data[: size - 1], data[: size - _store.TRAILER.size], data[: size // 2], data[:100]):
        path.write_bytes(bad)  # one that says that it was ours, and one that may be anyone's
        with pytest.raises(_store.Damaged, match=r"a\.nc .*take it from a copy"):
            _store.read_netcdf(path)


def forged(rows, length=None, data=b"", header=None, version=_format.VERSION):
    """A file with such a header, and the digest right."""
    header = json.dumps({"kind": "test", "meta": {}, "arrays": rows} if header is None else header).encode()
    head = _format.HEAD.pack(_format.MAGIC, version, len(header) if length is None else length)
    whole = head + header + data
    return whole + sha256(whole).digest()


EIGHT = b"\0" * 8
FORGERIES = {
    "huge shape": forged([["x", "f8", [2**40], 8]], data=EIGHT),
    "overflowing shape": forged([["x", "f8", [2**32, 2**32, 2**32], 8]], data=EIGHT),
    "huge shape with a 0": forged([["x", "f8", [0, 2**62], 0]]),
    "huge bytes": forged([["x", "f8", [2**61], 2**64]], data=EIGHT),
    "negative shape": forged([["x", "f8", [-1], 8]], data=EIGHT),
    "negative bytes": forged([["x", "f8", [1], -8], ["y", "f8", [1], 16]], data=EIGHT),
    "data before their beginning": forged([["x", "f8", [0], -8], ["y", "f8", [2], 16]], data=EIGHT),
    "two negatives": forged([["x", "f8", [-1, -1], 8]], data=EIGHT),
    "shape of floats": forged([["x", "f8", [1.0], 8]], data=EIGHT),
    "shape of truths": forged([["x", "f8", [True], 8]], data=EIGHT),
    "shape is text": forged([["x", "f8", "1", 8]], data=EIGHT),
    "too many dimensions": forged([["x", "f8", [1] * 100, 8]], data=EIGHT),
    "other size": forged([["x", "f4", [1], 8]], data=EIGHT),
    "less data": forged([["x", "f8", [1], 8]]),
    "more data": forged([["x", "f8", [1], 8]], data=2 * EIGHT),
    "objects": forged([["x", "O", [1], 8]], data=EIGHT),
    "structure": forged([["x", "f4,f4", [1], 8]], data=EIGHT),
    "void": forged([["x", "V8", [1], 8]], data=EIGHT),
    "wide bytes": forged([["x", "S99999999999", [1], 8]], data=EIGHT),
    "no type": forged([["x", "", [1], 8]], data=EIGHT),
    "not a truth": forged([["x", "b1", [1], 1]], data=b"\2"),
    "text is no list": forged([["x", "text", [2], 4]], data=b'"ab"'),
    "text of numbers": forged([["x", "text", [1], 3]], data=b"[1]"),
    "text is lacking": forged([["x", "text", [2], 4]], data=b'["a"'),
    "other number of texts": forged([["x", "text", [2], 5]], data=b'["a"]'),
    "text too long": forged([["x", "U1", [1], 6]], data=b'["ab"]'),
    "deep text": forged([["x", "text", [1], 100_000]], data=b"[" * 100_000),
    "a name twice": forged([["x", "f8", [1], 8]] * 2, data=2 * EIGHT),
    "a name that is none": forged([[1, "f8", [1], 8]], data=EIGHT),
    "rows that are none": forged([["x", "f8"]]),
    "no list": forged(7),
    "header is a list": forged([], header=[1]),
    "header is a number": forged([], header=1),
    "header without arrays": forged([], header={"kind": "test", "meta": {}}),
    "kind is none": forged([], header={"kind": None, "meta": {}, "arrays": []}),
    "meta is a list": forged([], header={"kind": "test", "meta": [], "arrays": []}),
    "header too long": forged([], length=2**63),
    "header past the end": forged([], length=10_000),
    "header too short": forged([], length=3),
    "only a magic": _format.MAGIC + sha256(_format.MAGIC).digest(),
    "a long header": forged([], header={"kind": "test", "meta": {"x": " " * (1 << 24)}, "arrays": []}),
    "later version": forged([], version=99),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_with_a_right_digest_are_refused(tmp_path, name):
    path = tmp_path / "a.cell"
    path.write_bytes(FORGERIES[name])
    with pytest.raises(_store.Damaged):
        _store.read_arrays(path, kind="test")


def test_a_sound_file_made_by_the_forger_is_read(tmp_path):
    (tmp_path / "a").write_bytes(forged([["x", "f8", [1], 8]], data=EIGHT))
    assert _store.read_arrays(tmp_path / "a", kind="test")[0]["x"].tolist() == [0.0]


def test_a_wide_type_allocates_no_more_than_the_file_holds(tmp_path):
    (tmp_path / "a").write_bytes(forged([["x", "U999999999", [2], 8]], data=b'["a",""]'))
    assert _store.read_arrays(tmp_path / "a", kind="test")[0]["x"].nbytes <= 16


def test_a_forged_layout_of_a_dataset_is_refused(tmp_path):
    arrays, layout = _format.pack(dataset())
    for name, bad in {
        "no layout": None,
        "dims": layout | {"variables": {"x": [["a"], {}, False]}},
        "unknown": layout | {"variables": {"y": [["a", "b"], {}, False]}},
        "attrs": layout | {"attrs": {"type": "O", "shape": [9], "items": [1]}},
        "kinds": layout | {"attrs": {"set": []}},
    }.items():
        _store.write_arrays(tmp_path / name, arrays, {"dataset": bad}, kind="dataset")
        with pytest.raises(_store.Damaged):
            _store.read_dataset(tmp_path / name)


def test_another_kind_and_no_file_are_refused(tmp_path):
    path = tmp_path / "a.cell"
    _store.write_arrays(path, {}, {}, kind="tree")
    refused(lambda: _store.read_arrays(path, kind="cell"), path, "holds a tree, not a cell")
    refused(lambda: _store.read_arrays(tmp_path / "none", kind="cell"), "there is no such file")
    refused(lambda: _store.read_arrays(tmp_path, kind="cell"), tmp_path, "it is a folder")
    os.mkfifo(tmp_path / "pipe")
    refused(lambda: _store.read_arrays(tmp_path / "pipe", kind="cell"), "a pipe or a device")
    refused(lambda: _store.read_arrays("/dev/zero", kind="cell"), "a pipe or a device")


# -- netCDF from elsewhere -------------------------------------------------------------------------


def test_netcdf_from_elsewhere_is_read(tmp_path):
    path = tmp_path / "theirs.nc"
    dataset().to_netcdf(path, engine="h5netcdf")
    assert dataset().equals(_store.read_netcdf(path))
    with pytest.raises(_store.Damaged, match="trailer"):
        _store.read_netcdf(path, ours=True)


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("os.kill(os.getpid(), 11)", "crashes on it (SIGSEGV)"),
        ("os.abort()", "crashes on it (SIGABRT)"),
        ("os._exit(3)", "cannot read it"),
        ("time.sleep(60)", "hangs on it"),
        ("bytearray(3 << 30)", "more than 2 GiB of memory"),
        ("print('noise'); os.system('echo noise'); 1 / 0", "division by zero"),
    ],
)
def test_what_hdf5_does_to_its_process_is_a_sentence(tmp_path, monkeypatch, does, says):
    path = tmp_path / "theirs.nc"
    path.write_bytes(b"anything")
    (tmp_path / "sitecustomize.py").write_text(
        "import os, time\nfrom compression_sim import _store\n"
        f"def parsed(image):\n    {does}\n_store._parsed = parsed\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(_store, "CHILD_SECONDS", 10)
    monkeypatch.setattr(_store, "CHILD_BYTES", 2 << 30)
    refused(lambda: _store.read_netcdf(path), path, says, "delete it")


def test_a_damaged_foreign_file_is_a_sentence(tmp_path):
    path = tmp_path / "theirs.nc"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 8)
    refused(lambda: _store.read_netcdf(path), path, "cannot be read as netCDF", "delete it")


# -- a system that refuses -------------------------------------------------------------------------


def write(path, size=100_000):
    _store.write_arrays(path, {"x": np.zeros(size, np.uint8)}, {}, kind="test")


def write_result(path):
    _store.write_netcdf(path, xr.Dataset({"x": ("i", np.arange(10_000.0))}))


@pytest.mark.parametrize("writer", [write, write_result])
def test_a_file_that_cannot_grow_is_a_sentence_and_the_old_one_stays(tmp_path, writer):
    path = tmp_path / "a.nc"
    path.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        refused(lambda: writer(path), path, "ulimit -f")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert files_in(tmp_path) == ["a.nc"]
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EIO, "disk reports an error"),
        (999, "999"),
    ],
)
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_what_the_system_says_amid_writing_is_a_sentence(tmp_path, monkeypatch, call, code, says):
    path, done = tmp_path / "a", []

    def failing(handle, *data):
        if call == "write" and not done:
            done.append(real(handle, data[0][:10]))  # a part of it first
            return done[0]
        raise OSError(code, os.strerror(code))

    path.write_bytes(b"old")
    real = getattr(os, call)
    monkeypatch.setattr(_files.os, call, failing)
    refused(lambda: write(path), path, says)
    monkeypatch.undo()
    assert files_in(tmp_path) == ["a"]
    assert path.read_bytes() == b"old"


def test_devices_pipes_and_folders_are_not_replaced(tmp_path):
    """Never on a device of the machine: where the guard is lacking, root would replace it."""
    os.mkfifo(tmp_path / "pipe")
    own = [tmp_path / "pipe"]
    with contextlib.suppress(OSError):  # root only
        os.mknod(tmp_path / "full", 0o666 | stat.S_IFCHR, os.makedev(1, 7))
        own.append(tmp_path / "full")
    for path in own:
        refused(lambda path=path: write(path), path, "a pipe or a device")
        refused(lambda path=path: _store.refuse_existing(path, overwrite=True), path, "a pipe or a device")
    refused(lambda: write(tmp_path), tmp_path, "a folder")
    assert not any(path.is_file() for path in own)


def test_paths_that_cannot_be_are_refused_before_and_while_writing(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "circle").symlink_to("circle")
    for path, says in (
        (tmp_path / "none" / "a.nc", "there is no folder"),
        (tmp_path / "file" / "a.nc", "is not a folder"),
        (tmp_path / ("x" * 300), "too long"),
        (tmp_path / "circle", "circle"),
    ):
        refused(lambda path=path: write(path), path, says)
        refused(lambda path=path: _store.refuse_existing(path, overwrite=True), path, says)
    refused(lambda: _store.refuse_existing(tmp_path / "file"), "exists; pass overwrite=True to replace it")
    assert isinstance(refused(lambda: _store.refuse_existing(tmp_path / "file")), _files.Exists)
    assert _store.refuse_existing(tmp_path / "file", overwrite=True) is None
    assert _store.refuse_existing(tmp_path / "new") is None


def test_a_folder_that_must_not_be_written_to(tmp_path, monkeypatch):
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "a"
    path.write_bytes(b"old")
    if os.getuid():
        folder.chmod(0o555)
        refused(lambda: write(path), path, "permission denied")
        refused(lambda: _store.refuse_existing(path, overwrite=True), path, "permission denied")
        folder.chmod(0o755)
    else:  # root may write anywhere: ask as the system would answer another
        monkeypatch.setattr(_files.os, "access", lambda *_: False)
        refused(lambda: write(path), path, "permission denied")
        for each in (path, folder / "new"):
            refused(lambda each=each: _store.refuse_existing(each, overwrite=True), each, "permission denied")
    assert files_in(folder) == ["a"]
    assert path.read_bytes() == b"old"


def test_too_few_handles(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, limits[1]))
    try:
        with contextlib.suppress(OSError):
            while True:
                opened.append(os.open(os.devnull, os.O_RDONLY))
        error = refused(lambda: write(tmp_path / "a"))
    finally:
        for handle in opened:
            os.close(handle)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert "ulimit -n" in str(error)
    assert files_in(tmp_path) == []


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").stat().st_size > 100


# -- writers that die, and several -----------------------------------------------------------------

DIES = """
import os, sys
from compression_sim import _files
os.fsync = lambda handle: os.kill(os.getpid(), 9)
_files.write_whole(sys.argv[1], b"half")
"""
WAITS = """
import os, sys
from compression_sim import _files
def wait(handle):
    print("there", flush=True)
    sys.stdin.read()
os.fsync = wait
_files.write_whole(sys.argv[1], b"the other's")
"""


def test_what_dead_writers_left_is_removed_and_a_live_writers_part_is_not(tmp_path):
    path = tmp_path / "a.nc"
    path.write_bytes(b"old")
    died = subprocess.run([sys.executable, "-c", DIES, str(path)])
    assert died.returncode == -9
    assert len(files_in(tmp_path)) == 2
    assert path.read_bytes() == b"old"
    live = subprocess.Popen(
        [sys.executable, "-c", WAITS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with live:
        assert live.stdout.readline() == b"there\n"
        write(path)
        assert len(files_in(tmp_path)) == 2  # the dead one's is gone
        _files.remove_orphans(tmp_path)
        assert len(files_in(tmp_path)) == 2
        live.stdin.close()
    assert live.returncode == 0
    assert files_in(tmp_path) == ["a.nc"]
    assert path.read_bytes() == b"the other's"


def test_parts_of_other_files_are_left_alone(tmp_path):
    for name in (".b.nc.1-2.part", ".a.ncx.1.part", "a.part", ".a.nc.1.party"):
        (tmp_path / name).write_bytes(b"")
    before = files_in(tmp_path)
    write(tmp_path / "a.nc")
    assert files_in(tmp_path) == sorted([*before, "a.nc"])


WRITES_MANY = """
import sys
import numpy as np
from compression_sim import _store
for _ in range(30):
    _store.write_arrays(sys.argv[1], {"x": np.full(50_000, int(sys.argv[2]))}, {}, kind="test")
"""


def test_of_several_writers_a_whole_file_is_left(tmp_path):
    path, seen = tmp_path / "a", set()
    writers = [subprocess.Popen([sys.executable, "-c", WRITES_MANY, path, str(value)]) for value in (1, 2, 3)]
    while any(writer.poll() is None for writer in writers):
        if path.exists():
            found = set(_store.read_arrays(path, kind="test")[0]["x"].tolist())
            assert len(found) == 1
            seen |= found
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(seen) > 1
    assert files_in(tmp_path) == ["a"]


# -- the results that came with the package --------------------------------------------------------


@pytest.mark.parametrize("name", results.names())
def test_a_stored_result_has_its_trailer_and_opens_everywhere(tmp_path, name):
    path = tmp_path / "copy.nc"
    path.write_bytes(results.content(name))
    found = results.load(name)
    assert found.identical(results.renamed(xr.load_dataset(path, engine="h5netcdf")))
    assert results.digest(name) == _store.content_digest(_store.read_netcdf(path, ours=True))


def test_a_damaged_stored_result_is_refused_by_name(monkeypatch):
    whole = bytearray(results.content("witness"))
    whole[5000] ^= 4
    monkeypatch.setattr(results, "content", lambda name: bytes(whole))
    refused(lambda: results.load("witness"), "the stored result witness is damaged")
