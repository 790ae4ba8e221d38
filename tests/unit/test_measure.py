"""`measure`: against a count by hand, against relabelled texts, and against texts with known signs."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import compression_sim as cs
from compression_sim import measure
from compression_sim.measure import _null
from compression_sim.measure._corpus import Corpus
from compression_sim.measure._statistics import text_statistics, with_intervals
from compression_sim.trees import TokenTree

FAST = measure.Settings(replicates=60, permutations=99, splits=6)
PROSE = ["the", "of", "sea", "king", "storm", "night", "sword", "crown", "blood", "grave", "thee"]
REVIEW = ["film", "plot", "cast", "funny", "dull", "scene", "actor", "script", "laugh", "the", "of"]


def lines(rng, words, responses):
    return [" ".join(rng.choice(words, rng.integers(1, 9))) for _ in range(responses)]


def text(responses, name="made up"):
    return measure.Text(name, "".join(f"{line}\n" for line in responses).encode())


def corpus(parts, depth=8):
    return Corpus.of_texts([text(part) for part in parts], depth)


def three(kind, rng, size=100):
    """Texts whose sign is known; the first three kinds have G(a, t) = 0 but for noise."""
    prose, review = (lines(rng, words, 10 * size) for words in (PROSE, REVIEW))
    return {
        "one text": (prose[: 5 * size], prose[5 * size : 6 * size], prose[6 * size : 7 * size]),
        "perturbation from the joint": (
            prose[: 4 * size],
            review[: 4 * size],
            prose[4 * size : 6 * size] + review[4 * size : 6 * size],
        ),
        "alignment like pre-training": (prose[: 5 * size], prose[5 * size : 6 * size], review[:size]),
        "reversed": (prose[: 5 * size], review[:size], review[size : 2 * size]),
        "as the paper": (
            prose[: 3 * size] + review[: 3 * size],
            review[3 * size : 4 * size],
            prose[3 * size : 4 * size],
        ),
    }[kind]


def chunks_by_hand(responses, depth):
    """The chunks of every response as strings of bits, the last one ending in EOS."""
    for line in responses:
        bits = "".join(f"{byte:08b}" for byte in line.encode())
        whole = len(bits) // depth
        yield from (bits[i * depth : (i + 1) * depth] for i in range(whole))
        yield bits[whole * depth :] + "$"


@pytest.mark.parametrize("depth", [1, 5, 8, 13])
def test_numbers_equal_a_count_by_hand(depth):
    parts = three("reversed", np.random.default_rng(1), 20)
    result = measure.measure_texts([text(part) for part in parts], depth, settings=FAST)
    counts = [Counter(chunks_by_hand(part, depth)) for part in parts]
    chunks = [sum(count.values()) for count in counts]
    k, (p, a, t) = (
        chunks[0] / chunks[1],
        [{leaf: n / total for leaf, n in count.items()} for count, total in zip(counts, chunks, strict=True)],
    )
    joint = {leaf: (k * p.get(leaf, 0) + a.get(leaf, 0)) / (k + 1) for leaf in {**p, **a}}
    m0 = math.fsum(mass for leaf, mass in t.items() if leaf not in joint)
    for role, law in enumerate((p, a)):
        bits = -math.fsum(mass * math.log2(joint[leaf]) for leaf, mass in law.items())
        inner = math.fsum(mass * t.get(leaf, 0) / joint[leaf] for leaf, mass in law.items()) - 1
        tokens = sum(8 * len(line.encode()) for line in parts[role])
        found = {name: estimate.value for name, estimate in result.estimates.items()}
        assert found["rates"][role] == pytest.approx(bits / depth, rel=1e-12)
        assert found["bits_per_token"][role] == pytest.approx(bits * chunks[role] / tokens, rel=1e-12)
        assert found["bits_per_byte"][role] == pytest.approx(8 * bits * chunks[role] / tokens, rel=1e-12)
        assert found["normalized_rates"][role] == pytest.approx(bits / depth - math.log2(len(law)), rel=1e-12)
        assert found["inner"][role] == pytest.approx(inner, rel=1e-9, abs=1e-13)
        assert found["response"][role] == pytest.approx(
            -inner / ((k + 1) * depth * math.log(2)), rel=1e-9, abs=1e-15
        )
    assert result.estimates["unseen"].value == pytest.approx(m0, abs=1e-15)
    assert result.conservation == pytest.approx(0, abs=1e-15)
    assert result.estimates["ratio_seen"].value == pytest.approx(-k, rel=1e-9)


def test_the_rate_of_a_perturbation_with_unseen_leaves_is_infinite_until_it_is_added():
    result = measure.measure_texts(
        [text(part) for part in (["ab"] * 3, ["ba"] * 3, ["zz"] * 3)], 8, settings=FAST
    )
    assert np.isinf(result.estimates["rates"].value[2])
    assert np.isfinite(result.estimates["rates_after"].value).all()
    assert result.estimates["unseen"].value == pytest.approx(2 / 3)
    assert result.to_dict()["rates"]["perturbation"]["per_byte"]["value"] == "Infinity"
    assert result.sign.verdict == "undecided"
    assert "both rates rise" in result.sign.reason


@pytest.mark.parametrize("kind", ["reversed", "as the paper"])
def test_a_clear_sign_is_decided(kind):
    rng = np.random.default_rng(2)
    for _ in range(5):
        parts = [text(part) for part in three(kind, rng)]
        assert measure.measure_texts(parts, 8, settings=FAST).sign.verdict == kind


NULLS = ("one text", "perturbation from the joint", "alignment like pre-training")


@pytest.mark.parametrize("kind", NULLS)
def test_texts_without_a_sign_stay_undecided(kind):
    rng = np.random.default_rng(3)
    verdicts = [
        measure.measure_texts([text(part) for part in three(kind, rng, 60)], 8, i, FAST).sign.verdict
        for i in range(15)
    ]
    assert verdicts.count("undecided") >= 14


@pytest.mark.parametrize(
    ("kind", "exact", "fooled"),
    [
        ("perturbation from the joint", _null.perturbation_null, _null.alignment_null),
        ("alignment like pre-training", _null.alignment_null, _null.perturbation_null),
    ],
)
def test_either_null_alone_would_be_fooled(kind, exact, fooled):
    rng, outside = np.random.default_rng(4), {exact: 0, fooled: 0}
    for _ in range(40):
        drawn = corpus(three(kind, rng, 60))
        value = text_statistics(drawn.counts, drawn.lengths, 8)["inner"][1]
        for null in outside:
            low, high = null(drawn, rng, 99)
            outside[null] += not low <= value <= high
    assert outside[exact] <= 6  # 5% of 40 is 2
    assert outside[fooled] >= 12


@pytest.mark.parametrize("kind", NULLS[1:])
def test_the_null_interval_holds_both_nulls(kind):
    drawn, rng = corpus(three(kind, np.random.default_rng(11), 20)), np.random.default_rng(12)
    parts = [null(drawn, rng, 99) for null in (_null.alignment_null, _null.perturbation_null)]
    low, high = _null.sign_null(drawn, np.random.default_rng(12), 99)
    assert (low, high) == (min(part[0] for part in parts), max(part[1] for part in parts))
    assert (low, high) != parts[0 if kind == NULLS[1] else 1]  # neither alone is the hull in both kinds


def test_left_out_scores_are_those_of_the_other_responses():
    parts = three("reversed", np.random.default_rng(5), 4)
    drawn = corpus(parts)
    for role in (0, 1):
        scores = _null._left_out_scores(drawn.tables[role], drawn.counts, own=role == 1)
        for response in (0, 3):
            others = [list(part) for part in parts]
            del others[role][response]
            rest = corpus(others)
            counts, keys = rest.counts, [tree.leaf_keys for tree in rest.trees]
            union = np.unique(np.concatenate(keys))
            joint = counts[0] + counts[1]
            mine = TokenTree.from_bytes(text(parts[role]).data, 8)
            ends = mine.response_offsets[response : response + 2]
            expected = 0.0
            for key in mine.leaf_keys[mine.chunk_leaves[slice(*ends)]]:
                at = np.flatnonzero(union == key)
                if at.size and joint[at[0]] > 0:
                    expected += counts[1, at[0]] / joint[at[0]] * joint.sum() / counts[1].sum() - 1
            assert scores[response] == pytest.approx(expected, abs=1e-12)


def test_what_is_added_is_really_added():
    """Actual changes equal those of texts that have the other half's lines in them."""
    parts = three("reversed", np.random.default_rng(6), 30)
    drawn = corpus(parts)
    found = measure._prediction.predict(drawn, np.random.default_rng(7), splits=2, parts=(1.0,))
    order = np.argsort(np.random.default_rng(7).random((2, 30)), axis=1)
    for split in range(2):
        added = [parts[2][i] for i in order[split, 15:]]
        more = [parts[0], parts[1], parts[0] + parts[1] + added]
        rates = []
        for joint in (parts[0] + parts[1], more[2]):
            weights = Counter(chunks_by_hand(joint, 8))
            total = sum(weights.values())
            rates.append(
                [
                    np.mean([-math.log2(weights[c] / total) for c in chunks_by_hand(part, 8)]) / 8
                    for part in parts[:2]
                ]
            )
        np.testing.assert_allclose(found.actual[split, 0], np.subtract(*rates[::-1]), atol=1e-13)


