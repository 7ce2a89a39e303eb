"""A feature that needs the moment's data is computed on each row alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.errors.request import BadArgument, BadQuery
from mlops_magics.errors.state import OnDemand
from mlops_magics.errors.tables import MissingColumns
from mlops_magics.features import FeatureStore, ViewDefinition
from mlops_magics.features.query import Scope, run_query
from mlops_magics.storage import Storage


@pytest.fixture
def features(tmp_path, clock):
    return FeatureStore(Storage(tmp_path / ".mlops", clock))


def define(features, sql, name="ratio", **more):
    return features.write(ViewDefinition(view=name, sql=sql, on_demand=True, **more))


@pytest.mark.parametrize("end", ["", ";", " -- done", " ; -- done;", "\n/* ; */", " -- done\n;"])
def test_a_definition_may_end_as_it_likes(features, end):  # O29
    define(features, f"SELECT a / b AS ratio, '{{x}} %s $y' AS text FROM request{end}")

    found = features.join([{"a": 1, "b": 2}, {"a": 3, "b": 4}], ["ratio"])

    assert found.columns["ratio"].to_list() == [0.5, 0.75]
    assert found.columns["text"].to_list() == ["{x} %s $y"] * 2


def test_a_definition_is_a_version_and_the_same_one_again_is_none(features):
    first = define(features, "SELECT a AS b FROM request")
    same = define(features, " SELECT a AS b FROM request;")
    tried = features.write(
        ViewDefinition(view="ratio", sql="SELECT a + 1 AS b FROM request", on_demand=True),
        dry_run=True,
    )

    assert [(w.version.number, w.is_new_version) for w in (first, same, tried)] == [
        (1, True),
        (1, False),
        (2, True),
    ]
    assert tried.changes == ("-SELECT a AS b FROM request", "+SELECT a + 1 AS b FROM request")
    assert len(features.describe("ratio").versions) == 1


def test_it_sees_the_row_the_stored_features_and_the_moment(features):
    features.write(
        ViewDefinition(view="limits", key=("k",), time="t"),
        [{"k": 1, "t": "2025-01-01", "most": 10.0}],
    )
    define(features, "SELECT amount / most AS used, year(event_time) AS year FROM request")
    spine = [{"k": 1, "amount": 5, "t": "2025-06-01"}, {"k": 2, "amount": 5, "t": "2024-06-01"}]

    found = features.join(spine, ["ratio", "limits"])

    assert found.columns["used"].to_list() == [0.5, None]
    assert found.columns["year"].to_list() == [2025, 2024]


@settings(max_examples=25)
@given(st.lists(st.none() | st.integers(-5, 5), min_size=1, max_size=8))
def test_a_row_is_computed_as_if_it_were_alone(tmp_path_factory, numbers):
    features = FeatureStore(Storage(tmp_path_factory.mktemp("w") / ".mlops"))
    define(
        features,
        "WITH r AS (SELECT *, n * 2 AS m FROM request)"
        " SELECT coalesce(m, 0) + 1 AS x, CASE WHEN n > 0 THEN 'plus' END AS sign FROM r",
    )
    rows = [{"n": n, "k": 1} for n in numbers]

    together = features.join(rows, ["ratio"]).columns
    alone = [features.join([row], ["ratio"]).columns for row in rows]

    for name, column in together.items():
        assert column.to_list() == [columns[name].to_list()[0] for columns in alone]
    assert together["x"].to_list() == [2 * (n or 0) + 1 for n in numbers]


def test_many_rows_stay_in_order(features):
    define(features, "SELECT n + 0.5 AS x FROM request")

    found = features.join({"n": np.arange(300_000)}, ["ratio"])

    assert (found.columns["x"].values == np.arange(300_000) + 0.5).all()


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELECT sum(a) AS x FROM request", "uses sum"),
        ("SELECT unnest([a, a]) AS x FROM request", "uses unnest"),
        ("SELECT row_number() OVER () AS x FROM request", "uses a window"),
        ("SELECT (SELECT max(a) FROM request) AS x FROM request", "has a query inside"),
        ("SELECT a AS x FROM request WHERE a > 0", "has a WHERE; use CASE"),
        ("SELECT a AS x FROM request GROUP BY a", "has a GROUP BY"),
        ("SELECT a AS x FROM request GROUP BY ALL", "has a GROUP BY"),
        ("SELECT a AS x FROM request QUALIFY a > 0", "has a QUALIFY"),
        ("SELECT a AS x FROM request LIMIT 1", "has an ORDER BY, a LIMIT or a DISTINCT"),
        ("SELECT DISTINCT a AS x FROM request", "has an ORDER BY, a LIMIT or a DISTINCT"),
        ("SELECT a AS x FROM request USING SAMPLE 1", "has a SAMPLE"),
        ("SELECT r.a AS x FROM request r, request", "has a JOIN"),
        (
            "SELECT a AS x FROM request UNION SELECT a FROM request",
            "has a UNION, INTERSECT or EXCEPT",
        ),
        ("SELECT a AS x FROM (SELECT a FROM request LIMIT 1)", "has an ORDER BY, a LIMIT"),
    ],
)
def test_what_looks_beyond_one_row_is_refused(features, sql, problem):
    with pytest.raises(BadQuery) as refused:
        define(features, sql)

    assert str(refused.value).startswith(f"the query {problem}")
    assert str(refused.value).endswith(
        "and a view on demand computes each row alone. "
        "Next: give one row for each row of request, from its columns"
    )


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "SELECT 1 AS x FROM telco",
            "the query reads 'telco', and a view on demand sees only the table request. "
            "Next: join the other view too: its features are columns of request",
        ),
        (
            "SELECT r.a AS x FROM request r, read_csv('/etc/passwd')",
            "the query reads 'read_csv', and a view on demand sees only the table request. "
            "Next: join the other view too: its features are columns of request",
        ),
        (
            "SELECT 1 AS x",
            "the query does not read the table request. "
            "Next: end it with FROM request, as 'ratio' is computed from it",
        ),
        (
            "SELECT a * $rate AS x FROM request",
            "the query binds $rate, which a later request does not have. "
            "Next: write the value itself",
        ),
        (
            "SELECT a - epoch(now()) AS x FROM request",
            "the query uses now, which is another in training than in prediction. "
            "Next: use event_time, the moment of the row",
        ),
        (
            "SELECT current_date AS x FROM request",
            "the query uses current_date, which is another in training than in prediction. "
            "Next: use event_time, the moment of the row",
        ),
        (
            "DROP TABLE request",
            "the query is a DROP statement. Next: write one SELECT; it may begin with WITH",
        ),
    ],
)
def test_what_could_be_another_thing_later_is_refused_and_not_stored(features, sql, message):
    with pytest.raises(BadQuery) as refused:
        define(features, sql)

    assert str(refused.value) == message
    assert features.list_views() == ()


def test_a_column_that_the_row_lacks_is_named(features):
    define(features, "SELECT amount * 2 AS twice FROM request")

    with pytest.raises(MissingColumns) as refused:
        features.join([{"k": 1}], ["ratio"])

    assert str(refused.value) == (
        "no column 'amount' in the row. Next: give amount, which the view 'ratio' computes with"
    )


def test_names_that_differ_by_case_are_both_seen(features):
    define(features, 'SELECT "Rate" - "rate_1" AS difference FROM request')

    found = features.join([{"Rate": 3, "rate": 1}], ["ratio"])

    assert found.columns["difference"].to_list() == [2]


def test_it_has_no_rows_to_read_to_write_or_to_query(features, tmp_path, clock):
    define(features, "SELECT a AS b FROM request")

    for use in (
        lambda: features.read("ratio", features.join([{"a": 1}], ["ratio"]).rows),
        lambda: features.write(ViewDefinition(view="ratio", key=("k",)), [{"k": 1, "b": 2}]),
        lambda: run_query(
            Storage(tmp_path / ".mlops", clock), "FROM ratio", Scope(variables={}, datasets={})
        ),
    ):
        with pytest.raises(OnDemand, match=r"^the view 'ratio' is computed on request"):
            use()


def test_a_key_is_not_needed_and_a_time_is_refused(features):
    said = define(features, "SELECT a AS b FROM request", key=("k",)).warnings

    assert said == ("no key is needed: a view on demand is computed on each row",)
    with pytest.raises(BadArgument) as refused:
        define(features, "SELECT a AS b FROM request", time="t")
    assert str(refused.value) == (
        "time is 't'. Next: give none: a view on demand is computed on each row"
    )
