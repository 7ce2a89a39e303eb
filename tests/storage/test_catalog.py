"""The catalogue: transactions that nest, and folders that are no workspace."""

import contextlib
import os
import sqlite3

import pytest

from mlops_magics.errors.storage import NewerFormat, NotAWorkspace, ReadOnlyWorkspace
from mlops_magics.storage import Storage


@pytest.fixture
def storage(tmp_path):
    opened = Storage(tmp_path / ".mlops")
    yield opened
    opened.close()


def keys(storage):
    with storage.reading() as reading:
        return [row[0] for row in reading.execute("SELECT key FROM meta ORDER BY key").fetchall()]


def test_reading_a_workspace_that_was_never_written_makes_no_folder(storage):
    assert storage.log.count("event", "churn@v1") == 0

    assert not storage.folder.exists()


def test_an_inner_transaction_joins_the_outer_one_and_is_undone_with_it(storage):
    def fail_after_two_writes():
        with storage.transaction() as outer:
            outer.execute("INSERT INTO meta VALUES ('outer', 1)")
            with storage.transaction() as inner:
                inner.execute("INSERT INTO meta VALUES ('inner', 1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_two_writes()

    assert keys(storage) == ["next_seq"]


def test_what_was_committed_is_there_after_closing_and_opening_again(storage):
    with storage.transaction() as transaction:
        transaction.execute("INSERT INTO meta VALUES ('kept', 1)")
    storage.close()

    assert "kept" in keys(Storage(storage.folder))


def test_a_folder_that_holds_something_else_is_refused_in_one_line(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(NotAWorkspace) as refused, Storage(tmp_path).transaction():
        pass

    assert str(refused.value) == (
        f"{str(tmp_path)!r} is no workspace: it holds 'thesis.txt' and no catalog.db. "
        "Next: name a new folder, or one made by mlops_magics"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_path_that_is_a_file_is_refused(tmp_path):
    file = tmp_path / "notes"
    file.write_text("mine")

    with pytest.raises(NotAWorkspace, match="it is a file"), Storage(file).transaction():
        pass


@pytest.mark.parametrize("content", [b"not a database at all, but long enough" * 40, None])
def test_a_catalog_of_another_program_is_refused_and_left_as_it_is(tmp_path, content):
    file = tmp_path / "catalog.db"
    if content is None:
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE theirs (x)")
        connection.close()
    else:
        file.write_bytes(content)
    before = file.read_bytes()

    for act in (lambda s: s.transaction().__enter__(), lambda s: s.reading().__enter__()):
        with pytest.raises(NotAWorkspace):
            act(Storage(tmp_path))

    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["catalog.db"]


def test_a_workspace_of_a_later_version_is_refused_with_both_numbers(storage):
    with storage.transaction() as transaction:
        transaction.take_seq()
    storage.close()
    with sqlite3.connect(storage.folder / "catalog.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(NewerFormat) as refused:
        keys(Storage(storage.folder))

    assert str(refused.value) == (
        f"the workspace {str(storage.folder)!r} has format 99; this version reads up to 1. "
        "Next: pip install --upgrade mlops_magics"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into a read-only folder")
def test_a_folder_that_cannot_be_written_is_refused_in_one_line(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(ReadOnlyWorkspace), Storage(tmp_path / ".mlops").transaction():
        pass


def test_only_one_version_can_be_in_production_whoever_writes(storage):
    with storage.transaction() as transaction:
        transaction.execute("INSERT INTO model VALUES ('m', 'm', 0)")
        for number in (1, 2):
            row = ("m", number, None, "x", "u", None, "{}", "{}", 0)
            transaction.execute("INSERT INTO model_version VALUES (?,?,?,?,?,?,?,?,?)", row)
        put = (
            "INSERT INTO stage_change"
            " VALUES (?, 'm', ?, 'production', 'by hand', NULL, NULL, '', 0)"
        )
        transaction.execute(put, (1, 1))

        with pytest.raises(sqlite3.IntegrityError):
            transaction.execute(put, (2, 2))


def test_an_error_that_the_outer_transaction_survives_keeps_what_was_written_before(storage):
    with storage.transaction() as outer:
        outer.execute("INSERT INTO meta VALUES ('before', 1)")
        with pytest.raises(ZeroDivisionError), storage.transaction():
            raise ZeroDivisionError
        outer.execute("INSERT INTO meta VALUES ('after', 1)")

    assert keys(storage) == ["after", "before", "next_seq"]


def test_a_reader_sees_one_moment_and_a_writer_sees_what_it_wrote(storage):
    with storage.transaction():
        pass
    other = Storage(storage.folder)

    with other.reading() as reading:
        reading.execute("SELECT * FROM meta").fetchall()
        with storage.transaction() as transaction:
            transaction.execute("INSERT INTO meta VALUES ('new', 1)")
            with storage.reading() as own:
                assert len(own.execute("SELECT * FROM meta").fetchall()) == 2
        assert len(reading.execute("SELECT * FROM meta").fetchall()) == 1

    assert keys(other) == ["new", "next_seq"]
    other.close()


def test_numbers_of_what_is_appended_have_no_gaps_and_a_rolled_back_one_is_given_again(storage):
    with storage.transaction() as transaction:
        assert [transaction.take_seq(), transaction.take_seq(5), transaction.take_seq()] == [
            1,
            2,
            7,
        ]
    with contextlib.suppress(ZeroDivisionError), storage.transaction() as transaction:
        transaction.take_seq(100)
        raise ZeroDivisionError

    with storage.transaction() as transaction:
        assert transaction.take_seq() == 8


def test_a_workspace_of_a_newer_format_is_refused_and_left_as_it_is(tmp_path):
    with Storage(tmp_path / "w").transaction():
        pass
    file = tmp_path / "w" / "catalog.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    for act in (lambda s: s.transaction().__enter__(), lambda s: s.reading().__enter__()):
        with pytest.raises(NewerFormat) as refused:
            act(Storage(tmp_path / "w"))
        assert str(refused.value) == (
            f"the workspace {str(tmp_path / 'w')!r} has format 99; this version reads up to 1. "
            "Next: pip install --upgrade mlops_magics"
        )


@pytest.mark.parametrize("size", [0, 4096])
def test_a_workspace_in_the_making_reads_as_empty_and_is_made_whole_by_the_next_write(
    tmp_path, size
):
    """What a kill leaves between opening catalog.db and its first commit."""
    folder = tmp_path / ".mlops"
    folder.mkdir()
    with sqlite3.connect(folder / "catalog.db") as connection:
        if size:
            connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    assert (folder / "catalog.db").stat().st_size == size
    storage = Storage(folder)

    assert storage.log.count("event", "m") == 0
    assert keys(storage) == ["next_seq"]
    for name in ("segments", "artifacts", "tmp"):
        (folder / name).mkdir()
    with storage.transaction() as transaction:
        transaction.execute("INSERT INTO meta VALUES ('kept', 1)")
    assert keys(storage) == ["kept", "next_seq"]
    storage.close()


def test_the_database_itself_holds_that_a_model_has_one_production_version(storage):
    version = "INSERT INTO model_version VALUES ('m', ?, NULL, 'x', 'u', NULL, '{}', '{}', 0)"
    change = (
        "INSERT INTO stage_change VALUES (?, 'm', ?, 'production', 'by hand', NULL, NULL, '', 0)"
    )
    with storage.transaction() as transaction:
        transaction.execute("INSERT INTO model VALUES ('m', 'm', 0)")
        for number in (1, 2):
            transaction.execute(version, (number,))
        transaction.execute(change, (1, 1))

    with pytest.raises(sqlite3.IntegrityError), storage.transaction() as transaction:
        transaction.execute(change, (2, 2))

    with storage.reading() as reading:
        assert [tuple(row) for row in reading.execute("SELECT number, stage FROM stage")] == [
            (1, "production")
        ]


def test_a_folder_whose_name_looks_like_a_uri_is_a_folder(tmp_path):
    storage = Storage(tmp_path / "100%41 is? it#1" / ".mlops")
    with storage.transaction() as transaction:
        transaction.execute("INSERT INTO meta VALUES ('kept', 1)")
    storage.close()

    assert "kept" in keys(Storage(storage.folder))
    assert [path.name for path in tmp_path.iterdir()] == ["100%41 is? it#1"]


def test_a_log_that_was_folded_in_does_not_stay_large_so_that_each_commit_folds_again(storage):
    log = storage.folder / "catalog.db-wal"
    with storage.transaction() as transaction:
        transaction.execute("INSERT INTO meta VALUES ('large', zeroblob(6000000))")
    assert log.stat().st_size > 4 * 2**20

    with storage.transaction() as transaction:
        transaction.execute("INSERT INTO meta VALUES ('small', 1)")

    assert log.stat().st_size < 4 * 2**20


def test_what_waits_for_the_commit_is_done_after_it_and_never_after_a_rollback(storage):
    done = []

    with storage.transaction() as outer, storage.transaction() as inner:
        inner.once_committed.append(lambda: done.append(keys(storage)))
        outer.execute("INSERT INTO meta VALUES ('kept', 1)")
    with contextlib.suppress(ZeroDivisionError), storage.transaction() as transaction:
        transaction.once_committed.append(lambda: done.append("undone"))
        raise ZeroDivisionError

    assert done == [["kept", "next_seq"]]
