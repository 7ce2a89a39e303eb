"""What does this line ask for?

Fits the words of a line to a form of its verb and reads its flags. It looks
nothing up: whether a model, a view or a variable exists is the magic's question.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mlops_magics.errors.request import BadLine, NotYet
from mlops_magics.errors.unknown import UnknownName

from .fitting import Assigned, best_fit
from .flags import Flag, Form, Verb
from .parsing import Token, tokenize
from .values import Value, clipped, read_value
from .verbs import VERBS

# `--` alone, `-1` and `->` are words
WRITTEN = re.compile(r"--[^\W\d_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a line asks for.

    Parameters
    ----------
    action : str
        Which form it is: the `action` of the verb's table.
    name : str or None
        The model, view or dataset that it names first.
    version : str or None
        As v2, a stage or latest, from `NAME@v2` or from the word `v2`.
    words : tuple of Token
        What stands at the form's other places: data, a file, an id, views.
    flags : mapping of str to value
        The flags given, by their Python names (`no_record`); True where a flag
        takes no value.
    assignments : mapping of str to str, Token or None
        COLUMN=VALUE: the text, None for `COLUMN=`, the token for `COLUMN={…}`.
    silent : bool
        Whether nothing is shown.

    Examples
    --------
    >>> request = parse("predict", "churn@v2 today --time event_time;")
    >>> request.name, request.version, request.words[0].text, request.text("time")
    ('churn', 'v2', 'today', 'event_time')
    """

    action: str
    name: str | None
    version: str | None
    words: tuple[Token, ...]
    flags: Mapping[str, Value]
    assignments: Mapping[str, Assigned]
    silent: bool

    def text(self, flag: str) -> str | None:
        """Return the value of a text, column, time, name or choice flag.

        Parameters
        ----------
        flag : str
            Its Python name.

        Returns
        -------
        str or None
            None where it was not given.
        """
        value = self.flags.get(flag)
        return value if isinstance(value, str) else None

    def names(self, flag: str) -> tuple[str, ...]:
        """Return the names of a list flag.

        Parameters
        ----------
        flag : str
            Its Python name.

        Returns
        -------
        tuple of str
            Empty where it was not given.
        """
        value = self.flags.get(flag)
        return value if isinstance(value, tuple) else ()

    def integer(self, flag: str) -> int | None:
        """Return the value of an integer flag, or a duration in microseconds.

        Parameters
        ----------
        flag : str
            Its Python name.

        Returns
        -------
        int or None
            None where it was not given.
        """
        value = self.flags.get(flag)
        return value if isinstance(value, int) else None

    def number(self, flag: str) -> float | None:
        """Return the value of a number flag.

        Parameters
        ----------
        flag : str
            Its Python name.

        Returns
        -------
        float or None
            None where it was not given.
        """
        value = self.flags.get(flag)
        return float(value) if isinstance(value, int | float) else None

    def data(self, flag: str) -> Token | None:
        """Return the token of a data flag, which the magic resolves.

        Parameters
        ----------
        flag : str
            Its Python name.

        Returns
        -------
        Token or None
            None where it was not given.
        """
        value = self.flags.get(flag)
        return value if isinstance(value, Token) else None

    def has(self, flag: str) -> bool:
        """Return whether a flag was given.

        Parameters
        ----------
        flag : str
            Its Python name.

        Returns
        -------
        bool
            True also where its value is empty.
        """
        return flag in self.flags


