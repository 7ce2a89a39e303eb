"""How does a training look while it runs, and what does one line say of it?

Everything that is told of the fit so far becomes a page. It reads no clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mlops_magics.training.plan import Progress

from .bundle import Bundle
from .numbers import count, duration, figure, percent
from .page import Curves, Figures, Headline, Line, Meter, Part, page

# Of what is told, over which the speed is measured: the first steps compile.
TOLD_FOR_SPEED = 12
READING = "reading the rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A training that runs.

    Parameters
    ----------
    model_id : str
        What is trained.
    told : sequence of (float, Progress), default=()
        What was told so far, each with the seconds since the begin.
    seconds : float, optional
        When the fit ends at the latest, from its begin.

    Examples
    --------
    >>> UnderWay(model_id="churn").line
    'churn · reading the rows'
    """

    model_id: str
    told: Sequence[tuple[float, Progress]] = ()
    seconds: float | None = None

    @property
    def last(self) -> Progress | None:
        """What was told last."""
        return self.told[-1][1] if self.told else None

    @property
    def fitting(self) -> list[tuple[float, Progress]]:
        """What was told after the first steps and before it was measured."""
        return [(at, one) for at, one in self.told if one.step and one.stage == "fitting"]

    @property
    def seconds_of_a_step(self) -> float | None:
        """How long a step takes now; None while nothing is known."""
        if not self.fitting:
            return None
        (begun, first), (ended, last) = self.fitting[-TOLD_FOR_SPEED:][0], self.fitting[-1]
        steps = last.step - first.step
        return (ended - begun) / steps if steps > 0 and ended > begun else None

    @property
    def seconds_left(self) -> float | None:
        """How long it may still take at most; None while nothing is known."""
        pace, last = self.seconds_of_a_step, self.last
        if pace is None or last is None:
            return None
        left = pace * (last.steps - last.step)
        if self.seconds is not None:
            begun = self.told[0][0]
            left = min(left, max(0.0, begun + self.seconds - self.told[-1][0]))
        return left

    @property
    def best(self) -> Progress | None:
        """The check with the smallest loss on rows left out; None without one."""
        checks = [one for _, one in self.told if one.held_out_loss is not None]
        return min(checks, key=lambda one: one.held_out_loss or 0.0, default=None)

    @property
    def doing(self) -> str:
        """What it is doing, with the time left where that is known."""
        last, left = self.last, self.seconds_left
        if last is None:
            return READING
        if last.stage == "measuring":
            return "measuring on held-out rows"
        if not last.step:
            return "compiling"
        return "fitting" if left is None else f"fitting, at most {duration(round(left * 1e6))} left"

    @property
    def line(self) -> str:
        """All of it in one line, for a terminal."""
        best = self.best
        said = "" if best is None else f" · loss {figure(best.held_out_loss, 3)}"
        last = self.last
        step = "" if last is None or not last.step else f" · step {last.step:,} of {last.steps:,}"
        return f"{self.model_id} · {self.doing}{step}{said}"


def drawn(run: UnderWay) -> Bundle:
    """Return a training that runs as a page.

    Parameters
    ----------
    run : UnderWay
        What is known of it.

    Returns
    -------
    Bundle
        What it is doing, how far it is, how good it is so far.
    """
    head = Headline(run.model_id, f"· {run.doing}")
    fitted = run.fitting[-1][1] if run.fitting else None
    if fitted is None:
        return page(head)
    is_measuring = run.last is not None and run.last.stage == "measuring"
    done = 1.0 if is_measuring else fitted.step / max(fitted.steps, 1)
    step = f"step {fitted.step:,} of at most {fitted.steps:,}"
    return page(head, Meter(done), Line(step), _figures(run, fitted), _curves(run))


def _figures(run: UnderWay, last: Progress) -> Figures:
    pairs = []
    best, simple = run.best, last.simple_loss
    if best is not None and best.held_out_loss is not None:
        pairs.append((figure(best.held_out_loss, 3), "loss on rows left out"))
        if simple:
            left = percent(best.held_out_loss / simple)
            pairs.append((left, f"of what the simplest answer has, {figure(simple, 3)}"))
    else:
        pairs.append((figure(last.training_loss, 3), "loss on the rows it learns from"))
    if last.rows and best is not None:
        seen = last.rows_of_a_step / last.rows
        pairs.append((figure(best.step * seen, 1), f"best epoch of {figure(last.step * seen, 1)}"))
    pace = run.seconds_of_a_step
    if pace is not None and last.rows_of_a_step:
        pairs.append((count(round(last.rows_of_a_step / pace)), "rows a second"))
    return Figures(pairs)


def _curves(run: UnderWay) -> Part | None:
    training = [(float(one.step), one.training_loss) for _, one in run.fitting]
    # between two checks the one before is told again
    checks: dict[float, float] = {}
    for _, one in run.fitting:
        if one.held_out_loss is not None and one.held_out_loss not in checks:
            checks[one.held_out_loss] = float(one.step)
    held = [(step, loss) for loss, step in checks.items()]
    best = run.best
    said = "loss: training grey" + (", rows left out blue, the best dashed" if held else "")
    return Curves([(training, "grey"), (held, "plain")], best.step if best else None, said)
