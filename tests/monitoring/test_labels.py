import pytest

from mlops_magics.errors.tables import MissingColumn, UnusableColumn
from mlops_magics.monitoring import Event
from mlops_magics.monitoring.performance import Reference

HOUR = 3_600_000_000


@pytest.fixture
def record(backend):
    """Record one prediction of a customer at an hour of 1970, and return its request id."""

    def recorded(customer, hour, share=0.8, version="v1", request_id=None, **more):
        return backend.record_inference(
            Event(
                model_id="churn",
                version=version,
                prediction="yes" if share > 0.5 else "no",
                confidence=max(share, 1 - share),
                probabilities={"no": 1 - share, "yes": share},
                key={"customer": customer, **more},
                event_time=hour * HOUR,
                request_id=request_id,
            )
        )

    return recorded


def at(hour):
    return f"1970-01-0{1 + hour // 24}T{hour % 24:02d}:00:00Z"


def by_key(backend, rows, time=True):
    table = [{"customer": c, "y": y, **({"at": at(h)} if time else {})} for c, h, y in rows]
    return backend.record_labels("churn", table, "y", ("customer",), "at" if time else None)


def test_a_label_with_a_time_belongs_to_the_newest_prediction_before_it(backend, record):
    first, second, other = record(1, 2), record(1, 5), record(2, 5)

    found = by_key(backend, [(1, 4, "no"), (1, 9, "yes"), (2, 5, "yes")])

    assert (found.matched, found.unmatched, found.corrected) == (3, 0, 0)
    assert found.delay == 2 * HOUR
    assert [backend.label("churn", i) for i in (first, second, other)] == ["no", "yes", "yes"]


def test_a_label_of_before_any_prediction_is_kept_and_found_when_a_late_event_comes(
    backend, record
):
    record(1, 8)
    early = by_key(backend, [(1, 4, "no"), (7, 6, "yes")])

    late, unknown = record(1, 3), record(7, 5)

    assert (early.matched, early.unmatched) == (0, 2)
    assert backend.label("churn", late) == "no"
    assert backend.label("churn", unknown) == "yes"
    assert backend.performance("churn", "v1", Reference(metrics={})).overall.labelled == 2


def test_a_label_of_an_unknown_request_id_waits_for_its_event(backend, record):
    table = {"request_id": ["a" * 32, None], "y": ["yes", "no"]}

    found = backend.record_labels("churn", table, "y")
    record(1, 3, request_id="a" * 32)

    assert (found.matched, found.unmatched) == (0, 1)
    assert backend.label("churn", "a" * 32) == "yes"
    assert backend.performance("churn", "v1", Reference(metrics={})).overall.labelled == 1


def test_a_key_alone_needs_exactly_one_prediction_without_a_label(backend, record):
    record(1, 2), record(1, 5), record(2, 5)

    first = by_key(backend, [(1, 0, "no"), (2, 0, "yes"), (3, 0, "no")], time=False)

    assert (first.matched, first.unmatched, first.ambiguous) == (1, 1, 1)
    assert first.ambiguous_keys == ("1",)


def test_once_one_of_two_predictions_is_labelled_the_key_alone_names_the_other(backend, record):
    first, second = record(1, 2), record(1, 5)
    by_key(backend, [(1, 3, "no")])

    found = by_key(backend, [(1, 0, "yes")], time=False)

    assert found.matched == 1
    assert (backend.label("churn", first), backend.label("churn", second)) == ("no", "yes")


def test_a_later_label_corrects_and_both_stay(backend, record, storage):
    record(1, 2)
    by_key(backend, [(1, 3, "no")])

    found = by_key(backend, [(1, 4, "yes")])

    assert found.corrected == 1
    (event,) = backend.query_events("churn")
    assert backend.label("churn", event.request_id) == "yes"
    with storage.reading() as reading:
        assert reading.execute("SELECT count(*) FROM label").fetchone()[0] == 2


def test_a_part_of_the_key_is_enough_and_values_keep_their_type(backend, record):
    mine = record(1, 2, shop="north")
    record("1", 2, shop="north")

    found = by_key(backend, [(1, 3, "no")])

    assert found.matched == 1
    assert backend.label("churn", mine) == "no"


def test_labels_of_any_version_of_the_model_find_their_prediction(backend, record):
    old, new = record(1, 2, version="v1"), record(1, 5, version="v2")

    by_key(backend, [(1, 3, "no"), (1, 6, "yes")])

    assert (backend.label("churn", old), backend.label("churn", new)) == ("no", "yes")


def test_labels_that_are_missing_are_counted_and_left_out(backend, record):
    record(1, 2)

    found = by_key(backend, [(1, 3, "no"), (1, 3, None)])

    assert (found.matched, found.missing) == (1, 1)


def test_labels_without_their_columns_or_with_no_time_are_refused_whole(backend, record, storage):
    record(1, 2)
    table = [{"customer": 1, "y": "no", "when": "soon"}]

    with pytest.raises(MissingColumn, match="no column 'z'"):
        backend.record_labels("churn", table, "z", ("customer",))
    with pytest.raises(MissingColumn, match="no column 'request_id'"):
        backend.record_labels("churn", table, "y")
    with pytest.raises(UnusableColumn, match="column 'when' is category and no time"):
        backend.record_labels("churn", table, "y", ("customer",), "when")

    with storage.reading() as reading:
        assert reading.execute("SELECT count(*) FROM label").fetchone()[0] == 0


def test_labels_find_predictions_that_were_folded_into_segments(backend, make):
    ids = backend.record_batch("churn", "v1", make.batch(5000))
    table = {"request_id": ids[:700], "y": ["yes", "no"] * 350}

    assert backend.record_labels("churn", table, "y").matched == 700
    assert backend.label("churn", ids[3]) == "no"
    keyed = [{"customer": n, "y": "yes"} for n in range(1000, 1300)]
    assert backend.record_labels("churn", keyed, "y", ("customer",)).matched == 300
