"""What time is it, and what is the next id?

Times are integer microseconds since 1970 UTC. Ids are ordered by time, so that
a range of them finds its segment. A test passes a clock of its own.
"""

import secrets
import threading
import time

import numpy as np

ID_DIGITS = 32


class Clock:
    """The wall clock, and ids that grow with it.

    Examples
    --------
    >>> clock = Clock()
    >>> first, second = clock.new_id(), clock.new_id()
    >>> len(first), first < second
    (32, True)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def now(self) -> int:
        """Return microseconds since 1970 UTC."""
        return time.time_ns() // 1000

    def new_id(self) -> str:
        """Return the next id: a UUID of version 7 as 32 hex digits.

        The 60 bits before the random ones are the time in units of 1/4096 ms
        (RFC 9562, section 6.2, method 3), raised by one where two ids of this
        process would be equal: ids of one process are strictly increasing.
        """
        return self.new_ids(1)[0]

    def new_ids(self, count: int) -> list[str]:
        """Return several ids, in increasing order."""
        with self._lock:
            first = max(self.now() * 4096 // 1000, self._last + 1)
            self._last = first + count - 1
        words = np.frombuffer(secrets.token_bytes(16 * count), ">u8").reshape(count, 2).copy()
        ticks = np.arange(first, first + count, dtype=np.uint64)
        words[:, 0] = (ticks >> 12 << 16) | (0x7 << 12) | (ticks & 0xFFF)
        words[:, 1] = (words[:, 1] & (2**62 - 1)) | (0b10 << 62)
        digits = words.tobytes().hex()
        return [digits[i : i + ID_DIGITS] for i in range(0, len(digits), ID_DIGITS)]