def test_a_prediction_from_a_half_that_equals_the_other_is_exact():
    parts = (["the sea"] * 40 + ["film"] * 20, ["film plot"] * 10, ["dull film"] * 8)
    found = measure.measure_texts([text(part) for part in parts], 8, settings=FAST).prediction
    np.testing.assert_allclose(found.exact, found.actual, rtol=1e-9)
    assert found.spread == pytest.approx(0, abs=1e-12)
    small = measure._prediction.predict(corpus(parts), np.random.default_rng(0), 2, (0.01,))
    assert abs(small.first_order - small.actual).max() < 0.2 * abs(small.actual).max()


def test_intervals_cover_what_fresh_texts_give():
    """95% intervals of G(a, t) and the rates, over 40 draws of three texts; exact binomial band."""
    rng, values, ends = np.random.default_rng(8), [], []
    for _ in range(40):
        drawn = corpus(three("reversed", rng, 30))
        point = text_statistics(drawn.counts, drawn.lengths, 8)
        found = with_intervals(
            point, [text_statistics(c, drawn.lengths, 8) for c in drawn.resampled(60, rng)]
        )
        pick = [("inner", 1), ("bits_per_byte", 0), ("bits_per_byte", 1), ("response", 0)]
        values.append([found[name].value[i] for name, i in pick])
        ends.append([[found[name].low[i], found[name].high[i]] for name, i in pick])
    mean, ends = np.mean(values, axis=0), np.array(ends)
    covered = ((ends[..., 0] <= mean) & (mean <= ends[..., 1])).sum(axis=0)
    assert (covered >= 33).all()  # P(fewer than 33 of 40 at 95%) = 0.0007


