"""What Tab offers in the SQL of a features cell; `|` is the cursor."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.magics.completion import Names
from mlops_magics.magics.cursor import Query
from mlops_magics.magics.sql_completion import RESERVED, complete_sql, sql_fragment

NAMES = Names(
    views=("customers", "usage"),
    datasets=("late",),
    variables=("telco", "limit", "row"),
    frames=("telco",),
    parameters=("limit", "last_day"),
    columns={
        "telco": ("customer_id", "Monthly charges", "tenure", "order"),
        "customers": ("customer_id", "plan"),
        "usage": ("customer_id", "minutes"),
        "late": ("churned",),
    },
)


def at(sql: str) -> Query:
    before, _, after = sql.partition("|")
    return Query(before, after)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # tables
        ("SELECT * FROM |", ["telco", "customers", "usage", "late"]),
        ("SELECT * FROM CU|", ["customers"]),
        ("SELECT * FROM telco t JOIN us|", ["usage"]),
        ("SELECT * FROM telco AS t, l|", ["late"]),
        ("SELECT * FROM telco -- all of them\nLEFT JOIN cu|", ["customers"]),
        ("SELECT * FROM (SELECT * FROM te|) x", ["telco"]),
        ("WITH recent AS (SELECT 1) SELECT * FROM re|", ["recent"]),
        ("WITH a AS (SELECT 1), recent AS (SELECT 2) SELECT * FROM re|", ["recent"]),
        ('SELECT * FROM "te|', ['"telco"']),
        # columns behind an alias, which may be named after the cursor
        ("SELECT c.| FROM customers c", ["customer_id", "plan"]),
        ("SELECT c.p| FROM customers AS c", ["plan"]),
        ("SELECT customers.pl| FROM customers", ["plan"]),
        ("SELECT C.pl|an FROM customers c", ["plan"]),
        ("SELECT u.| FROM customers c, usage u", ["customer_id", "minutes"]),
        ("SELECT * FROM customers c JOIN usage u ON u.customer_id = c.c|", ["customer_id"]),
        ("SELECT t.mon| FROM telco t", ['"Monthly charges"']),
        ('SELECT t."Mon| FROM telco t', ['"Monthly charges"']),
        ("SELECT t.or| FROM telco t", ['"order"']),
        ('SELECT "my t".pl| FROM customers "my t"', ["plan"]),
        # bare columns: of what is mentioned, else of everything
        ("SELECT pl| FROM customers", ["plan"]),
        ("SELECT customer_id, m| FROM customers JOIN usage USING (customer_id)", ["minutes"]),
        ("SELECT * FROM customers WHERE p|", ["plan"]),
        ("SELECT extract(day FROM p|) FROM customers", ["plan"]),
        ("SELECT ch|", ["churned"]),
        # variables
        ("SELECT * FROM telco WHERE tenure < $|", ["$limit", "$last_day"]),
        ("SELECT * FROM telco WHERE tenure < $li|", ["$limit"]),
        # nothing inside a text or a comment, nor of a table that is not known
        ("SELECT 'pl| FROM customers", []),
        ("SELECT plan -- pl|", []),
        ("SELECT plan /* pl|", []),
        ("SELECT x.| FROM 'file.csv' x", []),
        ("SELECT nope.|", []),
    ],
)
def test_names_are_offered_by_their_place(sql, expected):
    assert complete_sql(at(sql), NAMES) == expected


@pytest.mark.parametrize(
    ("sql", "replaced"),
    [
        ("SELECT c.pl|", "pl"),
        ("SELECT c.|", ""),
        ('SELECT "Monthly ch|', '"Monthly ch'),
        ("SELECT $li|", "$li"),
        ("SELECT 3|", ""),
        ("", ""),
    ],
)
def test_what_is_replaced_is_the_name_at_the_cursor(sql, replaced):
    assert sql_fragment(at(sql)) == replaced


def test_the_words_that_need_quotes_are_duckdbs():
    found = duckdb.sql(
        "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
    ).fetchall()

    assert {row[0] for row in found} == RESERVED


PARTS = st.sampled_from(
    ["SELECT ", "FROM ", "telco ", "t", ".", ",", "(", ")", '"', "'", "--", "\n", "/*", "$", " AS "]
)


@given(st.one_of(st.text(max_size=40), st.lists(PARTS, max_size=12).map("".join)), st.text())
def test_any_text_is_answered_and_what_is_replaced_is_its_end(before, after):
    complete_sql(Query(before, after), NAMES)

    assert before.endswith(sql_fragment(Query(before, after)))
