"""What are the texts of a CSV file?

Numbers, times, true and false where every value of a column is one beyond doubt.
Else a text: and where most of it looks like numbers or days, that is said, with
the expression that reads them. Nothing is guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .csv_advice import read_as_number, read_as_time
from .csv_looks import Looks, example_of, is_word, looks_of
from .kinds import rounded
from .moments import no_zone
from .quoting import identifier, literal

TIMES = frozenset(["day", "naive", "zoned"])
COUNTING = ("integer", "long", "number", "padded", "grouped", "comma", "dressed")
# How the texts of a column are read once it is known what they are.
AS_SQL = {
    "nothing": "CAST(NULL AS DOUBLE)",
    "integer": "TRY_CAST({} AS BIGINT)",
    "number": "TRY_CAST({} AS DOUBLE)",
    "boolean": "TRY_CAST(trim({}) AS BOOLEAN)",
    "time": "TRY_CAST({} AS TIMESTAMPTZ)",
    "comma": "TRY_CAST(replace({}, ',', '.') AS DOUBLE)",
}


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """How the texts of one column are read, in SQL, and what is said of it."""

    sql: str
    repairs: tuple[str, ...] = ()


def typed(cursor: Any, names: Sequence[str]) -> list[TypedColumn]:
    """Tell how each column of the table `csv` is read.

    Parameters
    ----------
    cursor : DuckDBPyConnection
        Has the table `csv` with the texts c0, c1, …
    names : sequence of str
        What the columns are called, for what is said.

    Returns
    -------
    list of TypedColumn
        One a column, in order.
    """
    columns = [f"c{place}" for place in range(len(names))]
    looks = looks_of(cursor, columns)
    return [
        _Texts(cursor, name, column, looks[column]).typed()
        for name, column in zip(names, columns, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts of one column: what it is called, where they are, and how they look."""

    cursor: Any
    name: str
    column: str
    all_looks: Looks

    def typed(self) -> TypedColumn:
        kind = self._kind()
        if kind is None:
            return TypedColumn(self.column, (*self._suspicions(), *self._kept_words()))
        said = (*self._missing_words(), *self._said(kind))
        return TypedColumn(AS_SQL[kind].format(self.column), said)

    @property
    def looks(self) -> Looks:
        """Without the words that mean no value."""
        return {look: count for look, count in self.all_looks.items() if look != "word"}

    def _kind(self) -> str | None:
        """Return what all values are beyond doubt, None for texts."""
        found = self.looks.keys()
        if not found:
            return "nothing"
        if found <= {"integer", "long"}:
            return None if "long" in found and self._failing("BIGINT") else "integer"
        if found <= {"integer", "long", "number", "infinite"} and found != {"infinite"}:
            return "number"
        if found == {"boolean"}:
            return "boolean"
        if found <= TIMES:
            return None if self._failing("TIMESTAMPTZ") else "time"
        # 9,99 says that the comma stands before decimals; 1,234 alone says nothing
        if "comma" in found and found <= {"integer", "comma", "grouped"}:
            return "comma"
        return None

    def _failing(self, kind: str) -> int:
        """Return how many values no cast reads: the 30th of February, the 20th digit."""
        text = f"trim({self.column})"
        return self._count(f"NOT {is_word(text)} AND TRY_CAST({text} AS {kind}) IS NULL")

    def _count(self, condition: str) -> int:
        query = f"SELECT count({self.column}) FROM csv WHERE {condition}"  # noqa: S608 - ours
        return int(self.cursor.execute(query).fetchone()[0])

    def _said(self, kind: str) -> tuple[str, ...]:
        """Return what is said of a column that is no text."""
        if kind == "time" and "naive" in self.looks:
            return (no_zone(self.name),)
        if kind == "number" and "long" in self.looks:
            whole = f"TRY_CAST({self.column} AS HUGEINT)"
            number = f"TRY_CAST(TRY_CAST({self.column} AS DOUBLE) AS HUGEINT)"
            is_long = f"regexp_full_match(trim({self.column}), '[+-]?[0-9]+')"
            return rounded(
                self.name, self._count(f"{is_long} AND {whole} IS DISTINCT FROM {number}")
            )
        if kind == "comma":
            rows = _rows(self.looks["comma"] + self.looks.get("grouped", 0))
            example = example_of(self.cursor, self.column, "comma")
            return (f"{self.name!r} has decimal commas in {rows} ({example!r}): read so",)
        return ()

    def _missing_words(self) -> tuple[str, ...]:
        count = self.all_looks.get("word", 0)
        if not count:
            return ()
        text = f"trim({self.column})"
        query = f"SELECT DISTINCT {text} FROM csv WHERE {is_word(text)} ORDER BY 1 LIMIT 3"  # noqa: S608
        words = ", ".join(repr(row[0]) for row in self.cursor.execute(query).fetchall())
        noun = "value" if count == 1 else "values"
        return (f"{count:,} {noun} in {self.name!r} read as missing ({words})",)

    def _kept_words(self) -> tuple[str, ...]:
        """Return what is said of words for no value among texts, where they may be names."""
        if "word" not in self.all_looks:
            return ()
        word = example_of(self.cursor, self.column, "word")
        rows = _rows(self.all_looks["word"])
        fix = f"NULLIF({identifier(self.name)}, {literal(word)})"
        return (f"{self.name!r} holds {word!r} in {rows}: read as a text, {fix} makes it missing",)

    def _suspicions(self) -> tuple[str, ...]:
        """Return what is said of texts that may be something else."""
        found, total = self.looks.keys(), sum(self.looks.values())
        numbers = sum(self.looks.get(look, 0) for look in COUNTING)
        days = sum(self.looks.get(look, 0) for look in (*TIMES, "written"))
        if found <= {"integer", "long"}:
            return (f"{self.name!r} has integers beyond 64 bits: read as text",)
        if found <= {"integer", "long", "padded"}:
            rows, example = (
                _rows(self.looks["padded"]),
                example_of(self.cursor, self.column, "padded"),
            )
            return (f"{self.name!r} has leading zeros in {rows} ({example!r}): read as text",)
        place = (self.cursor, self.name, self.column)
        if days > total / 2:
            said = f"{self.name!r} looks like a time in {days:,} of {total:,} rows: read as text"
            return (f"{said}, {read_as_time(*place)}",)
        if numbers > total / 2:
            said = (
                f"{self.name!r} looks like a number in {numbers:,} of {total:,} rows: read as text"
            )
            return (f"{said}, {read_as_number(*place)}",)
        return ()


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
