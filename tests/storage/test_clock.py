"""Ids grow with time and are never given twice, whatever the clock does."""

import re
import threading
import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.storage.clock import Clock

UUID7 = re.compile(r"[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}")


class Jumping(Clock):
    """A clock that shows the times that it was given, one after another."""

    def __init__(self, times):
        super().__init__()
        self.times = iter(times)

    def now(self):
        return next(self.times)


@given(st.lists(st.tuples(st.integers(1, 2**50), st.integers(1, 5)), min_size=1, max_size=30))
def test_ids_are_strictly_increasing_also_when_the_clock_goes_back(steps):
    clock = Jumping([moment for moment, _ in steps])

    ids = [i for _, count in steps for i in clock.new_ids(count)]

    assert all(UUID7.fullmatch(i) for i in ids)
    assert all(first < second for first, second in pairwise(ids))


def test_an_id_begins_with_its_milliseconds():
    moment = 1_767_225_600_123_000

    made = Jumping([moment]).new_id()

    assert int(made[:12], 16) == moment // 1000


def test_several_threads_are_given_different_ids_in_growing_order():
    clock, found = Clock(), []
    threads = [
        threading.Thread(target=lambda: found.append([clock.new_id() for _ in range(500)]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(ids == sorted(ids) for ids in found)
    assert len({i for ids in found for i in ids}) == 2000


def test_the_clock_shows_microseconds_since_1970():
    before = time.time_ns() // 1000

    assert before <= Clock().now() <= time.time_ns() // 1000
