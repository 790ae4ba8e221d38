"""An error of 1% in a public function turns the verdict of every claim whose evidence calls it by name.

The list of functions is read off the evidence itself, and grows with it: each `module.function(...)` that
an evidence module calls is broken, and each claim that names it has to notice (where only helpers of the
module do, some claim of that module).
"""

import inspect
import re
import sys
from collections import defaultdict
from dataclasses import fields, is_dataclass, replace
from functools import wraps
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest

import compression_sim as cs
from compression_sim.ledger import verify
from compression_sim.ledger._registry import listed_claims


def called() -> dict[tuple[str, str], dict[str, bool]]:
    """{(our module, public function): {claim: whether only a helper of its evidence's module calls it}}."""
    near = defaultdict(dict)
    for claim in listed_claims().values():
        for function in claim.functions:
            evidence = inspect.getmodule(function)
            ours = {
                name: value.__name__
                for name, value in vars(evidence).items()
                if isinstance(value, ModuleType)
            }
            for alias, name in re.findall(r"\b(\w+)\.([a-z]\w*)\(", inspect.getsource(evidence)):
                if re.match(r"compression_sim\.(?!ledger\.)", ours.get(alias, "")):
                    direct = f"{alias}.{name}(" in inspect.getsource(function)
                    far = near[ours[alias], name].get(claim.id, True) and not direct
                    near[ours[alias], name][claim.id] = far
    return dict(near)


def off_by_one_percent(value):
    """`value` with every real number in it 1% larger, whole numbers by one; text and bytes reversed.

    Of a function that is returned, what it returns.
    """
    if inspect.isroutine(value):
        return lambda *args, **options: off_by_one_percent(value(*args, **options))
    if isinstance(value, str | bytes):
        return value[::-1]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(off_by_one_percent, value))
    if isinstance(value, tuple | list):
        return type(value)(map(off_by_one_percent, value))
    if is_dataclass(value):
        return replace(
            value, **{f.name: off_by_one_percent(getattr(value, f.name)) for f in fields(value) if f.init}
        )
    array = np.asarray(value)
    if array.dtype.kind == "f":
        return value * 1.01
    if array.dtype.kind in "iu":
        return value + 1
    return np.logical_not(value) if array.dtype.kind == "b" else value


@pytest.mark.parametrize(("module", "name"), sorted(called()))
def test_an_error_of_one_percent_turns_a_verdict(monkeypatch, module, name):
    right = getattr(import_module(module), name)
    wrong = wraps(right)(lambda *args, **options: off_by_one_percent(right(*args, **options)))
    for place in [m for key, m in sys.modules.items() if key.startswith("compression_sim")]:
        for alias in [key for key, value in vars(place).items() if value is right]:
            monkeypatch.setattr(place, alias, wrong)
    named = [claim for claim, far in called()[module, name].items() if not far]
    near = named or list(called()[module, name])
    turned = [claim for claim in near if not verify([claim], "quick").passed]
    assert turned == named or (turned and not named)


def test_every_public_function_is_under_a_claim():
    functions = {name for name in cs.__all__ if inspect.isfunction(getattr(cs, name))}
    judged = {name for _, name in called()}
    assert functions - judged <= {"claim", "find_counterexample", "verify", "normalize", "rebound_curve"}


def test_a_claim_of_ones_own_sees_a_break_too(monkeypatch):
    @cs.claim("halves", statement="Twice the data, half the response.")
    def halves(run):
        mix, amount = cs.Mixture(run.rng.dirichlet(np.ones(9), 3), [100.0, 1.0, 0.1]), [0.0, 0.0, 1e-3]
        low, high = (
            cs.compression_rates(cs.Mixture(mix.distributions, mix.volumes + s * np.array(amount)))
            for s in (-1, 1)
        )
        found = cs.elastic_response(mix, 2)
        yield cs.Evidence.equal("simulation", (high - low) / 2e-3, found, rtol=1e-3, detail="slope")
        yield cs.Evidence.equal("property", mix.volumes @ found, 0, atol=1e-12, detail="conserved")

    assert cs.verify(halves)["halves"].verdict == "holds"
    right = cs.elastic_response
    monkeypatch.setattr("compression_sim.elasticity.elastic_response", lambda *a, **k: 1.01 * right(*a, **k))
    broken = cs.verify(halves)
    assert (broken["halves"].verdict, broken.passed) == ("open", False)
    assert [item.passed for item in broken["halves"].evidence] == [False, True]


def test_a_claim_that_raises_does_not_hide_the_others(monkeypatch):
    def fails(*args, **kwargs):
        raise FloatingPointError("broken on purpose")

    @cs.claim("uses-it", statement="s")
    def uses_it(run):
        yield cs.Evidence.true("property", True, detail="before")
        yield cs.Evidence.equal("property", cs.entropy([0.5, 0.5]), 1, detail="one bit")

    @cs.claim("does-not", statement="s")
    def does_not(run):
        yield cs.Evidence.true("property", True, detail="a")
        yield cs.Evidence.true("simulation", True, detail="b")

    monkeypatch.setattr("compression_sim.coding.entropy", fails)
    ledger = cs.verify([uses_it, does_not])
    assert [judged.verdict for judged in ledger] == ["open", "holds"]
    assert [item.route for item in ledger["uses-it"].evidence] == ["property", "not-run"]
    assert (
        ledger["uses-it"].evidence[1].detail == "uses_it could not run: FloatingPointError: broken on purpose"
    )
