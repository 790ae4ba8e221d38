"""The steps of the SymPy pages, replayed in Coq: each `implies` and `identity` step as a lemma.

The certificate is the page's own: the conclusion's slack is the sum of multiplier times premise's slack.
What Coq has to find is that this is an identity (`field`) and that the signs are those of the factors.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass

import sympy as sp

from ..algebra import slack
from ..derivation import Derivation, Instance
from . import coqc_version, program

_ORDER = {sp.Eq: "=", sp.Ge: ">=", sp.Gt: ">", sp.Le: "<=", sp.Lt: "<"}
_WORDS = {"in", "at", "as", "of", "fun", "let", "if", "then", "else", "end", "with", "for", "exists", "using"}

HEAD = """From Coq Require Import Reals Lra Psatz.
Open Scope R_scope.
Lemma ln2 : 0 < ln 2.
Proof. rewrite <- ln_1. apply ln_increasing; lra. Qed.
Ltac factors := repeat first [apply Rmult_lt_0_compat | apply Rinv_0_lt_compat | apply Rplus_lt_0_compat
  | apply pow_lt]; lra.
Ltac side := solve [assumption | exact ln2 | lra | nra | factors | left; factors | apply Rgt_not_eq; factors
  | repeat first [apply Rmult_le_pos | apply Rlt_le, Rinv_0_lt_compat | apply Rplus_le_le_0_compat]; lra].
