"""What of a table is compared: the dataset in each role, pairs of checkpoints, rates per token or byte."""

from dataclasses import dataclass
from itertools import pairwise

import xarray as xr

from ..._validation import choice
from . import columns

ROLES = ("pretraining", "alignment", "perturbation")


@dataclass(frozen=True)
class Comparison:
    """The dataset in each role (None: there is none), the pairs of checkpoints, and the unit of length."""

    pretraining: str | None
    alignment: str | None
    perturbation: str | None
    pairs: tuple[tuple[str, str], ...]
    per: str

    @property
    def roles(self) -> dict[str, str | None]:
        """The dataset in each role."""
        return {role: getattr(self, role) for role in ROLES}

    @classmethod
    def of(
        cls,
        table: xr.Dataset,
        *,
        pretraining: str | None = None,
        alignment: str | None = None,
        perturbation: str | None = None,
        before: str | None = None,
        after: str | None = None,
        per: str | None = None,
    ) -> "Comparison":
        """What to compare in a table: roles by dataset (default: the dataset that is called like the role).

        `before`, `after`: checkpoints to compare (default: each with the next); `per`: "token" or "byte"
        (default: token, byte where there are no tokens). Raises ValueError for what the table does not have.
        """
        datasets, checkpoints = columns.names_of(table), columns.checkpoints_of(table)
        roles = {}
        for role, name in zip(ROLES, (pretraining, alignment, perturbation), strict=True):
            default = role if role in datasets else None
            roles[role] = default if name is None else choice(name, f"{role} dataset", datasets)
        names = [name for name in roles.values() if name is not None]
        if len(set(names)) < len(names):
            raise ValueError(f"each role needs a dataset of its own, got {roles}")
        if (before is None) != (after is None):
            raise ValueError("give both checkpoints to compare, or none: before and after")
        pairs = tuple(pairwise(checkpoints))
        if before is not None:
            pairs = ((choice(before, "checkpoint", checkpoints), choice(after, "checkpoint", checkpoints)),)
            if before == after:
                raise ValueError(f"before and after must be different checkpoints, got {before!r} twice")
        per = ("token" if "tokens" in table else "byte") if per is None else choice(per, "per", columns.UNITS)
        columns.lengths(table, per)
        return cls(**roles, pairs=pairs, per=per)

    def lacking(self, table: xr.Dataset) -> list[str]:
        """What the table would allow with a little more: columns not read, roles without a dataset."""
        notes = [table.attrs["left_out"]] if "left_out" in table.attrs else []
        roles = [role for role in ROLES[:2] if getattr(self, role) is None]
        if roles and len(columns.names_of(table)) > 1:
            options = " and ".join(f"--{role}" for role in roles)
            notes.append(f"no k_eff: name the {' and '.join(roles)} dataset ({options})")
        if not self.pairs:
            notes.append("one checkpoint: no changes, and nothing that rests on them")
        return notes
