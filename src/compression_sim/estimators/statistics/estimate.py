"""An estimate: a value with its interval, unit and noise floor, and what a reader must know to trust it."""

from dataclasses import dataclass, replace

from .intervals import Interval

FEW_UNITS = 50  # calibration sees intervals of rates and of features of curves hold from here on,
FEW_CHANGES = 200  # and those of changes, which are more skewed since some leaves move far, from here
FEW_EFFECTIVE = 60  # the same where rare responses carry most of the variance (calibration: rare leaves)


@dataclass(frozen=True)
class Estimate:
    """A value with its interval and unit, and what a reader must know before trusting it.

    `noise_floor`: how far the value moves (RMS) between scorings of one checkpoint that should agree (batch
    layout, dtype, seed), in the same unit; None where the table holds no repeated scoring. Of a statistic of
    several rates: to first order, each rate moving by its own.
    """

    name: str
    of: str
    unit: str
    interval: Interval
    warnings: tuple[str, ...] = ()
    noise_floor: float | None = None

    @property
    def value(self) -> float:
        """The point estimate."""
        return self.interval.value

    def warn(self, *sentences: str) -> "Estimate":
        """The same estimate with more warnings."""
        return replace(self, warnings=(*self.warnings, *sentences))

    def beside_noise(self, what: str, value: float, floor: float | None) -> "Estimate":
        """With a warning where `what` it rests on, a value with a noise floor, is within twice that floor."""
        if floor is None or not abs(value) < 2 * floor:
            return self
        return self.warn(f"{what} is within twice the noise of scoring")

    def checked(self, few: int = FEW_UNITS) -> "Estimate":
        """With a warning below `few` units, or where few of them carry the variance (calibration)."""
        units, effective = self.interval.units, self.interval.effective
        if units < few:
            return self.warn(
                f"{units} independent units: this kind of interval is seen to hold from {few} on"
            )
        if effective < min(FEW_EFFECTIVE, units / 2):
            return self.warn(
                f"few responses carry most of the variance ({units} units count as {effective:.0f}): "
                "intervals cover too rarely, and rarer ones may not have been drawn at all"
            )
        return self
