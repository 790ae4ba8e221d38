"""Trees: what they refuse, files, sampling, pooled shapes."""

import contextlib
import io
import time
import zipfile

import numpy as np
import pytest

import compression_sim as cs
from compression_sim import _tree_files, trees

TREE = cs.TokenTree.from_sequences([[0, 1, 1], [], [1, 1]], 2)


def test_a_small_tree_by_hand():
    assert [t.tolist() for t in TREE.leaf_tokens] == [[], [0, 1], [1], [1, 1]]
    assert TREE.leaf_counts.tolist() == [2, 1, 1, 1]
    assert TREE.leaf_is_eos.tolist() == [True, False, True, False]
    assert TREE.leaf_layers.tolist() == [1, 2, 2, 2]
    assert (TREE.num_leaves, TREE.num_chunks, TREE.num_responses, TREE.num_tokens) == (4, 5, 3, 5)
    np.testing.assert_allclose(TREE.leaf_probabilities, [0.4, 0.2, 0.2, 0.2])
    pruned = TREE.prune(1)
    assert [t.tolist() for t in pruned.leaf_tokens] == [[], [0], [1]]
    assert pruned.leaf_counts.tolist() == [2, 1, 2]
    assert "num_leaves=4" in repr(TREE)


@pytest.mark.parametrize(
    "sequences",
    [
        ([0, 1], (1,), np.array([], int)),
        [np.array([False, True]), np.array([1.0]), []],
        (r for r in ([0, 1], [1], [])),
    ],
)
def test_sequences_of_many_kinds(sequences):
    assert cs.TokenTree.from_sequences(sequences, 3).leaf_counts.tolist() == [1, 1, 1]


def test_rows_of_a_table_are_responses():
    assert cs.TokenTree.from_sequences(np.eye(4, dtype=int), 4).num_responses == 4


def test_only_empty_responses():
    tree = cs.TokenTree.from_sequences([[], []], 5)
    assert (tree.num_leaves, tree.num_chunks, tree.num_tokens) == (1, 2, 0)
    assert tree.decode(tree.chunk_leaves)[1].size == 0


@pytest.mark.parametrize(
    ("sequences", "says"),
    [
        ([], "at least one response, got none"),
        ([[0, 2]], "tokens must be 0 or 1, got 2"),
        ([[0, np.nan]], "tokens must be 0 or 1, got nan"),
        ([[0, -1]], "tokens must be 0 or 1, got -1"),
        ([[0.5]], r"tokens must be 0 or 1, got 0\.5"),
        ([0, 1, 1], r"1-D array of 0 and 1, got shape \(\) of int64 at index 0"),
        ([[0], [[0, 1]]], r"got shape \(1, 2\) of int64 at index 1"),
        ([["0", "1"]], "1-D array of 0 and 1, got shape"),
        ("0110", "1-D array of 0 and 1, got shape"),
        ([[[0], [1, 1]]], "must be an iterable of 1-D arrays"),
        (7, "must be an iterable of 1-D arrays of 0 and 1, got int"),
        (None, "must be an iterable of 1-D arrays of 0 and 1, got NoneType"),
    ],
)
def test_bad_sequences(sequences, says):
    with pytest.raises(ValueError, match=says):
        cs.TokenTree.from_sequences(sequences, 2)


@pytest.mark.parametrize("depth", [0, 33, -1, 2.0, "8", None, True])
def test_bad_depth(depth):
    with pytest.raises(ValueError, match=r"depth must be an integer in 1\.\.32, got"):
        cs.TokenTree.from_sequences([[0]], depth)
    with pytest.raises(ValueError, match=r"depth must be an integer in 1\.\.32, got"):
        cs.TokenTree.from_bytes(b"a", depth)


@pytest.mark.parametrize("depth", [0, 3, 1.0])
def test_bad_pruning(depth):
    with pytest.raises(ValueError, match=r"depth must be an integer in 1\.\.2, got"):
        TREE.prune(depth)


@pytest.mark.parametrize(
    ("data", "records", "says"),
    [
        (b"", b"\n", "must not be empty"),
        ("text", b"\n", "must be bytes, got str"),
        (b"a", "\n", "must be a non-empty separator"),
        (b"a", b"", "must be a non-empty separator"),
    ],
)
def test_bad_bytes(data, records, says):
    with pytest.raises(ValueError, match=says):
        cs.TokenTree.from_bytes(data, 8, records)