def test_a_seed_gives_the_same_numbers():
    parts = [text(part) for part in three("reversed", np.random.default_rng(9), 20)]
    first, again, other = (measure.measure_texts(parts, 8, seed, FAST).to_dict() for seed in (0, 0, 1))
    assert first == again
    assert first["sign"]["null_interval"] != other["sign"]["null_interval"]


def test_the_standard_library_says_what_it_is():
    texts = measure.standard_library()
    assert [item.source.split(": ")[1].split(" (")[0].split()[0] for item in texts] == [
        "source",
        "docstrings",
        "language",
    ]
    assert texts == measure.standard_library()
    assert all(len(item.data) > 100_000 for item in texts)


def test_line_ends_are_read_as_newlines(tmp_path):
    (tmp_path / "dos.txt").write_bytes(b"one\r\ntwo\rthree\n")
    assert measure.read_text(tmp_path / "dos.txt").data == b"one\ntwo\nthree\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n\n", "is empty"),
        (b"ab\x00c", "is a binary file \\(byte 0x00 at offset 2\\)"),
        ("ab".encode("utf-16"), "is a binary file"),
        (None, "is a directory"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path, content, message):
    path = tmp_path / "file.txt"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        measure.read_text(path)


def test_one_response_and_no_token_are_refused():
    good = text(["a", "b"])
    with pytest.raises(ValueError, match="the alignment text must hold at least two responses, got one line"):
        measure.measure_texts([good, text(["a"]), good])
    paragraph = replace(text(["a", "b"]), records="paragraph")
    with pytest.raises(ValueError, match="--records line"):
        measure.measure_texts([paragraph, good, good])
    with pytest.raises(ValueError, match=r"depth must be an integer in 1\.\.32, got 33"):
        measure.measure_texts([good, good, good], 33)


