"""One item of evidence, and the verdict that a list of items supports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._show.latex import plain_text

ROUTES = (
    "symbolic",
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
VERDICTS = ("proved", "holds", "refuted", "measured", "open")


@dataclass(frozen=True)
class Evidence:
    """A computed value beside the value that the verdict needs, within a stated tolerance.

    `route` is how the value was reached; two items by different routes can disagree, which is their point.
    `role` is what a passed item establishes: a "proof"; an "instance" of the statement; a "boundary",
    where the statement fails because `condition` is not met; a "counterexample" inside the statement's own
    assumptions; or a "measurement". `condition` names what the statement needs in order to hold.
    """

    route: str
    passed: bool
    value: Any
    expected: Any
    tolerance: float
    detail: str
    role: str = "instance"
    condition: str | None = None

    def __post_init__(self):
        if self.route not in ROUTES:
            raise ValueError(f"unknown route {self.route!r}; allowed: {', '.join(ROUTES)}")
        if self.role not in ROLES:
            raise ValueError(f"unknown role {self.role!r}; allowed: {', '.join(ROLES)}")
        if self.passed and self.route == "not-run":
            raise ValueError("a check that was not run cannot pass")

    @classmethod
    def equal(cls, route, value, expected, *, rtol=0.0, atol=0.0, detail, role="instance", condition=None):
        """`value` equals `expected` within atol + rtol |expected|; of arrays the worst entry is reported."""
        value, expected = _side_by_side(value, expected)
        allowed = atol + rtol * np.abs(np.where(np.isfinite(expected), expected, 0.0))
        with np.errstate(invalid="ignore"):
            gap = np.where(value == expected, 0.0, np.abs(value - expected)) - allowed
        gap = np.where(np.isnan(gap), np.where(np.isnan(value) & np.isnan(expected), -1.0, np.inf), gap)
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
        )

    @classmethod
    def at_most(cls, route, value, bound, *, slack=0.0, detail, role="instance", condition=None):
        """`value` <= `bound` + slack in every entry; the entry nearest to breaking it is reported."""
        value, bound = _side_by_side(value, bound)
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
        )

    @classmethod
    def true(cls, route, value, *, detail, role="instance", condition=None):
        """`value`, a truth value that a computation decided, is true."""
        return cls(route, bool(value), bool(value), True, 0.0, detail, role, condition)

    @classmethod
    def derivation(cls, page, *, condition=None):
        """A page of `compression_theory`: as many steps hold as it has. It says itself what it needs.

        A page on where a statement fails is quoted: it is the counterexample.
        """
        checks = page.check()
        broken = [step.says for step, holds in zip(page.steps, checks, strict=True) if not holds]
        says = f". {page.statement}" if page.role in ("counterexample", "boundary") else ""
        detail = plain_text(f"{page.title} ({len(checks)} steps, for {page.scope}){says}")
        if broken:
            detail += f" Does not hold: {plain_text(broken[0])}"
        return cls(
            "symbolic",
            bool(checks) and not broken,
            sum(checks),
            len(checks),
            0.0,
            detail,
            page.role,
            plain_text(condition or page.condition) or None,
        )


def _side_by_side(value, reference):
    value, reference = np.broadcast_arrays(np.asarray(value, float), np.asarray(reference, float))
    if not value.size:
        raise ValueError("evidence needs at least one number to compare, got an empty array")
    return value, reference


def judge(evidence: Sequence[Evidence]) -> tuple[str, tuple[str, ...]]:
    """(verdict, conditions), a function of the evidence alone.

    `open` without evidence, with an item that did not pass, or by fewer than two routes (a measurement
    needs one). Otherwise a counterexample refutes, a measurement measures, and a proof proves, unless an
    item names a condition: then, as with instances alone, the claim holds under what was stated. What only
    fails outside its conditions (a "boundary") stays open.
    """
    roles = {item.role for item in evidence}
    routes = {item.route for item in evidence}
    conditions = tuple(dict.fromkeys(item.condition for item in evidence if item.condition))
    if not evidence or not all(item.passed for item in evidence):
        return "open", ()
    if "measurement" in roles and "counterexample" not in roles:
        return "measured", conditions
    if len(routes) < 2 or roles == {"boundary"}:
        return "open", ()
    if "counterexample" in roles:
        return "refuted", conditions
    if "proof" in roles and not conditions:
        return "proved", ()
    return "holds", conditions or ("the instances tried",)
