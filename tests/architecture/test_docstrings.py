"""Every public name has a docstring of numpydoc's form, which is what `?` shows."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cached_property
from types import ModuleType

from numpydoc.validate import validate

import mlops_magics
from mlops_magics import statistics

# ES01, SA01: an extended summary or a "See Also" only where there is something to say;
# PR08: a description may begin with the name of a value ("float64 for numbers")
NEVER_ASKED = {"ES01", "SA01", "PR08"}
# A class is the place for an example; its methods are seen there.
NOT_OF_A_METHOD = {"EX01"}
# "Return the rows of these positions." says all: with at most one parameter the words
# of the docstring do for sections, and a single line does for an example as well.
NOT_OF_ONE_PARAMETER = {"PR01", "RT01", "YD01"}
NOT_OF_ONE_LINE = {"EX01"}
# A user meets an error as its message and never makes one; a Protocol cannot be made.
NOT_OF_AN_ERROR = {"PR01", "EX01"}
NOT_OF_A_PROTOCOL = {"EX01"}
# A magic's docstring is the help of `%verb?`: its line's grammar and examples, not parameters.
NOT_OF_A_MAGIC = {"PR01", "RT01", "EX01"}


# A result is made by the package and read by the user: its Attributes say what it holds.
NOT_OF_A_RESULT = {"PR01", "EX01"}


def rooms() -> Iterator[ModuleType]:
    """Yield the package and every room."""
    yield mlops_magics
    for found in pkgutil.iter_modules(mlops_magics.__path__, "mlops_magics."):
        if found.ispkg:
            yield importlib.import_module(found.name)


def public_objects() -> Iterator[tuple[str, object, bool]]:
    """Yield what a room exports and every formula, with the public members of classes."""
    for room in rooms():
        for name in getattr(room, "__all__", ()):
            value = getattr(room, name)
            if hasattr(value, "__qualname__"):
                yield from with_members(f"{value.__module__}.{value.__qualname__}", value)
    for found in pkgutil.iter_modules(statistics.__path__, "mlops_magics.statistics."):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            is_own = getattr(value, "__module__", None) == module.__name__
            if is_own and not name.startswith("_") and hasattr(value, "__qualname__"):
                yield from with_members(f"{module.__name__}.{name}", value)


def with_members(path: str, value: object) -> Iterator[tuple[str, object, bool]]:
    yield path, value, False
    if inspect.isclass(value):
        yield from members(path, value)


def members(path: str, owner: type) -> Iterator[tuple[str, object, bool]]:
    kinds = (property, cached_property, classmethod, staticmethod)
    for name, value in vars(owner).items():
        if name.startswith("_"):
            continue
        if inspect.isfunction(value) or isinstance(value, kinds):
            yield f"{path}.{name}", value, True


def parameter_count(value: object) -> int:
    function = getattr(value, "__func__", value)
    if not inspect.isfunction(function):
        return 0
    names = list(inspect.signature(function).parameters)
    return len(names) - (names[:1] in (["self"], ["cls"]))


def not_asked(path: str, value: object, is_member: bool) -> set[str]:
    """Return the codes that do not apply to an object, by what it is."""
    codes = set(NEVER_ASKED)
    documented = getattr(value, "__doc__", None) or ""
    if is_member:
        codes |= NOT_OF_A_METHOD
        if path.startswith("mlops_magics.magics."):
            codes |= NOT_OF_A_MAGIC
    if not inspect.isclass(value):
        if parameter_count(value) <= 1:
            codes |= NOT_OF_ONE_PARAMETER
            codes |= NOT_OF_ONE_LINE if "\n" not in documented.strip() else set()
    else:
        if issubclass(value, BaseException):
            codes |= NOT_OF_AN_ERROR
        if is_dataclass(value) and "Attributes\n" in documented:
            codes |= NOT_OF_A_RESULT
        if getattr(value, "_is_protocol", False):
            codes |= NOT_OF_A_PROTOCOL
    return codes


def test_every_public_name_is_documented_in_numpydocs_form():
    complaints = [
        f"{path}: {code} {message}"
        for path, value, is_member in public_objects()
        for code, message in validate(path)["errors"]
        if code not in not_asked(path, value, is_member)
    ]

    assert not complaints, "\n" + "\n".join(complaints)
