"""What may stand at the cursor?

Words, flags and names, by the verb and the place, from the table that lines are
read by. It knows only the names that it is given: it opens no workspace and
does not know IPython. What it returns replaces `fragment`, the token at the
cursor.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mlops_magics.errors.error import MLOpsError

from .fitting import STAGES, Fit, fit_words
from .flags import Flag, Verb
from .parsing import Token, quote, tokenize
from .request import divide_flags
from .verbs import MAGIC_WORDS, VERBS

# also behind an assignment, `x = %train …` or `a, b = %train …`
LINE = re.compile(r"\s*(?:[^=%#]+=\s*)?(%%?)([a-z]+)\s(.*)", re.DOTALL)
# stands for the cursor: a letter that Python takes in a name and nobody types
CURSOR = "ꙮ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that can be completed now.

    Parameters
    ----------
    models : tuple of str
        Model names.
    versions : mapping of str to tuple of str
        Versions of each model, as v1, v2.
    stages : tuple of str
        The stages that a version can be asked for by.
    views, datasets : tuple of str
        Feature views and uploaded tables.
    variables : tuple of str
        The notebook's variables that a line may name as data.
    frames, parameters : tuple of str
        Those that are tables, and those that a query may bind as `$name`.
    columns : mapping of str to tuple of str
        Columns of each variable, dataset and view.
    inputs, keys : mapping of str to tuple of str
        What a row for each model can name, and what names an entity of each view.

    Examples
    --------
    >>> Names(models=("churn",)).views
    ()
    """

    models: tuple[str, ...] = ()
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stages: tuple[str, ...] = STAGES
    views: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """A line up to the cursor: what stands before, and the token under it."""

    verb: Verb
    before: tuple[Token, ...]
    token: Token
    fragment: str


def fragment(text: str) -> str:
    """Return the part of the line that a completion replaces.

    Parameters
    ----------
    text : str
        The line up to the cursor.

    Returns
    -------
    str
        The token at the cursor, as it is written; empty behind a blank.

    Examples
    --------
    >>> fragment('x = %train churn --exclude "Monthly charges",ten')
    '"Monthly charges",ten'
    """
    cursor = _read(text)
    return cursor.fragment if cursor else ""


def complete(text: str, names: Names) -> list[str]:
    """List what may stand at the cursor, as it is to be written.

    Parameters
    ----------
    text : str
        The line up to the cursor.
    names : Names
        The names that can be completed.

    Returns
    -------
    list of str
        Each replaces `fragment(text)`; empty where the line is none of ours, is
        wrong already, or nothing is known.

    Examples
    --------
    >>> complete("job = %train churn --da", Names())
    ['--data']
    >>> complete("%model churn@v", Names(models=("churn",), versions={"churn": ("v1", "v2")}))
    ['churn@v1', 'churn@v2']
    """
    cursor = _read(text)
    if cursor is None:
        return []
    try:
        words, given = divide_flags(cursor.verb, cursor.before)
    except MLOpsError:
        return []
    flags = list(given)
    if flags and flags[-1].kind and given[flags[-1]] is None:
        return _flag_values(cursor, flags[-1], words, given, names)
    fits = [fit_words(form, words) for form in cursor.verb.open_forms]
    found = _places(cursor, fits, words, names)
    if cursor.fragment == "" or cursor.fragment.startswith("-"):
        found += _flags_left(cursor, fits, flags)
    return list(dict.fromkeys(found))


def _read(text: str) -> _Cursor | None:
    line = LINE.fullmatch(text)
    if line is None:
        return None
    name = f"%%{line[2]}" if line[1] == "%%" else line[2]
    verb = VERBS.get(name)
    if verb is None or verb.instead:
        return None
    for closing in ("", '"', "'", "}"):  # the cursor may stand inside quotes or braces
        try:
            tokens = tokenize(line[3] + CURSOR + closing).tokens
        except MLOpsError:
            continue
        if not tokens or not tokens[-1].text.endswith(CURSOR):
            return None  # behind a comment
        return _Cursor(verb, tokens[:-1], tokens[-1], line[3][tokens[-1].position :])
    return None


def _flag_values(
    cursor: _Cursor,
    flag: Flag,
    words: list[Token],
    given: Mapping[Flag, Token | None],
    names: Names,
) -> list[str]:
    match flag.kind:
        case "choice":
            return _starting(cursor.token, flag.choices)
        case "data":
            return _tables(cursor.token, names)
        case "names" if flag.name == "features":
            return _list_items(cursor.token, names.views, names)
        case "names":
            return _list_items(cursor.token, _columns(cursor.verb, words, given, names), names)
        case "column":
            return _starting(cursor.token, _columns(cursor.verb, words, given, names))
        case _:
            return []


