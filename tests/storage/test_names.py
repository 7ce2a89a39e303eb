"""Names, ids and folders."""

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.errors.state import BadName
from mlops_magics.magics.verbs import MAGIC_WORDS
from mlops_magics.storage.clock import Clock
from mlops_magics.storage.filesystem import NETWORK, filesystem_type
from mlops_magics.storage.names import RESERVED, check_name, fold


@pytest.mark.parametrize(
    "name",
    ["a/b", "../x", "%asd", "my model", "", "x" * 300, "1st", "request", "v2", "Drift", "a@b"],
)
def test_a_name_that_could_be_a_path_a_word_or_a_line_is_refused(name):
    with pytest.raises(BadName) as refused:
        check_name("model", name)

    assert len(str(refused.value).splitlines()) == 1
    assert str(refused.value).endswith(
        "Next: a letter first, then letters, digits, '_', '-' or '.', at most 64"
    )


@pytest.mark.parametrize("name", "churn CON Umsatz.2024 отток 解約 a-b_c हिन्दी כנסיה".split())
def test_letters_of_any_script_make_a_name(name):
    assert check_name("model", name) == name


def test_case_does_not_make_another_name():
    assert fold("Straße") == fold("STRASSE")


def test_every_word_of_the_magics_is_refused_as_a_name():
    assert sorted(MAGIC_WORDS - RESERVED) == []
    for word in sorted(MAGIC_WORDS):
        with pytest.raises(BadName) as refused:
            check_name("view", word.upper())
        assert str(refused.value) == (
            f"{word.upper()!r} cannot name a view: it is a word of the magics. "
            "Next: a letter first, then letters, digits, '_', '-' or '.', at most 64"
        )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "it is empty"),
        ("x" * 300, "it has 300 characters"),
        ("../x", "it begins with '.'"),
        ("%asd", "it begins with '%'"),
        ("a/b", "it has the character '/'"),
        ("my model", "it has the character ' '"),
        ("a\nb", "it has the character '\\n'"),
        ("V12", "it is a word of the magics"),
        ("churn\u202e", "it has the character '\\u202e'"),
        ("churn\x00", "it has the character '\\x00'"),
        ("<b>churn", "it begins with '<'"),
        ("churn<b>", "it has the character '<'"),
    ],
)
def test_a_refused_name_is_told_why(name, reason):
    with pytest.raises(BadName) as refused:
        check_name("model", name)

    assert str(refused.value) == (
        f"{name[:80]!r} cannot name a model: {reason}. "
        "Next: a letter first, then letters, digits, '_', '-' or '.', at most 64"
    )


@given(st.text(max_size=70))
def test_any_text_is_refused_in_one_line_or_is_a_name_that_is_no_path(name):
    try:
        allowed = check_name("model", name)
    except BadName as refused:
        assert len(str(refused).splitlines()) == 1  # noqa: PT017
        return
    assert Path(allowed).name == allowed
    assert not set(allowed) & set("/\\@:%$ \n\"'")
    assert check_name("model", allowed) == allowed


def test_ids_grow_and_are_never_given_twice_also_by_several_threads():
    clock, found = Clock(), []
    threads = [threading.Thread(target=lambda: found.append(clock.new_ids(500))) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(ids == sorted(ids) for ids in found)
    assert len({i for ids in found for i in ids}) == 2000


def test_a_network_drive_is_known_by_its_type_and_an_unknown_one_is_allowed():
    mounts = "/dev/sda / ext4 rw 0 0\nhost:/home /home nfs4 rw 0 0\nx /odd unheard rw 0 0"

    assert filesystem_type(Path("/home/ada/.mlops"), mounts) in NETWORK
    assert filesystem_type(Path("/odd/.mlops"), mounts) not in NETWORK
    assert filesystem_type(Path("/srv"), mounts) == "ext4"
