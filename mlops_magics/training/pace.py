"""How fast does a fit go, and how long may it still?

Counts time and says how many steps fit into one call; it runs nothing and reads no
clock itself.
"""

from dataclasses import dataclass, field

# An interrupt is felt between two pieces.
SECONDS_OF_A_PIECE = 0.2
SECONDS_BETWEEN_REPORTS = 0.4
MOST_STEPS_OF_A_PIECE = 20


@dataclass(slots=True)
class Pace:
    """The speed of one fit, as far as it is known.

    Parameters
    ----------
    seconds : float or None
        When it ends at the latest, counted from its begin.
    begun : float
        Reading of a clock in seconds, at its begin.

    Examples
    --------
    >>> pace = Pace(10.0, 0.0)
    >>> pace.measure(1, 0.0, 3.0)  # compiles
    >>> pace.measure(4, 3.0, 3.4)
    >>> pace.steps_of_a_piece, pace.horizon(20, 600, 4.0), pace.is_over(11.0)
    (2, 80, True)
    """

    seconds: float | None
    begun: float
    steps_of_a_piece: int = 1
    _per_step: float | None = field(default=None, init=False)
    _has_compiled: bool = field(default=False, init=False)
    _reported: float = field(default=0.0, init=False)

    def measure(self, steps: int, begun: float, ended: float) -> None:
        """Learn from one piece; the first one compiles and tells nothing."""
        if not self._has_compiled:
            self._has_compiled = True
            self.steps_of_a_piece = 4
            return
        self._per_step = max((ended - begun) / steps, 1e-6)
        fits = int(SECONDS_OF_A_PIECE / self._per_step)
        self.steps_of_a_piece = min(max(fits, 1), MOST_STEPS_OF_A_PIECE)

    def is_over(self, now: float) -> bool:
        """Whether the time that was given is over."""
        return self.seconds is not None and now - self.begun >= self.seconds

    def is_due(self, now: float) -> bool:
        """Whether it is time for another report; asking for it counts as one."""
        if now - self._reported < SECONDS_BETWEEN_REPORTS:
            return False
        self._reported = now
        return True

    def horizon(self, step: int, steps: int, now: float) -> int:
        """Return the step that will be reached when the time is over.

        Parameters
        ----------
        step : int
            Steps done.
        steps : int
            Steps of the schedule.
        now : float
            Reading of the clock.

        Returns
        -------
        int
            At most `steps`; all of them where no time was given or nothing is known.
        """
        if self.seconds is None or self._per_step is None:
            return steps
        left = max(self.begun + self.seconds - now, 0.0)
        return min(steps, step + max(1, round(left / self._per_step)))
