"""How far a run is: `progress(done, total, what)` is the one signature, and one estimate of the time left."""

import time
from collections.abc import Callable

Progress = Callable[[int, int, str], None]


def no_progress(done: int, total: int, what: str) -> None:
    """Show nothing."""


class TimeLeft:
    """The time left in words, from the pace since the first call; what was done before does not count.

    `TimeLeft()(done, total)` is "" until something was done while it looked, then e.g. "about 4 min left".
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.clock, self.total, self.start = clock, None, (0, 0.0)

    def __call__(self, done: int, total: int) -> str:
        now = self.clock()
        if total != self.total or done < self.start[0]:
            self.total, self.start = total, (done, now)
        new = done - self.start[0]
        return in_words((total - done) * (now - self.start[1]) / new) if new and done < total else ""


def in_words(seconds: float) -> str:
    """A time left: seconds under a minute and a half, minutes under an hour and a half, then hours."""
    if seconds < 90:
        return f"about {max(round(seconds), 1)} s left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"