"""


class NotExported(Exception):
    """A step holds something that is not written in Coq; the message says what."""


@dataclass(frozen=True)
class Lemma:
    """One step in Coq, or why it is not there (`left_out`)."""

    claim: str
    title: str
    says: str
    text: str = ""
    left_out: str = ""


class _Names(dict):
    """A name in Coq for each symbol, function value or sum."""

    def __missing__(self, atom):
        base = re.sub(r"\W+", "_", str(atom), flags=re.ASCII).strip("_") or "v"
        name = base if base[0].isalpha() and base not in _WORDS and len(base) < 40 else f"v{len(self)}"
        while name in self.values() or name == "R":
            name += "'"
        self[atom] = name
        return name


def lemmas(page: Derivation, off: int = 0) -> tuple[Lemma, ...]:
    """The `implies` and `identity` steps of a page. `off` is added to each conclusion: it must be refused."""
    found = []
    for number, step in enumerate(page.steps):
        if step.kind not in ("implies", "identity"):
            continue
        name = re.sub(r"\W+", "_", f"{page.claim}_{number}", flags=re.ASCII)
        try:
            found.append(Lemma(page.claim, page.title, step.says, _lemma(name, page, number, off)))
        except NotExported as reason:
            found.append(Lemma(page.claim, page.title, step.says, left_out=str(reason)))
    return tuple(found)


def exported(pages: Iterable[Derivation], off: int = 0) -> tuple[Lemma, ...]:
    """The lemmas of several pages, in order."""
    return tuple(lemma for page in pages for lemma in lemmas(page, off))


def replayed(found: Iterable[Lemma]) -> tuple[bool, ...]:
    """Which lemmas Coq accepts: one session of coqtop, in which a refused one leaves the others alone."""
    coqc_version()
    texts = [re.sub(r"^Lemma \S+", f"Lemma step_{i}", lemma.text) for i, lemma in enumerate(found)]
    session = HEAD + "".join(f"{text}Check step_{i}.\nAbort All.\n" for i, text in enumerate(texts) if text)
    command = [program("coqtop"), "-q"]
    with tempfile.TemporaryDirectory() as folder:  # the tactics leave caches where they run
        printed = subprocess.run(
            command, input=session, capture_output=True, text=True, check=True, cwd=folder
        ).stdout
    accepted = set(map(int, re.findall(r"step_(\d+)\n? +: ", printed)))
    return tuple(i in accepted for i in range(len(texts)))


def _term(e, names) -> str:
    if e.is_Integer:
        return str(e) if e >= 0 else f"(- {-e})"
    if e.is_Rational:
        return f"({_term(sp.Integer(e.p), names)} / {e.q})"
    if e.is_Add or e.is_Mul:
        return "(" + (" + " if e.is_Add else " * ").join(_term(a, names) for a in e.args) + ")"
    if e.is_Pow and e.exp.is_Integer:
        base, power = _term(e.base, names), abs(int(e.exp))
        raised = base if power == 1 else f"({base} ^ {power})"
        return raised if e.exp > 0 else f"(/ {raised})"
    if isinstance(e, sp.log):
        return f"(ln {_term(e.args[0], names)})"
    if e.is_Symbol or isinstance(e, sp.core.function.AppliedUndef):
        return names[e]
    if isinstance(e, sp.Sum | sp.Derivative):  # any number: only its value matters here
        return names[e]
    raise NotExported(type(e).__name__)


def _relation(r, names) -> str:
    if type(r) not in _ORDER:
        raise NotExported(type(r).__name__)
    return f"{_term(r.lhs, names)} {_ORDER[type(r)]} {_term(r.rhs, names)}"


def _signs(names) -> list[str]:
    signs = []
    for atom, name in names.items():
        if isinstance(atom, sp.Sum | sp.Derivative):
            continue
        if atom.is_positive:
            signs.append(f"0 < {name}")
        elif atom.is_nonnegative:
            signs.append(f"0 <= {name}")
        elif atom.is_nonzero:
            signs.append(f"{name} <> 0")
    return signs


def _denominators(*expressions) -> set:
    """What is divided by, as far as its own sign does not say that it is not 0."""
    powers = set().union(*(e.atoms(sp.Pow) for e in expressions))
    return {p.base for p in powers if p.exp.is_Integer and p.exp < 0 and p.base.is_positive is not True}


def _lemma(name: str, page: Derivation, number: int, off: int) -> str:
    def expand(relation):
        return relation.xreplace(dict(page.where)) if page.where else relation

    step = page.steps[number]
    names, claim = _Names(), expand(step.relation)
    premises = [expand(p.says if isinstance(p, Instance) else p) for p in step.premises]
    weights = [expand(m) for m in step.data] if step.kind == "implies" else []
    if not isinstance(claim, sp.Rel) or not all(isinstance(p, sp.Rel) for p in premises):
        raise NotExported("a relation that is none of =, <, <=")
    conclusion = _relation(claim, names) + (f" + {off}" if off else "")
    given = [_relation(p, names) for p in premises]
    # earlier relations from which the page reads a sign
    known = [r for r in page._decided.supports.get(number, ()) if isinstance(r, sp.Rel) and r not in premises]
    known = [_relation(r, names) for r in known if type(r) in _ORDER]
    slacks = [f"({_term(slack(p), names)})" for p in premises]
    multipliers = [_term(m, names) for m in weights]
    whole = _term(slack(claim), names)
    divided = sorted(_denominators(claim, *premises, *weights), key=str)
    apart = [f"{_term(d, names)} <> 0" for d in divided]
    hypotheses = " ->\n  ".join([*_signs(names), *apart, *known, *given, conclusion])
    binder = f" ({' '.join(names.values())} : R)" if names else ""
    lines = [f"Lemma {name}{binder} :\n  {hypotheses}.", "Proof.", "  intros. pose proof ln2."]
    if not premises:
        lines.append("  field; repeat split; side." if divided or "/" in conclusion else "  ring.")
    else:
        total = " + ".join(f"{m} * {s}" for m, s in zip(multipliers, slacks, strict=True))
        lines.append(f"  assert (certificate : {whole} = {total}) by (field; repeat split; side).")
        for premise, m, s in zip(premises, multipliers, slacks, strict=True):
            if isinstance(premise, sp.Eq):
                lines.append(f"  assert ({m} * {s} = 0) by (apply Rmult_eq_0_compat; right; lra).")
            else:
                strict = isinstance(premise, sp.StrictGreaterThan | sp.StrictLessThan)
                sign, rule = ("<", "Rmult_lt_0_compat") if strict else ("<=", "Rmult_le_pos")
                lines.append(f"  assert (0 {sign} {m} * {s}) by (apply {rule}; [side | lra]).")
        lines.append("  lra.")
    return "\n".join([*lines, "Qed.\n"])