def test_files(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"one\ntwo\n\nthree")
    tree = cs.TokenTree.from_file(path, 8)
    assert (tree.num_responses, tree.num_tokens) == (4, 8 * 11)
    assert tree.leaf_keys.tolist() == cs.TokenTree.from_bytes(path.read_bytes(), 8).leaf_keys.tolist()
    for bad, says in (
        (tmp_path / "none", "No such file"),
        (tmp_path, "directory"),
        (None, "cannot read None"),
    ):
        with pytest.raises(ValueError, match=says):
            cs.TokenTree.from_file(bad, 8)


def test_save_and_load(tmp_path):
    path = tmp_path / "tree.npz"
    TREE.save(path)
    back = cs.TokenTree.load(path)
    for name in ("depth", "num_tokens"):
        assert getattr(back, name) == getattr(TREE, name)
    for name in ("leaf_keys", "chunk_leaves", "response_offsets"):
        assert getattr(back, name).dtype == getattr(TREE, name).dtype
        assert getattr(back, name).tolist() == getattr(TREE, name).tolist()
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"exists; pass overwrite=True"):
        TREE.prune(1).save(path)
    assert path.read_bytes() == before
    TREE.prune(1).save(path, overwrite=True)
    assert cs.TokenTree.load(path).depth == 1
    assert [p.name for p in tmp_path.iterdir()] == ["tree.npz"]


def test_what_load_and_save_refuse(tmp_path):
    with pytest.raises(ValueError, match="cannot write"):
        TREE.save(tmp_path / "none" / "tree.npz")
    foreign = tmp_path / "foreign"
    for content in (b"", b"text", b"PK\x03\x04 torn"):
        foreign.write_bytes(content)
        with pytest.raises(ValueError, match="not a token tree"):
            cs.TokenTree.load(foreign)
    good = {name: getattr(TREE, name) for name in _tree_files.FIELDS}
    for change, says in (
        ({"format": 2}, "another format"),
        ({"format": 1, "depth": 40}, "damaged"),
        ({"format": 1, "leaf_keys": TREE.leaf_keys[::-1]}, "damaged"),
        ({"format": 1, "chunk_leaves": TREE.chunk_leaves[:-1]}, "damaged"),
        ({"format": 1, "chunk_leaves": TREE.chunk_leaves * 0}, "damaged"),
    ):
        np.savez(tmp_path / "bad.npz", **{**good, **change})
        with pytest.raises(ValueError, match=says):
            cs.TokenTree.load(tmp_path / "bad.npz")
    np.savez(tmp_path / "bad.npz", depth=3)
    with pytest.raises(ValueError, match="not a token tree"):
        cs.TokenTree.load(tmp_path / "bad.npz")


def good_fields(tree):
    return {name: getattr(tree, name) for name in _tree_files.FIELDS}


def read_or_refused(path):
    """(tree, None), or (None, what was said)."""
    try:
        return cs.TokenTree.load(path), None
    except ValueError as error:
        return None, str(error)


def forgeries(tree, rng):
    """Names and fields, one or two of them rewritten: other types, shapes, sizes, values, places."""
    good = good_fields(tree)
    others = {
        "depth": [0, 1, 2, 4, 33, -1, 2**40, 2**70, 3.0, "3", None, True, [3], [[3]], np.nan],
        "num_tokens": [0, -1, tree.num_tokens + 1, tree.num_tokens - 1, 2**62, 2**70, 5.5, "9", None, [1, 2]],
    }
    for name in ("leaf_keys", "chunk_leaves", "response_offsets"):
        array = good[name]
        others[name] = [
            array[:, None], array[None], array[:-1], array[1:], array[::-1], array[:0], array + 1, array - 1,
            array * 0, array.astype(float), array.astype(object), array.astype(str), array.astype(">i8"),
            array.astype(np.int8), np.append(array, array[-1]), np.append(array, 2**30), array[0], None, "x",
            np.full(len(array), array.max()), array | array.dtype.type(64), np.zeros(10**6, array.dtype),
        ]  # fmt: skip
    for name, values in others.items():
        for value in values:
            yield name, good | {name: value}
    for _ in range(300):
        name = ["leaf_keys", "chunk_leaves", "response_offsets"][rng.integers(3)]
        array = good[name].copy()
        array[rng.integers(len(array))] += array.dtype.type(rng.choice([1, 2, 64, 2**30, 2**31]))
        yield name, good | {name: array}
        yield name, good | {name: array, "num_tokens": int(rng.integers(0, 40))}
    yield "far", good | {"leaf_keys": good["leaf_keys"] | np.uint64(1 << 40)}


