"""A calibration as a table and as JSON: this shows, and computes nothing."""

from ..._show.jsonable import jsonable
from ..._show.tables import Grouped
from .rmse import Growth
from .run import Calibration


def calibration_dict(run: Calibration, checker: dict, growths: list[Growth]) -> dict:
    """`calibrate --json`."""
    rows = [outcome.to_dict() for outcome in run.outcomes]
    for row in rows:
        row.update({name: jsonable(row[name]) for name in ("bias", "rmse")})
    return {
        "seed": run.seed,
        "checker": checker,
        "estimators": rows,
        "rmse_against_n": [_growth_dict(growth) for growth in growths],
        "complete": run.done == run.total,
    }


def _growth_dict(growth: Growth) -> dict:
    row = growth.to_dict()
    return row | jsonable({"rmse": row["rmse"], "exponent": row["exponent"]})


def calibration_table(run: Calibration, checker: dict, growths: list[Growth]):
    """A rich renderable: the checker's own check, a row per regime, errors against n, and what failed."""
    from rich.console import Group
    from rich.text import Text

    groups = {}
    for outcome in run.outcomes:
        row, regime = outcome.to_dict(), outcome.regime
        verdict, style = ("outside", "") if not regime.in_domain else ("in", "green")
        if regime.in_domain and not outcome.within_band:
            verdict, style = "FAILS", "bold red"
        few = "" if outcome.worlds == run.worlds else f" ({outcome.worlds:,} worlds, band {_band(outcome)})"
        numbers = f"{row['bias']:.2g}", f"{row['rmse']:.2g}", f"{row['coverage']:.3f}"
        shares = f"{row['unbounded']:.0%}", f"{row['warned']:.0%}"
        cells = (regime.regime + few, *numbers, *shares, Text(verdict, style))
        groups.setdefault(regime.estimator, []).append(cells)
    names = ("", "bias", "rmse", "coverage", "unbounded", "warned", "domain")
    table = Grouped(names, "<>>>>><", groups)
    title = f"Calibration, seed {run.seed}: {run.worlds:,} worlds of each kind\n"
    low, high = checker["band"]
    words = "passes" if checker["passed"] else "FAILS"
    check = (
        f"checker {words}: an exact interval covers {checker['exact']:.3f}, one a fifth too short "
        f"{checker['too_short']:.3f}, one two fifths too long {checker['too_long']:.3f}; "
        f"band {low:.3f}-{high:.3f}, {checker['worlds']:,} worlds"
    )
    inside = [outcome for outcome in run.outcomes if outcome.regime.in_domain]
    verdict = (
        f"{len(inside) - len(run.failures)} of {len(inside)} regimes in their domain are within the band"
    )
    if run.done < run.total:
        verdict += f"; {run.done:,} of {run.total:,} worlds were drawn"
    bands = {outcome.worlds: _band(outcome) for outcome in run.outcomes}
    notes = "bias: median error; bias and rmse in units of the truth, where it is not 0"
    if run.worlds in bands:
        notes += f"\nband: of {run.worlds:,} worlds, coverage must be {bands[run.worlds]}"
    domains = {}
    for outcome in inside:
        domains.setdefault(outcome.regime.domain, {})[outcome.regime.estimator] = None
    lines = [f"domain of {', '.join(names)}: {domain}" for domain, names in domains.items()]
    parts = [Text(check), Text(title), table, Text(notes), *map(Text, lines), Text("")]
    return Group(*parts, *_growth_table(growths), Text(verdict, "bold"))


def _growth_table(growths: list[Growth]):
    if not growths:
        return
    from rich.text import Text

    sizes = growths[0].sizes
    rows = [
        (one.estimator, *(f"{error:.2g}" for error in one.errors), f"{one.exponent:.2f}") for one in growths
    ]
    yield Text("RMSE against n, in units of the truth; exponent: -0.5 where it falls as 1/sqrt(n)\n")
    yield Grouped(("", *(f"n = {n}" for n in sizes), "exponent"), "<" + ">" * (len(sizes) + 1), {"": rows})


def _band(outcome) -> str:
    return "{:.3f} to {:.3f}".format(*outcome.band)
