import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.errors import MLOpsError
from mlops_magics.errors.request import BadLine, NotYet
from mlops_magics.errors.unknown import UnknownName
from mlops_magics.magics.parsing import quote
from mlops_magics.magics.request import parse
from mlops_magics.magics.verbs import MAGIC_WORDS, VERBS, usage

DAY = 86_400_000_000


def error(verb: str, line: str) -> str:
    with pytest.raises(MLOpsError) as caught:
        parse(verb, line)
    return str(caught.value)


def test_flags_may_stand_anywhere():
    line = "--stage staging churn --stage"

    assert parse("model", "--stage staging churn promote v2") == parse(
        "model", "churn promote --stage staging v2"
    )
    assert error("model", line) == "--stage is given twice. Next: give it once"


def test_a_flag_takes_the_next_token_whatever_it_begins_with():
    request = parse("train", "churn --note --seed --data telco --target -- # -> nothing")

    assert request.flags["note"] == "--seed"
    assert request.flags["target"] == "--"


def test_a_quoted_word_is_never_a_flag():
    assert parse("monitor", 'churn trace "--since"').words[0].text == "--since"


def test_a_quoted_word_of_the_magic_is_not_that_word():
    assert error("monitor", 'churn "drift"') == (
        f"'drift' is one word too many. Next: {usage('monitor')}"
    )


def test_the_variable_in_braces_is_not_the_word_of_the_magic():
    assert parse("monitor", "churn labels {drift} --label y").words[0].braces


def test_an_expression_may_be_the_value_of_a_column():
    value = parse("predict", "churn customer_id={ids[0]}").assignments["customer_id"]

    assert value.braces
    assert value.text == "ids[0]"


def test_the_values_are_reached_by_their_kind():
    request = parse("train", "churn --data {df} --target y --columns a,b --seed 3")

    assert request.text("target") == "y"
    assert request.names("columns") == ("a", "b")
    assert request.integer("seed") == 3
    assert request.data("data").text == "df"
    assert request.has("columns")
    assert not request.has("exclude")
    assert request.names("exclude") == ()
    assert request.text("note") is None


def test_a_line_that_ends_with_a_semicolon_is_silent():
    assert parse("predict", "churn today; # note").silent
    assert not parse("predict", "churn today").silent


TRAIN = usage("train")
FIT = VERBS["train"].form_usage(VERBS["train"].forms[0])
SINCE = "%monitor NAME[@vN] [--since 7d]"