@pytest.mark.parametrize("seal", ["kept", "removed", "made anew"])
def test_consistent_forgeries_are_refused_or_are_trees(tmp_path, seal):
    """With the seal of the true tree every change is refused; without, what is read is a whole tree."""
    path, accepted = tmp_path / "forged.npz", 0
    sequences = [[0, 1, 1, 0], [], [1, 1, 1, 0, 1, 0], [0], [0, 1, 1, 0, 1]]
    tree = cs.TokenTree.from_sequences(sequences, 3)
    for name, fields in forgeries(tree, np.random.default_rng(0)):
        if all(np.array_equal(fields[key], getattr(tree, key)) for key in fields):
            continue
        digest = {"digest": _tree_files._digest(good_fields(tree))} if seal == "kept" else {}
        if seal == "made anew":
            with contextlib.suppress(ValueError, TypeError, OverflowError):
                digest = {"digest": _tree_files._digest(fields)}
        fields = {key: value for key, value in fields.items() if value is not None}
        np.savez(path, format=1, **fields, **digest)
        found, message = read_or_refused(path)
        if found is None:
            assert str(path) in message
            continue
        accepted += 1
        assert seal != "kept", name
        if seal == "removed":
            again = cs.TokenTree.from_sequences(found.decode(found.chunk_leaves), found.depth)
            assert good_fields(again).keys() == good_fields(found).keys()
            for key in again.__dataclass_fields__:
                assert np.array_equal(getattr(again, key), getattr(found, key)), (name, key)
        assert found.leaf_counts.min() > 0
        spelt = [int("".join(map(str, t)).ljust(32, "0"), 2) << 6 | len(t) for t in found.leaf_tokens]
        assert sorted(set(spelt)) == found.leaf_keys.tolist()
        assert 0 <= found.num_tokens - sum(found.leaf_lengths[found.chunk_leaves]) <= 29 * found.num_chunks
        assert found.prune(1).num_tokens == found.num_tokens
    assert accepted < 60


def test_a_response_without_an_end_is_of_a_pruned_tree_and_needs_its_seal(tmp_path):
    keys = cs.TokenTree.from_sequences([[1, 1]], 2).leaf_keys[-1:]
    fields = {"depth": 2, "leaf_keys": keys, "chunk_leaves": np.int32([0]), "num_tokens": 2}
    fields["response_offsets"] = np.array([0, 1])
    np.savez(tmp_path / "tree.npz", format=1, **fields)
    with pytest.raises(ValueError, match="damaged"):
        cs.TokenTree.load(tmp_path / "tree.npz")
    np.savez(tmp_path / "tree.npz", format=1, **fields, digest=_tree_files._digest(fields))
    assert cs.TokenTree.load(tmp_path / "tree.npz").num_tokens == 2


def test_a_tree_of_an_earlier_release_is_read(tmp_path):
    tree = cs.TokenTree.from_sequences([[0, 1, 1, 0], [], [1]], 3)
    np.savez_compressed(tmp_path / "old.npz", format=1, **good_fields(tree))
    assert good_fields(cs.TokenTree.load(tmp_path / "old.npz")).keys() == good_fields(tree).keys()
    pruned = tree.prune(2)
    pruned.save(tmp_path / "pruned.npz")
    assert cs.TokenTree.load(tmp_path / "pruned.npz").num_tokens == 5


