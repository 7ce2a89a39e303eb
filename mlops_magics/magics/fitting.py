"""Which form of its verb do these words fit?

The places where words stand, as the table writes them: `NAME` and `VIEW` (a
bare word, none of the magics' own), `NAME[@vN]` (a version may follow) and
`NAME@vN` (it must), `vN` and `vM`, `ID` (a number), `DATA`, `REQUEST_ID`, `VIEW,…` and
`"FILE"` (any word that is not COLUMN=VALUE), `"PATH"`, `"RULE"` and `"ADDRESS"` (quoted),
`COLUMN=VALUE…` and `KEY=VALUE…` (all that follow), `…` (whatever follows).
It looks no name up and reads no flag.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from mlops_magics.errors.error import MLOpsError
from mlops_magics.errors.request import BadLine
from mlops_magics.errors.unknown import UnknownName

from .flags import Flag, Form, Verb
from .parsing import Token
from .values import clipped, read_names
from .verbs import MAGIC_WORDS

VERSION = re.compile(r"v[0-9]+|latest")
NUMBER = re.compile(r"[0-9]{1,9}")
SHARE = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2})?%")
STAGES = ("development", "staging", "production", "archived")

# what stands in quotes, so that no word of the magic is meant
QUOTED = {'"PATH"': "a path", '"RULE"': "a rule", '"ADDRESS"': "an address"}
NAME_PLACES = ("VIEW", "NAME", "NAME[@vN]", "NAME@vN")

Assigned = str | Token | None


@dataclass(slots=True)
class Fit:
    """How far the words of a line fit one form, and what they say there.

    Parameters
    ----------
    form : Form
        The form that is tried.
    reached : int, default=0
        How many words fit.
    problem : str, default=""
        Why the next one does not, or which one is missing; empty where all fit.
    wanted : str, default=""
        The place at which fitting ended, or at which more words may follow.
    name : str or None
        What stands at the place of the name.
    version : str or None
        As v2, a stage or latest, from `NAME@v2` or from the word `v2`.
    words : list of Token
        What stands at the places of data, files, ids and views.
    assignments : dict of str to str, Token or None
        COLUMN=VALUE: the text, None for `COLUMN=`, the token for `COLUMN={…}`.

    Examples
    --------
    >>> Fit(Form("drift", "NAME drift", "what moved since training")).problem
    ''
    """

    form: Form
    reached: int = 0
    problem: str = ""
    wanted: str = ""
    name: str | None = None
    version: str | None = None
    words: list[Token] = field(default_factory=list)
    assignments: dict[str, Assigned] = field(default_factory=dict)


def fit_words(form: Form, words: Iterable[Token]) -> Fit:
    """Fit words to the places of a form.

    Parameters
    ----------
    form : Form
        The form that is tried.
    words : iterable of Token
        The words of the line, without its flags.

    Returns
    -------
    Fit
        How far they fit and what they say.

    Examples
    --------
    >>> from .parsing import tokenize
    >>> promote = Form("promote", "NAME promote vN", "runs the gates")
    >>> fit_words(promote, tokenize("churn@v2 promote").tokens).version
    'v2'
    >>> fit_words(promote, tokenize("churn promote").tokens).problem
    'vN is missing'
    """
    fit = Fit(form)
    left = list(words)
    for place in form.places:
        if place == "…":
            fit.reached += len(left)
            return fit
        is_given = place == "vN" and fit.version is not None
        others = len(left) - form.places.count("vM")
        if is_given and not (others > 0 and VERSION.fullmatch(left[0].text)):
            continue  # `churn@v2 promote` is `churn promote v2`
        many = place.endswith("…") and "=" in place
        fit.wanted = place
        if not left:
            fit.problem = f"{place} is missing"
            return fit
        for word in left if many else left[:1]:
            fit.problem = _bind(fit, place, word)
            if fit.problem:
                return fit
            fit.reached += 1
        left = [] if many else left[1:]
        fit.wanted = place if many else ""
    if left:
        fit.problem = f"{clipped(left[0].text)} is one word too many"
    return fit


def best_fit(verb: Verb, words: list[Token], given: Iterable[Flag]) -> Fit:
    """Find the form that a line means.

    Parameters
    ----------
    verb : Verb
        Whose line it is.
    words : list of Token
        The words of the line.
    given : iterable of Flag
        The flags of the line; those of later versions do not count.

    Returns
    -------
    Fit
        All words fit it. The first form that the flags fit too, else the one
        that most of them belong to.

    Raises
    ------
    BadLine
        Words that fit no form.
    UnknownName
        A word that the verb does not have.

    Examples
    --------
    >>> from .parsing import tokenize
    >>> from .verbs import VERBS
    >>> best_fit(VERBS["model"], list(tokenize("churn@v2").tokens), []).form.action
    'card'
    """
    names = {flag.name for flag in given if not flag.later}
    fits = [fit_words(form, words) for form in verb.forms]
    whole = [fit for fit in fits if not fit.problem]
    if not whole:
        raise _misfit(verb, [fit for fit in fits if not fit.form.later], words)
    for fit in whole:
        needs = set(fit.form.needs)
        if fit.form.later or needs <= names <= needs | set(fit.form.takes):
            return fit
    return max(whole, key=lambda fit: len(names.intersection(fit.form.needs + fit.form.takes)))


def _misfit(verb: Verb, fits: list[Fit], words: list[Token]) -> MLOpsError:
    farthest = max(fit.reached for fit in fits)
    fits = [fit for fit in fits if fit.reached == farthest]
    usage = verb.form_usage(fits[0].form) if len(fits) == 1 else verb.usage()
    word = words[farthest] if farthest < len(words) else None
    known = [fit.wanted for fit in fits if fit.wanted in MAGIC_WORDS]
    names = any(fit.wanted in NAME_PLACES for fit in fits)
    quoted = next((fit for fit in fits if fit.wanted in QUOTED and fit.wanted != '"PATH"'), None)
    if quoted is not None:  # what is said there is the user's own, and no word is near it
        return BadLine(quoted.problem, verb.form_usage(quoted.form))
    bare = word is not None and word.plain and not word.divide()
    if word and bare and known and not names and word.text not in MAGIC_WORDS:
        return UnknownName(f"word of {verb.name}", word.text[:60], known, usage)
    # what a place needs says more than 'too many'
    telling = next((fit for fit in fits if fit.wanted and fit.wanted not in MAGIC_WORDS), fits[0])
    return BadLine(telling.problem, usage)


def _bind(fit: Fit, place: str, word: Token) -> str:
    """Put a word into its place, or return why it does not go there."""
    text = clipped(word.text)
    if place in MAGIC_WORDS:
        return "" if word.plain and word.text == place else f"{text} stands where {place!r} belongs"
    if place.endswith("=VALUE…"):
        return _bind_assignment(fit, word)
    if word.divide():
        return f"{text} stands where {place} belongs"
    if place == "vN":
        return _bind_version(fit, word)
    if place == "SHARE" and not (word.plain and SHARE.fullmatch(word.text)):
        return f"{text} stands where a share such as 10% belongs"
    if place == "vM" and not (VERSION.fullmatch(word.text) or word.text in STAGES):
        return f"{text} stands where another version such as v3 belongs"
    if place in NAME_PLACES:
        return _bind_name(fit, place, word)
    if place in QUOTED and not word.quoted:
        return f"{text} is no word of this magic, and {QUOTED[place]} stands in quotes"
    if place == "ID" and not (word.plain and NUMBER.fullmatch(word.text)):
        return f"{text} stands where a number such as 3 belongs"
    if place == "VIEW,…" and read_names(word) is None:
        return f"{text} is no list such as customers,usage (no blanks)"
    if place == "DATA" and len(word.pieces) > 1:
        return f"{text} is no data: give a variable, {{an expression}} or a quoted path"
    is_expression = place == "REQUEST_ID" and word.braces
    has_no_text = not is_expression and (word.has_braces or not word.text)
    if (place in QUOTED or place in ('"FILE"', "REQUEST_ID")) and has_no_text:
        return f"{text} stands where {place} belongs"
    fit.words.append(word)
    return ""


def _bind_name(fit: Fit, place: str, word: Token) -> str:
    text = clipped(word.text)
    if not word.plain:
        return f"{text} stands where the name belongs, which is a bare word"
    if word.text in MAGIC_WORDS:
        return f"{text} is a word of the magics and stands behind the name"
    name, at, version = word.text.partition("@")
    if at and not VERSION.fullmatch(version) and version not in STAGES:
        return f"{clipped('@' + version)} is no version such as @v3, @production or @latest"
    takes_version = "@" in place or "vN" in fit.form.places
    if at and not takes_version:
        return f"{text} names a version, which has no meaning here"
    if place == "NAME@vN" and not at:
        return f"{text} names no version"
    fit.name, fit.version = name, version or None
    return "" if name else f"{text} has no name before the '@'"


def _bind_version(fit: Fit, word: Token) -> str:
    text = clipped(word.text)
    is_stage = "vM" in fit.form.places and word.text in STAGES
    if not (word.plain and (VERSION.fullmatch(word.text) or is_stage)):
        return f"{text} stands where a version such as v2 belongs"
    if fit.version:
        return f"{text} is the second version: the name has @{fit.version} already"
    fit.version = word.text
    return ""


def _bind_assignment(fit: Fit, word: Token) -> str:
    divided = word.divide()
    if divided is None or divided[0].has_braces:
        return f"{clipped(word.text)} stands where COLUMN=VALUE belongs"
    column, value = divided[0].text, divided[1]
    if value.has_braces and not value.braces:
        return f"the value of {clipped(column)} is more than one {{…}}"
    if column in fit.assignments:
        return f"{clipped(column)} is given twice"
    fit.assignments[column] = value if value.braces else value.text if value.pieces else None
    return ""