@pytest.mark.parametrize(
    ("verb", "line", "message"),
    [
        # cases O28 and O30: the token and the usage line, and nothing expanded
        (
            "predict",
            'churn today --where "a -> b -- c"',
            "no flag named '--where'. Known: --coverage, --explain, --live, --no-record, "
            "--time, --to. Next: " + usage("predict"),
        ),
        (
            "train",
            "churn --lr -1",
            "no flag named '--lr'. Known: --background, --columns, --data, --epochs, --exclude, "
            "--features, --group, --note and 6 more. Next: " + TRAIN,
        ),
        (
            "predict",
            "churn {ok} $x",
            "'$x' is one word too many. "
            'Next: %predict NAME[@vN] DATA [--time COL] [--to "FILE"] [--explain]'
            " [--coverage 0.9] [--no-record] [--live]",
        ),
        (
            "train",
            "churn --dat telco",
            f"no flag named '--dat'. Did you mean '--data'? Next: {TRAIN}",
        ),
        (
            "train",
            "churn --seed=3",
            "'--seed=3' has a '='. Next: write --seed and its value, with a blank",
        ),
        ("train", "churn --data telco", f"--target is missing. Next: {FIT}"),
        ("train", "churn --data telco --target", f"--target lacks its value. Next: {FIT}"),
        ("train", "--data telco --target y", f"NAME is missing. Next: {TRAIN}"),
        (
            "train",
            "churn@v2 --data t --target y",
            f"'churn@v2' names a version, which has no meaning here. Next: {TRAIN}",
        ),
        (
            "train",
            "c --data t --target y --seed x",
            f"--seed is 'x', not a whole number from 0. Next: {FIT}",
        ),
        (
            "train",
            "c --data t --target y --task fast",
            f"--task is 'fast', not binary or multiclass or regression. Next: {FIT}",
        ),
        (
            "train",
            "c --data t --target y --columns a, b",
            f"'b' is one word too many. Next: {FIT}",
        ),
        (
            "train",
            "c --data t --target y --columns a,",
            "--columns is 'a,', not a list such as a,b without blanks (names with blanks in "
            f"quotes). Next: {FIT}",
        ),
        (
            "train",
            "c --data t --target a,b",
            f"--target is 'a,b', not one column. Next: {FIT}",
        ),
        (
            "train",
            "c --data {a},{b} --target y",
            f"--data is 'a,b', not a variable, {{an expression}} or a quoted path. Next: {FIT}",
        ),
        (
            "train",
            "c --data t --target y --note {x}",
            f"--note is '{{x}}', not plain or quoted text. Next: {FIT}",
        ),
        (
            "monitor",
            "churn --since week",
            f"--since is 'week', not a duration such as 7d, 12h, 30m or 45s. Next: {SINCE}",
        ),
        (
            "monitor",
            "churn events --since 7d",
            "--since does not belong to this form. Next: %monitor NAME[@vN] events [--limit 20]",
        ),
        (
            "monitor",
            "churn events --limit 0",
            "--limit is '0', not a whole number from 1. "
            "Next: %monitor NAME[@vN] events [--limit 20]",
        ),
        (
            "monitor",
            "churn drfit",
            "no word of %monitor named 'drfit'. Did you mean 'drift'? Next: " + usage("monitor"),
        ),
        (
            "monitor",
            "churn trace",
            "REQUEST_ID is missing. Next: %monitor NAME trace REQUEST_ID",
        ),
        (
            "workspace",
            "uplod telco df",
            "no word of %workspace named 'uplod'. Did you mean 'upload'? Next: "
            + usage("workspace"),
        ),
        ("workspace", "upload telco", "DATA is missing. Next: %workspace upload NAME DATA"),
        (
            "model",
            "promote churn v2",
            "'promote' is a word of the magics and stands behind the name. Next: " + usage("model"),
        ),
        (
            "model",
            "import",
            '"FILE" is missing. Next: %model import "FILE"',
        ),
        (
            "model",
            "churn promote staging",
            "'staging' stands where a version such as v2 belongs. "
            "Next: %model NAME promote vN [--stage staging|production] [--force] "
            '[--because "…"]',
        ),
        (
            "model",
            "churn@v1 promote v2",
            "'v2' is the second version: the name has @v1 already. "
            "Next: %model NAME promote vN [--stage staging|production] [--force] "
            '[--because "…"]',
        ),
        (
            "model",
            "churn@2 promote",
            "'@2' is no version such as @v3, @production or @latest. Next: " + usage("model"),
        ),
        (
            "model",
            "churn promote v2 --stage prod",
            "--stage is 'prod', not staging or production. "
            "Next: %model NAME promote vN [--stage staging|production] [--force] "
            '[--because "…"]',
        ),
        ("predict", "churn", f"DATA is missing. Next: {usage('predict')}"),
        (
            "predict",
            "churn a=1 a=2",
            "'a' is given twice. Next: %predict NAME[@vN] COLUMN=VALUE… [--explain] "
            "[--coverage 0.9] [--no-record] [--live]",
        ),
        (
            "predict",
            '"churn" today',
            "'churn' stands where the name belongs, which is a bare word. Next: "
            + usage("predict"),
        ),
        (
            "features",
            "customers --key customer_id",
            "--data is missing. Next: %features VIEW --data DATA --key COL,… [--time COL]"
            " [--ttl 90d] [--history] [--dry-run]",
        ),
        (
            "%%features",
            "customers",
            f"--key is missing. Next: {usage('%%features').partition(' | ')[0]}",
        ),
    ],
)
def test_a_line_that_is_wrong_is_answered_in_one_line_with_the_usage(verb, line, message):
    assert error(verb, line) == message


# hypothesis writes the lines

WORDS = st.one_of(
    st.sampled_from(sorted(MAGIC_WORDS)),
    st.sampled_from([f"--{flag.name}" for verb in VERBS.values() for flag in verb.flags]),
    st.sampled_from("churn churn@v2 a@ @v1 v2 a= = a=1 a,b , 7d -1 -- -> # ; --x --é @".split()),
    st.sampled_from(['"x y"', "{df}", "{a},b", '""', "x={1}", "{1}=x", '"a"="b"', "{", "'"]),
    st.text(max_size=8).map(quote),
)
LINES = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=8).map(" ".join))


@given(st.sampled_from(sorted(VERBS)), LINES)
def test_any_line_is_understood_or_refused_in_one_line(verb, line):
    refusal = action = ""
    try:
        action = parse(verb, line).action
    except (BadLine, NotYet, UnknownName) as error:
        refusal = str(error)

    assert refusal or action in {form.action for form in VERBS[verb].open_forms}
    assert "\n" not in refusal
    assert len(refusal) < 1000
