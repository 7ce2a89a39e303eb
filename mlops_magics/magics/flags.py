"""What can be said to a magic?

The words of the flag table: a verb has forms and flags, and writes its usage
and its help from them. It holds no verb (`verbs`), reads no line (`request`)
and no value (`values`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "integer", "number", "duration", "names", "choice", "data", "time", "column", "name", "text"
]


# An error must stay one line that is read.
LONGEST_USAGE = 400


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag of a verb, as it is read and as help shows it.

    Parameters
    ----------
    name : str
        Its name behind the two dashes.
    kind : str or None
        How its value is read; None: it takes none.
    help : str
        What it does, in half a line.
    shown : str, default=""
        How help writes its value.
    choices : tuple of str, default=()
        The possible values of a choice.
    least : int, default=0
        The smallest possible integer.
    instead : str, default=""
        Of a flag that this version does not have: what to do instead.

    Examples
    --------
    >>> Flag("ttl", "duration", "older values count as missing", "90d").usage
    '--ttl 90d'
    """

    name: str
    kind: Kind | None
    help: str
    shown: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    instead: str = ""

    @property
    def later(self) -> bool:
        """Whether the flag belongs to a later version."""
        return bool(self.instead)

    @property
    def key(self) -> str:
        """Name of the Python argument that means the same."""
        return self.name.replace("-", "_")

    @property
    def usage(self) -> str:
        """The flag with its value, as help writes it."""
        return f"--{self.name} {self.shown or '|'.join(self.choices)}".rstrip()


@dataclass(frozen=True, slots=True)
class Form:
    """One way to use a verb.

    Parameters
    ----------
    action : str
        What the magic is asked to do; unique within the verb.
    words : str
        Its words, divided by blanks. Small letters are words of the magic; the
        others are places, which `request` lists.
    help : str
        What it does, in half a line.
    example : str, default=""
        A line behind the magic's name.
    needs : tuple of str, default=()
        Names of the flags that it cannot do without.
    takes : tuple of str, default=()
        Names of the flags that it may have.
    instead : str, default=""
        Of a form that this version does not have: what to do instead.

    Examples
    --------
    >>> Form("promote", "NAME promote vN", "runs the gates", takes=("stage",)).places
    ('NAME', 'promote', 'vN')
    """

    action: str
    words: str
    help: str
    example: str = ""
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    instead: str = ""

    @property
    def later(self) -> bool:
        """Whether the form belongs to a later version."""
        return bool(self.instead)

    @property
    def places(self) -> tuple[str, ...]:
        """The words and places, in order."""
        return tuple(self.words.split())


@dataclass(frozen=True, slots=True)
class Verb:
    """One magic: its forms and its flags.

    Parameters
    ----------
    name : str
        As it is typed, with `%` or `%%`.
    help : str
        What it is for, in half a line.
    forms : tuple of Form
        The ways to use it; where two fit a line, the first counts.
    flags : tuple of Flag
        The flags of all forms, also those of later versions.
    instead : str, default=""
        Of a verb that this version does not have: what to do instead.

    Examples
    --------
    >>> stage = Flag("stage", "choice", "where to", choices=("staging", "production"))
    >>> promote = Form("promote", "NAME promote vN", "runs the gates", takes=("stage",))
    >>> Verb("%model", "models", (promote,), (stage,)).usage()
    '%model NAME promote vN [--stage staging|production]'
    """

    name: str
    help: str
    forms: tuple[Form, ...]
    flags: tuple[Flag, ...]
    instead: str = ""

    @property
    def open_forms(self) -> tuple[Form, ...]:
        """The forms that this version has."""
        return tuple(form for form in self.forms if not form.later)

    @property
    def open_flags(self) -> tuple[Flag, ...]:
        """The flags that this version has."""
        return tuple(flag for flag in self.flags if not flag.later)

    def flag(self, name: str) -> Flag | None:
        """Find a flag.

        Parameters
        ----------
        name : str
            Its name, without the dashes.

        Returns
        -------
        Flag or None
            None where the verb has no such flag.
        """
        return next((flag for flag in self.flags if flag.name == name), None)

    def form_usage(self, form: Form) -> str:
        """Write one form with its flags.

        Parameters
        ----------
        form : Form
            One of this verb.

        Returns
        -------
        str
            As `%verb words --needed X [--possible Y]`.
        """
        return f"{self.name} {self._arguments(form)}".rstrip()

    def usage(self) -> str:
        """Write all forms that this version has.

        Returns
        -------
        str
            One line; of a verb of very many forms their words alone, and where the rest is.
        """
        ways = [self._arguments(form) for form in self.open_forms]
        said = " | ".join(way for way in ways if way)
        if len(said) > LONGEST_USAGE:
            words = [word for form in self.open_forms for word in form.places[1:2]]
            listed = "|".join(dict.fromkeys(words))
            return f"{self.name} NAME [{listed}] …, each as {self.name}? shows it"
        return f"{self.name} [{said}]" if "" in ways else f"{self.name} {said}".rstrip()

    def help_text(self) -> str:
        """Write the help of the verb.

        Returns
        -------
        str
            Its forms with examples and its flags, without those of later versions.
        """
        parts = [f"{self.name}: {self.help}"]
        for form in self.open_forms:
            parts.append(f"{self.form_usage(form)}\n    {form.help}")
            if form.example:
                parts[-1] += f"\n    example: {self.name} {form.example}"
        flags = self.open_flags
        if flags:
            width = max(len(flag.usage) for flag in flags)
            lines = [f"    {flag.usage:<{width}}  {flag.help}" for flag in flags]
            parts.append("\n".join(["Flags, which may stand anywhere in the line", *lines]))
        return "\n\n".join(parts)

    def _arguments(self, form: Form) -> str:
        needed = [flag.usage for flag in self._named(form.needs)]
        possible = [f"[{flag.usage}]" for flag in self._named(form.takes)]
        return " ".join([form.words, *needed, *possible]).strip()

    def _named(self, names: Iterable[str]) -> list[Flag]:
        return [flag for flag in map(self.flag, names) if flag]
