"""A user's own kind of table goes in by name, and what comes out is of the same kind."""

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest


def customers(count=120):
    chance = np.random.default_rng(7)
    tenure = chance.integers(0, 72, count)
    return {
        "customer_id": list(range(count)),
        "tenure": tenure.tolist(),
        "contract": chance.choice(["monthly", "yearly"], count).tolist(),
        "churned": np.where(tenure < 30, "yes", "no").tolist(),
    }


@pytest.fixture
def run(shell):
    """Run a cell, which must not fail, and return the value of a variable."""

    def run(cell, name=None):
        outcome = shell.run_cell(cell)
        assert outcome.success, outcome.error_in_exec
        return shell.user_ns.get(name)

    return run


def test_predictions_come_back_as_the_kind_of_table_that_was_given(shell, run, tmp_path):
    rows = customers()
    frame = pd.DataFrame(rows).set_index(pd.Index([f"r{i}" for i in range(120)], name="row"))
    shell.user_ns |= {
        "df_polars": pl.DataFrame(rows),
        "df_lazy": pl.LazyFrame(rows),
        "df_arrow": pa.table(rows),
        "stream": pa.table(rows).to_reader(),
        "relation": duckdb.connect().from_arrow(pa.table(rows)),
        "frame": frame,
        "lists": rows,
    }
    run("%train churn --data df_polars --target churned --exclude customer_id")

    given = {name: type(shell.user_ns[name]) for name in ("df_polars", "df_arrow", "frame")}
    found = {name: run(f"scored = %predict churn {name}", "scored") for name in given}
    assert {name: type(scored) for name, scored in found.items()} == given
    assert found["frame"].index.equals(frame.index)

    columns = ["prediction", "confidence", "p(no)", "p(yes)", "request_id"]
    assert found["df_polars"].columns == found["df_arrow"].column_names == columns
    answers = found["frame"]["prediction"].tolist()
    assert found["df_polars"]["prediction"].to_list() == answers
    assert type(run("scored = %predict churn df_lazy", "scored")) is pl.DataFrame
    assert type(run("scored = %predict churn stream", "scored")) is pa.Table
    file = tmp_path / "to day.csv"
    frame.to_csv(file, index=False)
    for word in ("relation", "lists", f'"{file}"'):
        scored = run(f"scored = %predict churn {word}", "scored")
        assert type(scored) is pd.DataFrame
        assert scored["prediction"].tolist() == answers
        assert scored.index.equals(pd.RangeIndex(120))


@pytest.mark.parametrize("library", [pl.DataFrame, pa.table, pd.DataFrame])
def test_a_spine_comes_back_with_its_features_as_the_kind_of_table_that_it_was(shell, run, library):
    shell.user_ns["usage"] = library({"user": [1, 2], "minutes": [10, None]})
    shell.user_ns["spine"] = library({"user": [2, 1, 3], "wanted": ["a", "b", "c"]})
    run("%features usage_view --data usage --key user")

    joined = run("joined = %features join usage_view --spine spine", "joined")

    assert type(joined) is type(shell.user_ns["spine"])
    frame = joined if isinstance(joined, pd.DataFrame) else joined.to_pandas()
    assert frame["wanted"].tolist() == ["a", "b", "c"]
    assert frame["minutes"].isna().tolist() == [True, False, True]


def test_a_features_cell_sees_tables_of_every_library_by_name(shell, run):
    seen = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    shell.user_ns |= {
        "people": pl.DataFrame({"id_": [1, 2], "Name": ["Zoë", "Ada"]}),
        "lazy": pl.LazyFrame({"id_": [1, 2], "n": [3, 4]}),
        "times": pa.table({"id_": [1, 2], "seen": pa.array([seen, seen])}),
        "flags": duckdb.connect().sql("SELECT 1 AS id_, true AS flag"),
    }

    view = run(
        "%%features seen --key id_ --time seen --out rows\n"
        "SELECT id_, seen, Name, n, flag, sum(n) OVER () AS total\n"
        "FROM people JOIN lazy USING (id_) JOIN times USING (id_) LEFT JOIN flags USING (id_)\n"
        "ORDER BY id_ -- by person;\n;",
        "rows",
    )

    assert view["Name"].tolist() == ["Zoë", "Ada"]
    assert view["flag"].isna().tolist() == [False, True]
    assert view["total"].tolist() == [7, 7]
    assert view["total"].dtype == "int64"  # a sum is no float


@pytest.mark.parametrize("name", ["polars", "arrow", "file"])
def test_every_kind_of_table_is_uploaded_by_its_name_or_its_quoted_path(shell, run, name, tmp_path):
    rows = {"a": [1, 2], "b": ["x", None]}
    file = tmp_path / "my rows.jsonl"
    file.write_text('{"a": 1, "b": "x"}\n{"a": 2, "b": null}\n')
    shell.user_ns |= {"polars": pl.DataFrame(rows), "arrow": pa.table(rows)}

    data = f'"{file}"' if name == "file" else name

    stored = run(f"stored = %workspace upload kept {data}", "stored")

    assert stored.message == "kept: 2 rows, 2 columns"
    view = run("%%features v --key a --out found\nSELECT * FROM kept", "found")
    assert view["b"].tolist()[0] == "x"


def test_a_misspelt_variable_is_answered_with_the_polars_frame_that_it_resembles(shell):
    shell.user_ns["telco"] = pl.DataFrame({"a": [1]})

    outcome = shell.run_cell("%workspace upload kept tleco")

    assert str(outcome.error_in_exec).startswith(
        "no variable, dataset or view named 'tleco'. Did you mean 'telco'?"
    )


def test_a_column_that_holds_lists_is_refused_by_name_and_nothing_is_stored(shell):
    shell.user_ns["listed"] = pl.DataFrame({"a": [1], "l": [[1, 2]]})

    outcome = shell.run_cell("%workspace upload kept listed")

    assert str(outcome.error_in_exec) == (
        "column 'l' holds lists. Next: leave it out, or give what is inside columns of their own"
    )
    assert not (shell.run_cell("seen = %workspace ;").error_in_exec)
    assert shell.user_ns["seen"].dataset_count == 0
