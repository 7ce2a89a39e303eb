import pytest

from mlops_magics.magics.durations import read_duration
from mlops_magics.magics.request import parse
from mlops_magics.magics.verbs import MAGIC_WORDS, VERBS, help_text, usage

DAY = 86_400_000_000


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("7d", 7 * DAY),
        ("12h", DAY // 2),
        ("30m", 1_800_000_000),
        ("45s", 45_000_000),
        ("0d", None),
        ("7", None),
        ("7 d", None),
        ("-7d", None),
        ("\u0667d", None),
        ("1.5h", None),
        ("36501d", None),
    ],
)
def test_a_duration_is_a_whole_number_and_a_unit(text, microseconds):
    assert read_duration(text) == microseconds


# the table itself


@pytest.mark.parametrize("verb", VERBS)
def test_every_example_of_the_help_is_a_line_of_its_form(verb):
    for form in VERBS[verb].open_forms:
        if form.example or not form.words:
            assert parse(verb, form.example).action == form.action


@pytest.mark.parametrize("verb", VERBS)
def test_every_form_has_an_example_unless_the_verb_alone_is_one(verb):
    assert [form.action for form in VERBS[verb].open_forms if form.words and not form.example] == []


@pytest.mark.parametrize("verb", VERBS)
def test_help_shows_every_open_flag_and_no_later_one(verb):
    table, shown = VERBS[verb], help_text(verb)

    for flag in table.flags:
        assert (f"--{flag.name} " in shown + " ") is not flag.later
    for form in table.forms:
        assert (table.form_usage(form) in shown) is not form.later or not form.words


@pytest.mark.parametrize("verb", VERBS)
def test_every_named_flag_is_declared_once_and_is_there(verb):
    table = VERBS[verb]
    declared = [flag.name for flag in table.flags]
    open_flags = {flag.name for flag in table.open_flags}

    assert len(declared) == len(set(declared))
    for form in table.forms:
        assert set(form.needs + form.takes) <= open_flags
    if table.forms:
        used = {name for form in table.forms for name in form.needs + form.takes}
        assert used == open_flags


@pytest.mark.parametrize("verb", VERBS)
def test_the_usage_is_one_line(verb):
    assert "\n" not in usage(verb)


def test_the_words_of_the_magics_are_the_reserved_names():
    assert {"join", "upload", "promote", "drift", "retrain", "now", "ack", "stop"} <= MAGIC_WORDS
    assert not {"churn", "v", "name", "view"} & MAGIC_WORDS
