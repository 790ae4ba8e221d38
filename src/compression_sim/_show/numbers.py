"""Numbers and intervals in words and digits."""

import math
from numbers import Real


def shown(value: float, digits: int = 4) -> str:
    """`digits` significant digits; infinity and 0/0 in words."""
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    return f"{value:.{digits}g}"


def shown_interval(low: float, high: float, *, outside: bool = False, digits: int = 4) -> str:
    """`[low, high]`; `outside`: the set is what lies outside of (low, high); "anything": all numbers."""
    if outside:
        return f"outside ({shown(low, digits)}, {shown(high, digits)})"
    if not (math.isfinite(low) or math.isfinite(high)):
        return "anything"
    return f"[{shown(low, digits)}, {shown(high, digits)}]"


def shown_value(value) -> str:
    """What a check computed, of any type: six significant digits, whole numbers whole, the rest as `str`.

    A bound "<= NUMBER" keeps its sign.
    """
    if isinstance(value, str) and value.startswith("<= "):
        return f"<= {shown_value(float(value[3:]))}"
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    return f"{value:,.0f}" if abs(value) < 1e6 and float(value).is_integer() else f"{value:.6g}"
