"""What comes in is checked column by column, with counts, and nothing is guessed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.errors.tables import MissingColumns, UnusableColumn, UnusableColumns
from mlops_magics.inference.findings import Finding, merge
from mlops_magics.inference.validation import inspect, validate
from mlops_magics.model.signature import Feature, Signature
from mlops_magics.tables.reading import read_table

SIGNATURE = Signature(
    features=(
        Feature(name="age", kind="integer", low=18, high=90, whole=True),
        Feature(name="income", kind="number", low=0.0, high=9.5, missing_seen=True),
        Feature(name="plan", kind="category", levels=("a", "b")),
        Feature(name="vip", kind="boolean"),
        Feature(name="since", kind="time", low=0, high=10**15),
    ),
    target="y",
    task="binary",
    classes=("no", "yes"),
    target_kind="category",
)
GOOD = {
    "age": [20, 30],
    "income": [1.5, None],
    "plan": ["a", "b"],
    "vip": [True, False],
    "since": pd.to_datetime(["2001-01-01", "2001-02-01"], utc=True).tolist(),
}


def found(rows):
    return {(f.column, f.problem): f.count for f in inspect(SIGNATURE, read_table(rows)).findings}


def test_good_rows_have_no_findings_and_their_kinds_are_those_of_training():
    checked = validate(SIGNATURE, read_table(GOOD | {"more": [1, 2], "y": ["no", "yes"]}))

    assert checked.findings == ()
    assert checked.ignored == ("more", "y")
    assert checked.table.names == SIGNATURE.names
    kinds = [column.kind for column in checked.table.columns.values()]
    assert kinds == [feature.kind for feature in SIGNATURE.features]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"age": [None, 30]}, {("age", "missing"): 1}),
        ({"income": [None, None]}, {}),
        ({"age": [17, 91]}, {("age", "outside"): 2}),
        ({"plan": ["c", "a"]}, {("plan", "unseen"): 1}),
        ({"plan": [7, 8]}, {("plan", "unseen"): 2}),
        ({"age": ["20", "thirty"]}, {("age", "unusable"): 1}),
        ({"vip": ["yes", "maybe"]}, {("vip", "unusable"): 1}),
        ({"since": ["2001-01-01", "yesterday"]}, {("since", "unusable"): 1}),
        ({"income": [float("inf"), 1.0]}, {}),
    ],
)
def test_each_kind_of_trouble_is_counted_in_its_column(change, expected):
    assert found(GOOD | change) == expected


def test_all_columns_that_are_missing_are_named_at_once():
    with pytest.raises(MissingColumns) as refused:
        validate(SIGNATURE, read_table({"age": [1], "vip": [True]}))

    assert str(refused.value) == (
        "no columns 'income', 'plan', 'since' in the rows. "
        "Next: add them; COLUMN= says that a value is missing"
    )


def test_all_columns_that_cannot_be_used_are_named_with_counts_and_values():
    rows = GOOD | {"age": ["twenty", "thirty"], "vip": ["maybe", "no"]}

    with pytest.raises(UnusableColumns) as refused:
        validate(SIGNATURE, read_table(rows))
    with pytest.raises(UnusableColumn) as one:
        validate(SIGNATURE, read_table(GOOD | {"age": ["twenty", 30]}))

    assert str(refused.value) == (
        "columns 'age' is integer, and 'twenty', 'thirty' is none (in 2 rows); "
        "'vip' is boolean, and 'maybe' is none (in 1 row). "
        "Next: correct these values, or leave them empty"
    )
    assert str(one.value) == (
        "column 'age' is integer, and 'twenty' is none (in 1 row). "
        "Next: correct these values, or leave them empty"
    )


def test_the_users_own_table_is_never_changed():
    frame = pd.DataFrame({**GOOD, "plan": pd.Categorical(["zz", None])})
    before = frame.copy(deep=True)
    for column in frame:
        if frame[column].dtype.kind in "if":
            frame[column].to_numpy().flags.writeable = False

    validate(SIGNATURE, read_table(frame))

    pd.testing.assert_frame_equal(frame, before)


parts = st.lists(
    st.lists(st.sampled_from(["a", "b", "x", "y", "z", None]), min_size=1, max_size=9),
    min_size=1,
    max_size=5,
)


@given(parts)
def test_findings_of_parts_add_up_to_those_of_the_whole(texts):
    signature = Signature(
        features=(Feature(name="plan", kind="category", levels=("a", "b")),),
        target="y",
        task="regression",
        target_kind="number",
    )
    whole = [value for part in texts for value in part]

    def seen(values):
        column = np.array([*values, None], dtype=object)[:-1]
        return inspect(signature, read_table(pd.DataFrame({"plan": column}))).findings

    together = merge(finding for part in texts for finding in seen(part))

    def plain(findings):
        return {(f.column, f.problem): (f.count, dict(f.values)) for f in findings}

    assert plain(together) == plain(seen(whole))


def test_a_finding_says_the_commonest_values_and_how_many_more():
    values = {"w": 1, "x": 5, "y": 2, "z": 3}
    finding = Finding(column="plan", problem="unseen", count=1234, values=values)

    assert finding.said == "plan: 1,234 unseen in training: 'x', 'z', 'y' and 1 more"
