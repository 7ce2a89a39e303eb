"""How does an interrupt end a training without losing what it has learned?

The first one is a wish that the loop and the evaluation ask for, as they ask whether
the job was cancelled; so it can never come in between two steps of storing a model.
Whoever does not want to wait interrupts again, and that is raised as usual.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def noted() -> Iterator[Callable[[], bool]]:
    """Note the first interrupt of the main thread instead of raising it.

    Yields
    ------
    callable
        Whether there was one; never in another thread, which none reaches, and where
        interrupts are not the interpreter's own to raise.

    Examples
    --------
    >>> with noted() as was_interrupted:
    ...     was_interrupted()
    False
    """
    asked = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or before is not signal.default_int_handler:
        yield asked.is_set
        return

    def note(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            signal.default_int_handler(number, frame)
        asked.set()

    signal.signal(signal.SIGINT, note)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
