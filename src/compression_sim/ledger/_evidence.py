"""One item of evidence, and the verdict that a list of items supports."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np

from .._show.latex import plain_text
from .._show.relations import in_words

ROUTES = (
    "symbolic",
    "smt",
    "coq",
    "interval",
    "closed-form",
    "autodiff",
    "simulation",
    "property",
    "enumeration",
    "peer",
    "real-text",
    "not-run",  # a check that raised: it never passes
)
ROLES = ("proof", "instance", "boundary", "counterexample", "measurement")
PROVERS = ("symbolic", "smt", "coq")
VERDICTS = ("proved", "holds", "refuted", "measured", "open")


@dataclass(frozen=True)
class Evidence:
    """A computed value beside the value that the verdict needs, within a stated tolerance.

    `route` is how the value was reached; two items by different routes can disagree, which is their point.
    `role` is what a passed item establishes: an "instance" of the statement; a "boundary", where the
    statement fails because `condition` is not met; a "counterexample" inside the statement's own assumptions;
    a "measurement"; or a "proof", which only a prover gives (`derivation`, `certificate`, `theorem`).
    `condition` names what the statement needs in order to hold, `parts` the parts of the claim (CLAIM/NAME)
    that the item is about.
    """

    route: str
    passed: bool
    value: Any
    expected: Any
    tolerance: float
    detail: str
    role: str = "instance"
    condition: str | None = None
    parts: tuple[str, ...] = ()
    numbers: str = field(default="", repr=False, compare=False)  # a digest of the arrays that were compared
    prover: object = field(default=None, repr=False, compare=False)

    def __post_init__(self):
        if self.route not in ROUTES:
            raise ValueError(f"unknown route {self.route!r}; allowed: {', '.join(ROUTES)}")
        if self.role not in ROLES:
            raise ValueError(f"unknown role {self.role!r}; allowed: {', '.join(ROLES)}")
        if not isinstance(self.passed, bool | np.bool_):
            raise ValueError(f"passed must be True or False, got {self.passed!r}")
        if self.passed and self.route == "not-run":
            raise ValueError("a check that was not run cannot pass")
        if (self.role == "proof") != (self.prover is _PROVER):
            raise ValueError(
                "the role 'proof' is given by a prover: Evidence.derivation, of a page that is decided; "
                f"allowed here: {', '.join(role for role in ROLES if role != 'proof')}"
            )
        parts = (self.parts,) if isinstance(self.parts, str) else tuple(self.parts)
        if not all(isinstance(part, str) and 0 < part.find("/") < len(part) - 1 for part in parts):
            raise ValueError(f"parts are named CLAIM/NAME, got {parts!r}")
        object.__setattr__(self, "parts", parts)

    @classmethod
    def equal(
        cls, route, value, expected, *, rtol=0.0, atol=0.0, detail, role="instance", condition=None, parts=()
    ):
        """`value` equals `expected` within atol + rtol |expected|; of arrays the worst entry is reported.

        NaN equals nothing. Raises ValueError where it could not fail: a tolerance that is negative, not
        finite or as large as the largest of the expected numbers, or the very same array on both sides.
        """
        if value is expected and isinstance(value, np.ndarray | list):
            raise ValueError(
                "an array is compared with itself: the expected values need a route of their own"
            )
        value, expected = _side_by_side(value, expected)
        _tolerances(rtol=rtol, atol=atol)
        allowed = atol + rtol * np.abs(np.where(np.isfinite(expected), expected, 0.0))
        _swallows(allowed, expected)
        with np.errstate(invalid="ignore"):
            gap = np.where(value == expected, 0.0, np.abs(value - expected)) - allowed
        gap = np.where(np.isnan(gap), np.inf, gap)
        worst = np.unravel_index(np.argmax(gap), gap.shape)
        return cls(
            route,
            bool(gap[worst] <= 0),
            float(value[worst]),
            float(expected[worst]),
            float(allowed[worst]),
            detail,
            role,
            condition,
            parts,
            _digest(value),
        )

    @classmethod
    def at_most(cls, route, value, bound, *, slack=0.0, detail, role="instance", condition=None, parts=()):
        """`value` <= `bound` + slack in every entry; the entry nearest to breaking it is reported.

        Raises ValueError where it could not fail: a slack that is negative, not finite or as large as the
        largest bound that is not 0, or a bound of infinity.
        """
        value, bound = _side_by_side(value, bound)
        _tolerances(slack=slack)
        _swallows(np.broadcast_to(float(slack), bound.shape), bound)
        if (bound == np.inf).any():
            raise ValueError("a bound of infinity excludes nothing")
        with np.errstate(invalid="ignore"):
            excess = np.where(value == bound, 0.0, value - bound)  # NaN counts as the worst
        worst = np.unravel_index(np.argmax(excess), excess.shape)
        return cls(
            route,
            bool((value <= bound + slack).all()),
            float(value[worst]),
            f"<= {bound[worst]:.12g}",
            float(slack),
            detail,
            role,
            condition,
            parts,
            _digest(value),
        )

    @classmethod
    def true(cls, route, value, *, detail, role="instance", condition=None, parts=()):
        """`value`, True or False as a computation decided it, is True; ValueError for anything else."""
        if not isinstance(value, bool | np.bool_):
            raise ValueError(f"Evidence.true takes True or False, got {value!r}")
        return cls(route, bool(value), bool(value), True, 0.0, detail, role, condition, parts)

    @classmethod
    def searched(cls, holds, *, detail, parts=(), **how):
        """What a search for a counterexample finds: the counterexample, which refutes, or an instance.

        `holds` and `how` are as for `find_counterexample`. It fails where no mixture met the hypotheses.
        """
        from ._search import search

        seen = search(holds, **how)
        if seen.found is not None:
            where = f"{detail}: it fails for {seen.found}"
            return cls("property", True, False, False, 0.0, where, "counterexample", None, parts)
        where = f"{detail}: it holds in all of {seen.met} mixtures"
        return cls("property", bool(seen.met), bool(seen.met), True, 0.0, where, "instance", None, parts)

    @classmethod
    def derivation(cls, page, *, condition=None, parts=None):
        """A page of `compression_theory`: as many steps hold as it has. It says itself what it needs.

        A page on where a statement fails is quoted: it is the counterexample. `parts`: the parts of claims
        that it proves (default: those that its steps conclude from what they name and from no other page).
        """
        checks = page.check()
        broken = [step.says for step, holds in zip(page.steps, checks, strict=True) if not holds]
        says = f". {page.statement}" if page.role in ("counterexample", "boundary") else ""
        blank = sum(not count for count in page.points)
        seen = f", {blank} without numbers put in" if blank else ""
        detail = plain_text(f"{page.title} ({len(checks)} steps{seen}, for {page.scope}){says}")
        if broken:
            detail += f" Does not hold: {plain_text(broken[0])}"
        if parts is None:
            derived = [p for p in page.parts if not page.unproved(p) and not page.quotes(p)]
            parts = [p.id for p in derived]
            for part in derived:
                from_ = ", ".join(map(in_words, page.stands_on(part))) or "the declared signs"
                detail += f". Derived as {part.id}: {in_words(part.relation)}; from {from_}"
        return cls(
            "symbolic",
            bool(checks) and not broken,
            sum(map(bool, checks)),
            len(checks),
            0.0,
            detail,
            page.role,
            plain_text(condition or page.condition) or None,
            tuple(parts) if page.role == "proof" else (),
            prover=_PROVER if page.role == "proof" else None,
        )

    @classmethod
    def certificate(cls, page, part: str):
        """z3 on the proof of a part (CLAIM/NAME) of the page: no real numbers refute any of its steps.

        It does not pass where z3 leaves a step undecided, or has no words for it.
        """
        from compression_theory.smt import replay

        objects = [p for p in page.parts if p.id == part]
        if not objects:
            raise ValueError(f"{page.title!r} has no part {part!r}; its parts: {[p.id for p in page.parts]}")
        found = replay(page, objects[0])
        proved = sum(bool(certificate.answer) for certificate in found)
        what = f"z3 on {part}: no real numbers refute any of its {len(found)} steps"
        passed = proved == len(found) > 0
        return cls(
            "smt",
            passed,
            proved,
            len(found),
            0.0,
            what,
            "proof",
            None,
            (part,) if passed else (),
            prover=_PROVER,
        )

    @classmethod
    def theorem(cls, part: str, name: str):
        """A theorem in Coq that says what a part says, by the check that is stored with its proof.

        It does not pass where the stored check is of other files, or where the theorem proves less.
        """
        from compression_theory import coq

        found, check = coq.theorem(name), coq.check()
        passed = bool(check) and not found.weaker
        what = f"theorem {name}: {found.says} (any finite leaf set; stored check, coqc {check.coqc})"
        return cls(
            "coq",
            passed,
            passed,
            True,
            0.0,
            f"{what} It proves less: {found.weaker}" if found.weaker else what,
            "proof",
            None,
            (part,) if passed else (),
            prover=_PROVER,
        )


ROUNDING = 1e-6
_PROVER = object()  # only the constructors above hand it in


def _digest(values: np.ndarray) -> str:
    """Tells arrays apart; "" for one whole number, which two routes may well share."""
    values = np.asarray(values)
    if np.unique(values).size == 1 and (
        not np.isfinite(values.flat[0]) or float(values.flat[0]).is_integer()
    ):
        return ""
    return sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


def _tolerances(**tolerances) -> None:
    for name, value in tolerances.items():
        if not (np.isfinite(value).all() and (np.asarray(value) >= 0).all()):
            raise ValueError(f"{name} must be a finite number of at least 0, got {value!r}")


def _swallows(allowed, reference) -> None:
    """Refuse a tolerance as large as what it is about; one of the size of rounding is always allowed."""
    largest = np.abs(np.where(np.isfinite(reference), reference, 0.0)).max()
    if largest > 0 and allowed.max() >= largest and allowed.max() > ROUNDING:
        raise ValueError(f"a tolerance of {allowed.max():g} swallows the value {largest:g} that it is about")


def _side_by_side(value, reference):
    value, reference = np.broadcast_arrays(np.asarray(value, float), np.asarray(reference, float))
    if not value.size:
        raise ValueError("evidence needs at least one number to compare, got an empty array")
    return value, reference


@dataclass(frozen=True)
class Covered:
    """What stands behind one part of a claim: the provers that prove it, and other routes that agree."""

    provers: tuple[str, ...]
    routes: tuple[str, ...]

    @property
    def left(self) -> str:
        """What it lacks in order to count as proved ("" if nothing)."""
        if not self.provers:
            return "no prover"
        if len(self.provers) < 2 and not self.routes:
            return f"one prover ({self.provers[0]}) and no second route"
        return ""


def coverage(evidence: Sequence[Evidence], parts: Iterable[str]) -> Mapping[str, Covered]:
    """For each part: which provers prove it, and by which other routes items that passed are about it."""
    passed = [item for item in evidence if item.passed]
    found = {}
    for part in parts:
        about = [item for item in passed if part in item.parts]
        provers = dict.fromkeys(item.route for item in about if item.role == "proof")
        others = dict.fromkeys(route for route, item in _routes(about) if item.role == "instance")
        found[part] = Covered(tuple(provers), tuple(route for route in others if route not in PROVERS))
    return found


def _routes(evidence):
    """(route, item) of each; items that handed in the same numbers are one route, that of the first."""
    first = {}
    return [
        (first.setdefault(item.numbers, item.route) if item.numbers else item.route, item)
        for item in evidence
    ]


def judge(evidence: Sequence[Evidence], parts: Iterable[str] = ()) -> tuple[str, tuple[str, ...]]:
    """(verdict, conditions), a function of the evidence and of the names of the claim's parts.

    `open` without evidence, with an item that did not pass, or by fewer than two routes (a measurement needs
    one). Otherwise a counterexample refutes, a measurement measures; the claim is `proved` if it has parts,
    each of them is proved by two provers or by one beside another route that agrees, and no item names a
    condition. Else it holds, under what was stated. What only fails outside its conditions (a "boundary")
    stays open.
    """
    parts, roles = tuple(parts), {item.role for item in evidence}
    routes = {route for route, _ in _routes(evidence)}
    conditions = tuple(dict.fromkeys(item.condition for item in evidence if item.condition))
    if not evidence or not all(item.passed for item in evidence):
        return "open", ()
    if "measurement" in roles and "counterexample" not in roles:
        return "measured", conditions
    if len(routes) < 2 or roles == {"boundary"}:
        return "open", ()
    if "counterexample" in roles:
        return "refuted", conditions
    covered = coverage(evidence, parts)
    left = [part for part in parts if covered[part].left]
    if parts and not left and not conditions:
        return "proved", ()
    if parts and len(left) < len(parts):
        lacking = (f"the part {part.partition('/')[2]} has {covered[part].left}" for part in left)
        return "holds", conditions or tuple(lacking)
    return "holds", conditions or ("the instances tried",)
