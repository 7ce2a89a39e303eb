"""Is this parsed JSON what the format says?

Typed access to a parsed object: what stands under a key comes back in its type, or
`Malformed` is raised. It knows no model; whoever reads a part asks for its keys.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Malformed(ValueError):
    """A document that lacks a key or has another type there; becomes a BrokenModel."""


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A parsed JSON object whose keys are asked for by type.

    Parameters
    ----------
    parsed : object
        Any parsed JSON value; only an object has keys.

    Examples
    --------
    >>> document = Document({"name": "age", "classes": [5, "05", True], "low": None})
    >>> document.text("name"), document.scalars("classes"), document.number("low")
    ('age', (5, '05', True), None)
    """

    parsed: Any

    def value(self, key: str) -> Any:
        """Return whatever stands under a key; `Malformed` if nothing does."""
        if not isinstance(self.parsed, dict) or key not in self.parsed:
            raise Malformed(f"it lacks {key!r}")
        return self.parsed[key]

    def text(self, key: str) -> str:
        """Return the text under a key."""
        found = self.value(key)
        if not isinstance(found, str):
            raise Malformed(f"{key!r} is no text")
        return found

    def choice(self, key: str, choices: tuple[str, ...]) -> Any:
        """Return the text under a key, which is one of a few.

        Parameters
        ----------
        key : str
            The key.
        choices : tuple of str
            What may stand there.

        Returns
        -------
        str
            Typed Any, so that it fits the Literal that it is read for.
        """
        found = self.text(key)
        if found not in choices:
            raise Malformed(f"{key!r} is {found[:40]!r}")
        return found

    def integer(self, key: str) -> int:
        """Return the whole number under a key; true and false are none."""
        found = self.value(key)
        if type(found) is not int:
            raise Malformed(f"{key!r} is no whole number")
        return found

    def number(self, key: str) -> int | float | None:
        """Return the number under a key, a whole one as int; null stands for no number."""
        found = self.value(key)
        if found is None or type(found) is int or isinstance(found, float):
            return found
        raise Malformed(f"{key!r} is no number")

    def real(self, key: str) -> float:
        """Return the number under a key as a float; null is none."""
        found = self.number(key)
        try:
            return float(found)  # type: ignore[arg-type] # None is the error below
        except (TypeError, OverflowError):
            raise Malformed(f"{key!r} is no number") from None

    def flag(self, key: str) -> bool:
        """Return the true or false under a key."""
        found = self.value(key)
        if not isinstance(found, bool):
            raise Malformed(f"{key!r} is neither true nor false")
        return found

    def items(self, key: str) -> list[Any]:
        """Return the list under a key."""
        found = self.value(key)
        if not isinstance(found, list):
            raise Malformed(f"{key!r} is no list")
        return found

    def mapping(self, key: str) -> dict[str, Any]:
        """Return the object under a key."""
        found = self.value(key)
        if not isinstance(found, dict):
            raise Malformed(f"{key!r} is no object")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts under a key."""
        found = self.items(key)
        if not all(isinstance(item, str) for item in found):
            raise Malformed(f"{key!r} holds more than texts")
        return tuple(found)

    def scalars(self, key: str) -> tuple[bool | int | float | str, ...]:
        """Return plain values, each in its own type: 5 is not 5.0, nor true 1."""
        found = self.items(key)
        if not all(isinstance(item, bool | int | float | str) for item in found):
            raise Malformed(f"{key!r} holds more than plain values")
        return tuple(found)

    def floats(self, key: str) -> NDArray[np.float64]:
        """Return the array under a key: a list of numbers, or of equally long lists."""
        found = self.items(key)
        rows = found if found and isinstance(found[0], list) else [found]
        for row in rows:
            plain = isinstance(row, list) and all(type(item) in (int, float) for item in row)
            if not plain or len(row) != len(rows[0]):
                raise Malformed(f"{key!r} is no array of numbers")
        try:
            return np.array(found, np.float64)
        except OverflowError:
            raise Malformed(f"{key!r} holds a number out of range") from None

    def integers(self, key: str) -> NDArray[np.int64]:
        """Return the whole numbers under a key, each of 64 bits."""
        found = self.items(key)
        if not all(type(item) is int and -(2**63) <= item < 2**63 for item in found):
            raise Malformed(f"{key!r} is no array of whole numbers")
        return np.array(found, np.int64)