def test_bombs_are_refused_at_once(tmp_path):
    small = good_fields(TREE) | {"format": 1}
    for name in ("chunk_leaves", "other"):
        np.savez_compressed(tmp_path / "bomb.npz", **small | {name: np.zeros(2 * 10**7, np.int32)})
        before = time.perf_counter()
        with pytest.raises(ValueError, match="not a token tree"):
            cs.TokenTree.load(tmp_path / "bomb.npz")
        assert time.perf_counter() - before < 0.5
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<i4", "fortran_order": False, "shape": (2**45,)})
    np.savez(tmp_path / "bomb.npz", **small)
    with zipfile.ZipFile(tmp_path / "bomb.npz") as old, zipfile.ZipFile(tmp_path / "wide.npz", "w") as new:
        for name in old.namelist():
            new.writestr(name, header.getvalue() if name.startswith("chunk") else old.read(name))
    with pytest.raises(ValueError, match="not a token tree"):
        cs.TokenTree.load(tmp_path / "wide.npz")
    again = cs.TokenTree.from_bytes(b"a" * 10**6, 8, None)  # repetitive, and honest
    again.save(tmp_path / "again.npz")
    assert cs.TokenTree.load(tmp_path / "again.npz").num_chunks == again.num_chunks


def test_every_byte_of_a_saved_tree_counts(tmp_path):
    path = tmp_path / "tree.npz"
    TREE.save(path)
    data = path.read_bytes()
    for at in range(len(data)):
        for bad in (data[:at], data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]):
            path.write_bytes(bad)
            with contextlib.suppress(ValueError):
                back = cs.TokenTree.load(path)  # a date, a flag of the archive
                assert all(np.array_equal(v, getattr(back, k)) for k, v in good_fields(TREE).items())


def test_arrays_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        TREE.leaf_keys[0] = 1


def test_samples_follow_the_tree():
    responses = [[0, 1, 1], [], [1, 1], [0, 0, 1, 0, 1], [1]] * 3
    tree = cs.TokenTree.from_sequences(responses, 2)
    drawn = tree.sample(40_000, 5)
    again = cs.TokenTree.from_sequences(drawn, 2)
    assert len(drawn) == again.num_responses == 40_000
    assert again.leaf_keys.tolist() == tree.leaf_keys.tolist()
    error = again.leaf_probabilities - tree.leaf_probabilities
    spread = np.sqrt(tree.leaf_probabilities / again.num_chunks)
    assert (np.abs(error) < 6 * spread).all()
    for a, b in zip(drawn, tree.sample(40_000, 5), strict=True):
        assert a.tolist() == b.tolist()


def test_sampling_needs_an_end():
    endless = cs.TokenTree.from_sequences([[1]], 2).prune(1)
    with pytest.raises(ValueError, match="EOS leaf to sample"):
        endless.sample(1, 0)
    with pytest.raises(ValueError, match="responses must be an integer of at least 1"):
        TREE.sample(0, 0)


@pytest.mark.parametrize(
    ("leaves", "says"),
    [
        ([], "non-empty 1-D array"),
        ([0.5], "non-empty 1-D array"),
        ([4], r"indices in 0\.\.3, got 4\.\.4"),
        ([-1], r"indices in 0\.\.3"),
        ([1], "must end its response"),
    ],
)
def test_bad_leaves(leaves, says):
    with pytest.raises(ValueError, match=says):
        TREE.decode(leaves)


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([1, 1], "one entry per response"),
        ([1, 1, -1], "non-negative"),
        ([1, np.inf, 1], "finite"),
        (1, "one entry"),
    ],
)
def test_bad_weights(weights, says):
    with pytest.raises(ValueError, match=says):
        TREE.reweighted_counts(weights)


@pytest.mark.parametrize("bad", [[], [TREE, TREE.prune(1)], [1]])
def test_bad_unions(bad):
    for function in (trees.union_of_leaves, cs.TokenTree.pool):
        with pytest.raises(ValueError, match="trees must"):
            function(bad)


def test_blocks_join_without_a_seam(monkeypatch):
    rng = np.random.default_rng(1)
    responses = [rng.integers(0, 2, rng.integers(0, 60)) for _ in range(50)]
    whole = cs.TokenTree.from_sequences(responses, 5)
    monkeypatch.setattr("compression_sim._chunks.BLOCK", 7)
    pieces = cs.TokenTree.from_sequences(responses, 5)
    assert pieces.leaf_keys.tolist() == whole.leaf_keys.tolist()
    assert pieces.chunk_leaves.tolist() == whole.chunk_leaves.tolist()
