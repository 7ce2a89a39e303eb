"""What is to be learned, and from which columns?

Infers the task, gives the target as numbers, and decides which columns a model
takes. What it leaves out, it says.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.tables import EmptyTable, UnusableColumn
from mlops_magics.model.signature import Class
from mlops_magics.tables.table import Column, Table

from .spec import Task, TrainingSpec

# Integers of at most so many values are classes (ratings, codes); more are a number.
MOST_CLASSES_OF_INTEGERS = 20
MOST_CLASSES = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """What is learned, as numbers.

    Attributes
    ----------
    task : str
        binary, multiclass or regression.
    classes : tuple of value
        In their own type, in order; empty for regression.
    values : array, shape (n,)
        Codes of classes as int64, or numbers as float64.
    kind : str
        Kind of the column.
    said : str
        How the task was found.
    """

    task: Task
    classes: tuple[Class, ...]
    values: NDArray[np.int64] | NDArray[np.float64]
    kind: str
    said: str


def labelled(table: Table, spec: TrainingSpec) -> tuple[Table, str | None]:
    """Return the rows that have a target, and how many had none.

    Parameters
    ----------
    table : Table
        All rows.
    spec : TrainingSpec
        Names the target.

    Returns
    -------
    tuple of (Table, str or None)
        The rows to use, and what to say of the others.

    Raises
    ------
    MissingColumn
        If there is no such column.
    UnusableColumn
        If every value is missing, some are infinite, or they are of mixed types: 1
        and "1" may be one class or two.
    """
    column = table.column(spec.target, f"%train {spec.model_id} --target with one of its columns")
    for line in table.repairs:
        if f"in {spec.target!r}" in line and "infinite" in line:
            step = "replace the infinite values, or leave these rows out"
            raise UnusableColumn(spec.target, "has infinite values and is the target", step)
        if line.startswith(f"{spec.target!r} mixes "):
            problem = line.removeprefix(f"{spec.target!r} ").partition(":")[0]
            step = "make its values of one kind, such as df[target].astype(str)"
            raise UnusableColumn(spec.target, f"{problem} and is the target", step)
    lost = int(column.missing.sum())
    if lost == len(column):
        raise UnusableColumn(spec.target, "has no value in any row", "choose another target")
    if not lost:
        return table, None
    noun = "row has" if lost == 1 else "rows have"
    return table.take(~column.missing), f"{lost:,} {noun} no {spec.target} and were left out"


def read_target(column: Column, spec: TrainingSpec) -> Target:
    """Return the target as numbers.

    Parameters
    ----------
    column : Column
        Without missing values.
    spec : TrainingSpec
        May name the task.

    Returns
    -------
    Target
        Two values are binary; text, boolean, category and integers of at most 20
        values are multiclass; all else is regression.

    Raises
    ------
    UnusableColumn
        If there is one class only, or the task does not fit.
    """
    distinct, codes = np.unique(column.values, return_inverse=True)
    if len(distinct) == 1:
        only = column.to_list()[0]
        problem = f"is {only!r} in every row: there is nothing to tell apart"
        raise UnusableColumn(spec.target, problem, "choose another target, or add other rows")
    task, said = _task(column, len(distinct), spec)
    if task == "regression":
        if column.stored_in not in ("float64", "int64", "bool"):
            problem = f"is {column.kind} and cannot be a regression's target"
            raise UnusableColumn(spec.target, problem, "leave --task out, or choose a number")
        floats = column.to_floats()
        return Target(task=task, classes=(), values=floats, kind=column.kind, said=said)
    if (task == "binary") != (len(distinct) == 2):
        problem = f"has {len(distinct)} values and cannot be {task}"
        raise UnusableColumn(spec.target, problem, "leave --task out")
    if len(distinct) > MOST_CLASSES:
        problem = f"has {len(distinct):,} classes; at most {MOST_CLASSES} can be learned"
        raise UnusableColumn(spec.target, problem, "group them, or choose a number as target")
    whole = Column(column.kind, distinct, np.zeros(len(distinct), bool))
    classes = tuple(value for value in whole.to_list() if not hasattr(value, "isoformat"))
    if len(classes) != len(distinct):
        problem = "is a time and cannot be a class"
        raise UnusableColumn(spec.target, problem, "make it a number, such as days until then")
    return Target(
        task=task,
        classes=classes,  # type: ignore[arg-type]
        values=codes.astype(np.int64),
        kind=column.kind,
        said=said,
    )


def _task(column: Column, distinct: int, spec: TrainingSpec) -> tuple[Task, str]:
    if spec.task is not None:
        if spec.task not in ("binary", "multiclass", "regression"):
            raise BadArgument("task", spec.task, "binary, multiclass or regression")
        return spec.task, f"{spec.task}, as asked"
    if distinct == 2:
        return "binary", f"binary: {spec.target} has two values"
    is_number = column.stored_in == "float64"
    is_many = column.stored_in == "int64" and distinct > MOST_CLASSES_OF_INTEGERS
    if is_number or is_many or column.kind == "time":
        said = f"regression: {spec.target} is a number with {distinct:,} values"
        return "regression", f"{said} (--task changes that)"
    said = f"multiclass: {spec.target} has {distinct} values (--task changes that)"
    return "multiclass", said


def choose_columns(table: Table, spec: TrainingSpec) -> tuple[Table, dict[str, str]]:
    """Return the columns that a model takes, and why each other one is left out.

    Parameters
    ----------
    table : Table
        All columns.
    spec : TrainingSpec
        Names the target, and what to use or leave out.

    Returns
    -------
    tuple of (Table, dict of str to str)
        The features, and reasons by name.

    Raises
    ------
    MissingColumn
        If a column that is named is not there.
    UnusableColumn
        If the target is among the columns to learn from.
    EmptyTable
        If none is left.
    """
    for name in (*(spec.columns or ()), *spec.exclude):
        table.column(name, f"%train {spec.model_id} with columns of the table")
    if spec.target in (spec.columns or ()):
        problem = "is the target and cannot be learned from"
        raise UnusableColumn(spec.target, problem, "leave it out of --columns")
    left_out: dict[str, str] = {}
    used = []
    for name, column in table.columns.items():
        if name == spec.target:
            continue
        reason = _reason(name, column, spec)
        if reason is None:
            used.append(name)
        elif spec.columns is None or name in spec.columns:
            left_out[name] = reason
    if not used:
        listed = "; ".join(f"{name}: {reason}" for name, reason in list(left_out.items())[:4])
        step = f"name columns with --columns ({listed or 'there is the target alone'})"
        raise EmptyTable("the table", "column to learn from", step)
    return table.select(used), left_out


def _reason(name: str, column: Column, spec: TrainingSpec) -> str | None:
    """Return why a column is left out, or None."""
    if name in spec.exclude:
        return "excluded"
    if spec.columns is not None and name not in spec.columns:
        return "not among --columns"
    if column.missing.all():
        return "no value in any row"
    if spec.columns is not None:
        return None
    if name == spec.time:
        return "says when"
    if name == spec.group:
        return "names the entity; the split is by it"
    if column.kind == "identifier":
        return "an identifier"
    values = column.values[~column.missing]
    if not column.missing.any() and bool((values == values[0]).all()):
        return "one value in every row"
    return None
