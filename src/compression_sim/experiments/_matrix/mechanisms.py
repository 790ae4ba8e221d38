"""Why a claim shows where it does: mechanisms.toml, read."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Mechanism:
    """One sentence, the ledger's claims behind it, and cells (claim, scenario, class, whether it shows)."""

    sentence: str
    ledger: tuple[str, ...]
    cells: tuple[tuple[str, str, str, bool], ...]


MECHANISMS = {
    claim: Mechanism(entry["sentence"], tuple(entry["ledger"]), tuple(map(tuple, entry["cells"])))
    for claim, entry in tomllib.loads(
        files(__package__).joinpath("mechanisms.toml").read_text("utf-8")
    ).items()
}
