"""Which names may a model, a view or a dataset have?

One rule for all: what a person may call a thing is also what stands in lines
of the magics, so the words of the magics are not names. No name is ever a
path.
"""

import re
import unicodedata

from mlops_magics.errors.state import BadName

LONGEST = 64

# Every word that stands where a name could, in any magic, now or planned.
RESERVED = frozenset(
    "accept ack alerts allow approve archive archived backup baseline canary check compact "
    "compare delete development drift events export features import jobs join labels latest live "
    "metrics model models monitor now off performance predict production promote reject request "
    "restore retrain rollback rule serve shadow stage staging status stop trace train upload "
    "webhook workspace".split()
)


def check_name(kind: str, name: str) -> str:
    """Return the name in its normal form, or refuse it.

    Parameters
    ----------
    kind : str
        What is named: model, view or dataset.
    name : str
        As the user wrote it.

    Returns
    -------
    str
        The same name, Unicode NFC.

    Raises
    ------
    BadName
        If it is empty, too long, reserved, or has other characters than
        letters, digits, ``_``, ``-`` and ``.`` with a letter first.

    Examples
    --------
    >>> check_name("model", "churn")
    'churn'
    """
    normal = unicodedata.normalize("NFC", name)
    if not normal:
        raise BadName(kind, name, "it is empty")
    if len(normal) > LONGEST:
        raise BadName(kind, name, f"it has {len(normal)} characters")
    if not normal[0].isalpha():
        raise BadName(kind, name, f"it begins with {normal[0]!r}")
    odd = next((letter for letter in normal if not _is_allowed(letter)), None)
    if odd is not None:
        raise BadName(kind, name, f"it has the character {odd!r}")
    if normal.casefold() in RESERVED or re.fullmatch(r"v\d+", normal.casefold()):
        raise BadName(kind, name, "it is a word of the magics")
    return normal


def _is_allowed(letter: str) -> bool:
    # a mark is part of a letter: there are scripts that write no vowel without one
    return letter.isalnum() or letter in "_.-" or unicodedata.category(letter)[0] == "M"


def fold(name: str) -> str:
    """Return what two names must not share: case does not make another name.

    Examples
    --------
    >>> fold("Churn") == fold("churn")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