def test_masses_are_exact(tmp_path):
    (tmp_path / "masses.csv").write_text(
        "leaf,pretraining,alignment,perturbation\nvolume,1000,2,\nx,.5,.2,.6\ny,.5,.8,.4\n"
    )
    (tmp_path / "masses.json").write_text(
        '{"volumes": {"pretraining": 1000, "alignment": 2},'
        ' "masses": {"pretraining": [0.5, 0.5], "alignment": [0.2, 0.8], "perturbation": [0.6, 0.4]}}'
    )
    results = [
        measure.measure_masses(measure.read_masses(tmp_path / f"masses.{end}")[0]) for end in ("csv", "json")
    ]
    first, second = (result.estimates for result in results)
    assert {name: e.value.tolist() for name, e in first.items()} == {
        name: e.value.tolist() for name, e in second.items()
    }
    assert first["ratio"].value == pytest.approx(-500)
    assert results[0].sign.verdict == "as the paper"
    assert results[0].sign.null_interval is None
    joint = (500 * 0.5 + 0.2) / 501
    assert results[0].sign.value == pytest.approx(0.2 * 0.6 / joint + 0.8 * 0.4 / (1 - joint) - 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "'pretraining' is missing"),
        ("leaf,pretraining,alignment,perturbation\nx,1,1,1\n", "row volume"),
        (
            "leaf,pretraining,alignment,perturbation\nvolume,1,1,\nx,1,1,0.9\n",
            "perturbation masses must sum to 1",
        ),
        (
            "leaf,pretraining,alignment,perturbation\nvolume,1,0,\nx,1,1,1\n",
            "alignment volume must be positive",
        ),
        ("leaf,pretraining,alignment,perturbation\nvolume,1,1,\nx,1,one,1\n", "could not convert"),
        ("leaf,pretraining,alignment,perturbation\nvolume,1,1,\nx,1,nan,1\n", "NaN"),
        ("leaf,pretraining,alignment,perturbation\nvolume,nan,1,\nx,1,1,1\n", "volume must be positive"),
        ("{", "expected CSV"),
        ('{"volumes": {"pretraining": 1}}', "'alignment' is missing"),
        ("[1, 2]", "expected CSV"),
        ('{"volumes": 3, "masses": 4}', "expected CSV"),
        (
            '{"volumes": {"pretraining": 1, "alignment": 1}, '
            '"masses": {"pretraining": [1], "alignment": [0.5, 0.5], "perturbation": [1]}}',
            "rectangular",
        ),
    ],
)
def test_what_is_no_masses_file_is_refused(tmp_path, content, message):
    (tmp_path / "masses.csv").write_text(content)
    with pytest.raises(ValueError, match=message):
        measure.read_masses(tmp_path / "masses.csv")


def test_the_forces_of_the_curve_add_up_to_zero_and_flip_at_the_critical_volume():
    drawn = corpus(three("as the paper", np.random.default_rng(10), 40))
    critical = text_statistics(drawn.counts, drawn.lengths, 8)["critical"]
    assert 0 < critical < np.inf
    curve = measure.response_curve(drawn, [0.5 * critical, critical, 2 * critical], replicates=20)
    np.testing.assert_allclose(curve.force.sum("role"), 0, atol=1e-15)
    np.testing.assert_allclose(curve.force[0, 1], 0, atol=1e-12)
    assert curve.force[0, 0] < 0 < curve.force[0, 2]
    assert float(curve.critical) == critical
    rates = [
        cs.compression_rates(cs.Mixture.from_trees(drawn.trees).with_volume(2, volume), 8)
        for volume in drawn.trees[1].num_chunks * critical * np.array([1.999, 2.001])
    ]
    slope = (rates[1] - rates[0]) / (0.002 * critical)
    k = drawn.trees[0].num_chunks / drawn.trees[1].num_chunks
    np.testing.assert_allclose(curve.force[:, 2], slope * [k, 1, 2 * critical], rtol=1e-4)
    assert (curve.force_low <= curve.force + 1e-12).mean() > 0.8