def parse(verb: str, line: str) -> Request:
    """Read a magic's line.

    Parameters
    ----------
    verb : str
        A key of `VERBS`: the magic's name, `%%features` for the cell magic.
    line : str
        What stands behind the magic's name.

    Returns
    -------
    Request
        What it asks for.

    Raises
    ------
    BadLine
        Words that fit no form; a flag twice, misplaced, missing or with a value
        that it does not take.
    UnknownName
        A flag or a word that the verb does not have.
    NotYet
        A form or flag of a later version.

    Examples
    --------
    >>> request = parse("predict", 'churn tenure=3 contract="Month to month" plan=')
    >>> request.action, dict(request.assignments)
    ('row', {'tenure': '3', 'contract': 'Month to month', 'plan': None})
    """
    table = VERBS[verb]
    if table.instead:
        raise NotYet(table.name, table.instead)
    tokens = tokenize(line)
    words, given = divide_flags(table, tokens.tokens)
    fit = best_fit(table, words, given)
    if fit.form.later:
        raise NotYet(f"{table.name} {fit.form.words}".removesuffix(" …"), fit.form.instead)
    for flag in given:
        if flag.later:
            raise NotYet(f"{table.name} --{flag.name}", flag.instead)
    return Request(
        action=fit.form.action,
        name=fit.name,
        version=fit.version,
        words=tuple(fit.words),
        flags=MappingProxyType(_read_flags(table, fit.form, given)),
        assignments=MappingProxyType(fit.assignments),
        silent=tokens.silent,
    )


def divide_flags(
    verb: Verb, tokens: Iterable[Token]
) -> tuple[list[Token], dict[Flag, Token | None]]:
    """Divide the tokens of a line into words and flags with what stands behind them.

    Parameters
    ----------
    verb : Verb
        Whose flags they are.
    tokens : iterable of Token
        All tokens of the line.

    Returns
    -------
    words : list of Token
        The words, in order.
    given : dict of Flag to Token or None
        The value of each flag; None where it takes none or the line ends.

    Raises
    ------
    UnknownName
        A flag that the verb does not have.
    BadLine
        A flag that is given twice.

    Examples
    --------
    >>> words, given = divide_flags(VERBS["train"], tokenize("--seed -1 churn").tokens)
    >>> words[0].text, [(flag.name, token.text) for flag, token in given.items()]
    ('churn', [('seed', '-1')])
    """
    words: list[Token] = []
    given: dict[Flag, Token | None] = {}
    rest = iter(tokens)
    for token in rest:
        if not is_flag(token):
            words.append(token)
            continue
        flag = verb.flag(token.text[2:])
        if flag is None:
            raise _unknown_flag(verb, token)
        if flag in given:
            raise BadLine(f"--{flag.name} is given twice", "give it once")
        given[flag] = next(rest, None) if flag.kind else None
    return words, given


def is_flag(token: Token) -> bool:
    """Tell whether a token is written as a flag: two dashes and a letter, unquoted.

    Parameters
    ----------
    token : Token
        Any token.

    Returns
    -------
    bool
        False for `--`, `-1` and `->`, which are words.

    Examples
    --------
    >>> [is_flag(token) for token in tokenize('--seed -- -1 -> "--seed"').tokens]
    [True, False, False, False, False]
    """
    first = token.pieces[0]
    return first.kind == "plain" and WRITTEN.match(first.text) is not None


def _unknown_flag(verb: Verb, token: Token) -> BadLine | UnknownName:
    name, equals, _ = token.text.partition("=")
    if equals and verb.flag(name[2:]):
        return BadLine(
            f"{clipped(token.text)} has a '='", f"write {name} and its value, with a blank"
        )
    known = [f"--{flag.name}" for flag in verb.open_flags]
    return UnknownName("flag", token.text[:60], known, verb.usage())


def _read_flags(verb: Verb, form: Form, given: dict[Flag, Token | None]) -> dict[str, Value]:
    usage = verb.form_usage(form)
    values: dict[str, Value] = {}
    for flag, token in given.items():
        if flag.name not in form.needs + form.takes:
            raise BadLine(f"--{flag.name} does not belong to this form", usage)
        if flag.kind is None:
            values[flag.key] = True
        elif token is None:
            raise BadLine(f"--{flag.name} lacks its value", usage)
        else:
            values[flag.key] = read_value(flag, token, usage)
    for name in form.needs:
        if not any(flag.name == name for flag in given):
            raise BadLine(f"--{name} is missing", usage)
    return values