def _places(cursor: _Cursor, fits: Iterable[Fit], words: list[Token], names: Names) -> list[str]:
    found: list[str] = []
    for fit in fits:
        if fit.reached < len(words) or not fit.wanted:
            continue
        place = fit.wanted
        if place in MAGIC_WORDS:
            found += _starting(cursor.token, [place])
        elif place in ("vN", "vM"):
            found += _starting(cursor.token, names.versions.get(fit.name or "", ()))
        elif place in ("NAME", "NAME[@vN]", "NAME@vN"):
            found += _models(cursor, names)
        elif place == "VIEW":
            found += _starting(cursor.token, names.views)
        elif place == "VIEW,…":
            found += _list_items(cursor.token, names.views, names)
        elif place == "DATA":
            found += _tables(cursor.token, names)
        elif place.endswith("=VALUE…"):
            named = names.keys if place.startswith("KEY") else names.inputs
            columns = named.get(fit.name or "", ())
            left = [column for column in columns if column not in fit.assignments]
            found += [f"{column}=" for column in _starting(cursor.token, left)]
    return found


def _models(cursor: _Cursor, names: Names) -> list[str]:
    if cursor.verb.name in ("%workspace", "%%features"):
        return []  # the name is a new one
    if "@" not in cursor.fragment:
        return _starting(cursor.token, names.models)
    model = cursor.fragment.partition("@")[0]
    versions = (*names.versions.get(model, ()), "latest", *names.stages)
    return _starting(cursor.token, [f"{model}@{version}" for version in versions])


def _flags_left(cursor: _Cursor, fits: Iterable[Fit], given: Iterable[Flag]) -> list[str]:
    used = {flag.name for flag in given}
    possible = {
        name
        for fit in fits
        # asked for by a dash, also those of forms whose words are not all there yet
        if not fit.problem or (cursor.fragment and fit.problem.endswith("is missing"))
        for name in fit.form.needs + fit.form.takes
    }
    flags = [flag.name for flag in cursor.verb.open_flags if flag.name in possible - used]
    return [f"--{name}" for name in flags if f"--{name}".startswith(cursor.fragment)]


def _tables(token: Token, names: Names) -> list[str]:
    if token.braces:
        return [f"{{{name}}}" for name in _starting(token, names.variables)]
    stored = [("dataset", name) for name in names.datasets]
    stored += [("view", name) for name in names.views]
    shared = set(names.variables).intersection(name for _, name in stored)
    # a bare word that is both is an error: then each is offered as what it is
    bare = [name for name in names.variables if name not in shared]
    bare += [name for _, name in stored if name not in shared]
    found = [f"{{{name}}}" for name in _starting(token, sorted(shared))]
    said = [f"{kind}:{name}" for kind, name in stored]
    if ":" not in token.text:
        said = [f"{kind}:{name}" for kind, name in stored if name in shared]
    return [*_starting(token, bare), *found, *_starting(token, said)]


def _columns(
    verb: Verb, words: list[Token], given: Mapping[Flag, Token | None], names: Names
) -> list[str]:
    tables = [token for flag, token in given.items() if flag.kind == "data" and token]
    if verb.name in ("%predict", "%monitor"):
        tables += words[1:]
    named = [token.text.removeprefix("dataset:").removeprefix("view:") for token in tables]
    known = [name for name in named if name in names.columns]
    wanted = known or ([] if named else list(names.columns))
    return list(dict.fromkeys(column for name in wanted for column in names.columns[name]))


def _starting(token: Token, candidates: Iterable[str]) -> list[str]:
    stem = token.text.removesuffix(CURSOR).casefold()
    return [quote(name) for name in candidates if name.casefold().startswith(stem)]


def _list_items(token: Token, candidates: Iterable[str], names: Names) -> list[str]:
    *earlier, last = token.items()
    head = "".join(f"{quote(item.text)}," for item in earlier)
    taken = {item.text for item in earlier}
    view, colon, _ = last.text.removesuffix(CURSOR).partition(":")
    if colon:
        candidates = [f"{view}:{column}" for column in names.columns.get(view, ())]
    return [head + name for name in _starting(last, candidates) if name not in taken]
