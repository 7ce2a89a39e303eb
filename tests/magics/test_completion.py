import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.magics.completion import Names, complete, fragment
from mlops_magics.magics.verbs import VERBS

NAMES = Names(
    models=("churn", "cash"),
    versions={"churn": ("v1", "v2")},
    views=("customers", "usage"),
    datasets=("telco", "late"),
    variables=("telco", "today"),
    columns={
        "telco": ("Monthly charges", "tenure"),
        "customers": ("plan", "age"),
        "late": ("churned",),
    },
    inputs={"churn": ("tenure", "contract")},
    keys={"customers": ("customer_id",)},
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%model c", ["churn", "cash"]),
        ("%model i", ["import"]),
        (
            "%model churn ",
            "promote rollback compare live archive delete export shadow canary off".split(),
        ),
        ("%model churn promote ", ["v1", "v2"]),
        ("%model churn compare ", ["v1", "v2"]),
        ("%model churn compare v1 ", ["v1", "v2"]),
        ("%model churn promote v2 --stage ", ["staging", "production"]),
        ("%model churn@v", ["churn@v1", "churn@v2"]),
        ("%predict churn@p", ["churn@production"]),
        ("%monitor churn l", ["labels", "live"]),
        ("%monitor churn labels l", ["late"]),
        ("%monitor churn labels late --label ", ["churned"]),
        ("%workspace u", ["upload"]),
        ("%workspace ", ["upload", "allow", "--temporary"]),
        ("%features join cu", ["customers"]),
        ("%features join customers,", ["customers,usage"]),
        ("%train churn --features customers:", ["customers:plan", "customers:age"]),
        ("%train churn --task b", ["binary"]),
        ("%predict churn con", ["contract="]),
        (
            "%predict churn contract=x ",
            ["tenure=", "--no-record", "--explain", "--coverage", "--live"],
        ),
        ("%features customers cus", ["customer_id="]),
        ("%features customers l", ["live"]),
        ("%features customers live cus", ["customer_id="]),
        ("%model churn live v1 ", ["v1", "v2"]),
        ("%predict churn l", ["live", "late"]),
    ],
)
def test_words_and_names_are_completed_by_their_place(line, expected):
    assert complete(line, NAMES) == expected


def test_completion_works_behind_an_assignment_and_inside_a_loop():
    expected = complete("%train churn --", NAMES)

    assert complete("job = %train churn --", NAMES) == expected
    assert complete("    jobs['a'], b = %train churn --", NAMES) == expected


def test_flags_that_are_given_are_not_offered_again():
    assert complete("%train churn --data telco --ta", NAMES) == ["--target", "--task"]
    assert complete("%train churn --target y --ta", NAMES) == ["--task"]


def test_flags_are_those_of_the_form_that_the_words_fit():
    assert complete("%monitor churn events --", NAMES) == ["--limit"]
    assert complete("%features join customers --", NAMES) == ["--time", "--spine", "--known-at"]


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_of_a_later_version_is_offered(verb):
    table = VERBS[verb]
    magic = table.name
    offered = {
        word
        for line in ("", "churn ", "churn --", "--")
        for word in complete(f"{magic} {line}", NAMES)
    }

    assert not offered & {f"--{flag.name}" for flag in table.flags if flag.later}
    later = {place for form in table.forms if form.later for place in form.places}
    there = {place for form in table.open_forms for place in form.places}
    assert not offered & (later - there)


def test_columns_are_those_of_the_table_on_the_line_and_quoted_where_needed():
    line = "%train churn --data {telco} --exclude tenure,M"

    assert complete(line, NAMES) == ['tenure,"Monthly charges"']
    assert fragment(line) == "tenure,M"


def test_columns_of_everything_are_offered_where_no_table_is_named():
    assert complete("%train churn --target t", NAMES) == ["tenure"]
    assert complete("%train churn --target c", NAMES) == ["churned"]


def test_the_cursor_may_stand_inside_quotes_or_braces():
    assert complete('%train churn --data telco --target "Mon', NAMES) == ['"Monthly charges"']
    assert complete("%train churn --data {to", NAMES) == ["{today}"]


def test_a_name_that_is_a_variable_and_a_dataset_is_offered_as_each():
    assert complete("%train churn --data t", NAMES) == ["today", "{telco}"]
    assert complete("%train churn --data dataset:", NAMES) == ["dataset:telco", "dataset:late"]


@pytest.mark.parametrize(
    "line", ["print(", "%time x", "%model", "%train churn # --", "%train --x ", "x %% 2"]
)
def test_nothing_is_offered_elsewhere(line):
    assert complete(line, NAMES) == []


def test_words_and_flags_are_completed_when_no_name_is_known():
    assert complete("%monitor churn d", Names()) == ["drift"]
    assert complete("%train churn --n", Names()) == ["--note"]


PARTS = st.sampled_from(
    [
        "%model ",
        "%%features ",
        "x = ",
        "churn",
        " ",
        "--data ",
        '"',
        "{",
        "}",
        "'",
        ",",
        "=",
        "#",
        "@",
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(PARTS, max_size=10).map("".join)))
def test_any_text_is_answered_and_what_is_replaced_is_its_end(text):
    complete(text, NAMES)

    assert text.endswith(fragment(text))
