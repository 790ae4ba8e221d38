"""The theorems in Coq: what is listed, locked and stored (no coqc needed), and what coqc says of mutants."""

import re
import shutil
import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import compression_sim as cs
from compression_theory import coq, derivations
from compression_theory.coq import steps

# Claims of issue 19 that the ledger is to carry beside those that it has.
COMING = {"change-identity", "base-ceiling", "benign-data", "scoring-rules", "rationalisable"}
STATEMENTS = Path(cs.__file__).parent / "ledger" / "statements.toml"
# Statements with a logarithm that need no support condition of their own, and why.
SUPPORTED = {
    "change_nonneg": "each dataset lies within a mixture that holds it",
    "mass_outside": "for l > 0 every dataset lies within the joint; each slope is said to exist",
    "rate_by_share": "an equation of two arguments of the logarithm, leaf by leaf",
    "slope_bound": "D_a lies within the joint; the slope is said to exist",
    "partly_replay": "both datasets lie within the joint; the slopes are said to exist",
    "source_coding": "one law with itself: 0 log 0 = 0 is meant",
    "two_leaves_applies": "an instance with masses of its own",
    "theta_applies": "an instance with masses of its own",
    "exact_ratio_applies": "an instance with masses of its own",
    "hooke_applies": "an instance with masses of its own",
    "slope_applies": "an instance with masses of its own",
}


def missing() -> str:
    """Why no proof can be compiled here ("": it can)."""
    try:
        coq.coqc_version()
    except coq.NoCoq as reason:
        return str(reason)
    return ""


needs_coqc = pytest.mark.skipif(bool(missing()), reason=missing())


def proofs():
    return {file: (coq.FOLDER / f"{file}.v").read_text(encoding="utf-8") for file in coq.files()}


def test_the_stored_check_is_of_these_files_and_has_no_problem():
    found = coq.check()
    assert found, found.problems
    assert found.stored
    assert set(found.axioms) == set(found.statements) == {t.name for t in coq.theorems()}


def test_the_statements_are_the_locked_ones():
    assert coq.STATEMENTS.read_text(encoding="utf-8") == coq.locked(coq.check().statements)


def test_a_changed_proof_is_not_the_stored_one(tmp_path):
    shutil.copytree(coq.FOLDER, tmp_path / "coq")
    assert coq.digest(tmp_path / "coq") == coq.digest()
    with (tmp_path / "coq" / "Sums.v").open("a") as file:
        file.write("\n")
    assert coq.digest(tmp_path / "coq") != coq.digest()


def test_every_theorem_is_listed_where_it_stands():
    stated = {
        (name, file)
        for file, text in proofs().items()
        for name in re.findall(r"^(?:Theorem|Corollary|Example) (\w+)", text, re.MULTILINE)
    }
    assert stated == {(t.name, t.file) for t in coq.theorems()}
    assert set(proofs()) == {path.stem for path in coq.FOLDER.glob("*.v")}


def test_every_theorem_stands_on_the_real_numbers_alone():
    for theorem in coq.theorems():
        assert set(theorem.axioms) <= set(coq.AXIOMS), theorem.name
        assert theorem.axioms  # Coq's reals rest on axioms: an empty list would be one that was not read
    for file, text in proofs().items():
        assert not re.search(r"\b(Admitted|admit|Axioms?|Parameters?|Conjecture|bypass_check)\b", text), file


def test_every_claim_is_known():
    known = set(tomllib.loads(STATEMENTS.read_text(encoding="utf-8"))) | COMING
    assert {t.claim for t in coq.theorems()} <= known
    assert {t.claim for t in coq.theorems()} >= COMING


def test_every_logarithm_has_its_support_and_every_derivative_exists():
    for theorem in coq.theorems():
        words = set(re.findall(r"\w+", theorem.statement))
        if words & {"ln", "KL", "rate", "rate_on_way"} or "change leaves" in theorem.statement:
            assert ("within" in words) != (theorem.name in SUPPORTED), theorem.name
        if "Derive" in words:
            assert words & {"ex_derive", "is_derive"}, theorem.name


def test_a_theorem_is_found_by_name_and_by_claim():
    found = coq.theorem("cap")
    assert (found.claim, found.file) == ("finite-l", "Finite")
    assert "ln (1 + l / total data 0)" in found.statement
    assert found in coq.theorems("finite-l")
    with pytest.raises(ValueError, match="no theorem of the name 'lid'"):
        coq.theorem("lid")


def test_without_coqc_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(coq.shutil, "which", lambda name: None)
    coq.coqc_version.cache_clear()
    with pytest.raises(coq.NoCoq, match="apt install coq libcoq-coquelicot"):
        coq.check(run=True)
    coq.coqc_version.cache_clear()


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("proofs")
    for file in ("Sums", "Revealed", "Mixture", "Finite", "Ratio"):
        shutil.copy(coq.FOLDER / f"{file}.v", folder)
        coq.coqc(folder, file)
    return folder


@needs_coqc
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("Revealed", "k <= - change La / change Lp.", "k * 1.01 <= - change La / change Lp."),
        ("Revealed", "<= l * (Lt base - Lt after)", "<= l * (Lt base - Lt after) / 1.01"),
        ("Ratio", "= - k * Derive (gamma Pp) 0", "= - k * 1.01 * Derive (gamma Pp) 0"),
        ("Ratio", "= - k / (1 - l / lambda)", "= - k / (1 + l / lambda)"),
        ("Finite", "change q <= ln (1 + l / T 0).", "change q <= ln (1 + l / T l)."),
        (
            "Finite",
            "= T 0 * KL leaves (P 0) (P l).\nProof. split",
            "= T l * KL leaves (P 0) (P l).\nProof. split",
        ),
    ],
)
def test_a_changed_constant_is_refused(compiled, tmp_path, file, old, new):
    text = (coq.FOLDER / f"{file}.v").read_text(encoding="utf-8")
    assert text.count(old) == 1
    shutil.copytree(compiled, tmp_path / "proofs")
    (tmp_path / "proofs" / f"{file}.v").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(coq.Refused):
        coq.coqc(tmp_path / "proofs", file)


HEAD = """From Coq Require Import Reals List Lra.
From Elastic Require Import Sums Mixture.
Import ListNotations.
Open Scope R_scope.
Definition law_of (p : list R) (x : nat) := nth x p 0.
"""


def real(value: Fraction) -> str:
    return f"({value.numerator} / {value.denominator})"


def world(seed):
    """Exact laws and volumes; the last dataset is the perturbation."""
    rng = np.random.default_rng(seed)
    leaves, datasets = rng.integers(2, 5), rng.integers(2, 4)
    counts = rng.integers(1, 9, (datasets + 1, leaves))
    laws = [[Fraction(int(c), int(row.sum())) for c in row] for row in counts]
    volumes = [Fraction(int(v), 4) for v in rng.integers(1, 40, datasets + 1)]
    return laws, volumes


def definitions(laws, volumes, off=Fraction(0)):
    """The world in Coq: lemmas of the joint, G(0, t) and the rate of dataset 0; `off` falsifies them."""
    total = sum(volumes)
    joint = [
        sum(v * p for v, p in zip(volumes, column, strict=True)) / total for column in zip(*laws, strict=True)
    ]
    inner = sum(q * t / j for q, t, j in zip(laws[0], laws[-1], joint, strict=True)) - 1
    law = [f"(law_of [{'; '.join(map(real, p))}])" for p in laws]
    data = "; ".join(f"({real(v)}, {p})" for v, p in zip(volumes[:-1], law[:-1], strict=True))
    leaves = "; ".join(f"{x}%nat" for x in range(len(joint)))
    volume = real(volumes[-1])
    place = f"[{data}] {law[-1]} {volume}"
    lines = [
        f"Lemma j{x} : joint {place} {x}%nat = {real(j + off)}.\n"
        "Proof. unfold joint, weight, total, law_of. simpl. field. Qed."
        for x, j in enumerate(joint)
    ]
    rewrite = ", ".join(f"j{x}" for x in range(len(joint)))
    ln = " + ".join(f"{real(q)} * ln {real(j + off)}" for q, j in zip(laws[0], joint, strict=True))
    lines += [
        f"Lemma inner : G [{leaves}] {place} {law[0]} {law[-1]} = {real(inner + off)}.",
        f"Proof. unfold G. cbn [sum]. rewrite {rewrite}. unfold law_of. simpl. field. Qed.",
        f"Lemma rate_0 : rate [{leaves}] [{data}] {law[-1]} {law[0]} {volume} = - ({ln}).",
        f"Proof. unfold rate. cbn [sum]. rewrite {rewrite}. unfold law_of. simpl. lra. Qed.",
    ]
    return HEAD + "\n".join(lines) + "\n", joint, inner


@needs_coqc
@pytest.mark.parametrize("seed", range(4))
def test_the_definitions_mean_what_a_mixture_computes(compiled, tmp_path, seed):
    """Coq proves the exact values of its joint, G and rate; the package's floats are those."""
    laws, volumes = world(seed)
    text, joint, inner = definitions(laws, volumes)
    shutil.copytree(compiled, tmp_path / "proofs")
    (tmp_path / "proofs" / "World.v").write_text(text)
    coq.coqc(tmp_path / "proofs", "World")
    mix = cs.Mixture(np.array(laws, dtype=float), np.array(volumes, dtype=float))
    np.testing.assert_allclose(mix.joint, np.array(joint, dtype=float), rtol=1e-14)
    response = -float(inner) / mix.total_volume / np.log(2)
    np.testing.assert_allclose(cs.elastic_response(mix, len(laws) - 1)[0], response, rtol=1e-12, atol=1e-15)
    rate = -sum(float(q) * np.log2(float(j)) for q, j in zip(laws[0], joint, strict=True))
    np.testing.assert_allclose(cs.compression_rates(mix)[0], rate, rtol=1e-13)


@needs_coqc
def test_other_values_of_the_definitions_are_refused(compiled, tmp_path):
    text, *_ = definitions(*world(0), off=Fraction(1, 1000))
    shutil.copytree(compiled, tmp_path / "proofs")
    (tmp_path / "proofs" / "World.v").write_text(text)
    with pytest.raises(coq.Refused):
        coq.coqc(tmp_path / "proofs", "World")


@needs_coqc
@pytest.mark.soak
def test_coqc_says_what_is_stored():
    found, stored = coq.check(run=True), coq.check()
    assert found, found.problems
    assert found.axioms == stored.axioms
    assert found.statements == stored.statements


@needs_coqc
def test_the_pages_steps_are_replayed_and_wrong_conclusions_refused():
    """All but a known few are accepted by their own certificates; with 1 added, none."""
    pages = derivations()
    found = steps.exported(pages)
    accepted = steps.replayed(found)
    tried = sum(bool(lemma.text) for lemma in found)
    assert tried >= 110
    assert sum(accepted) >= tried - 9  # make proofs lists them
    assert all(lemma.text or lemma.left_out for lemma in found)
    assert not any(steps.replayed(steps.exported(pages, off=1)))
