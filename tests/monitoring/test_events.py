import numpy as np
import pytest

from mlops_magics.errors.state import NameTaken
from mlops_magics.monitoring import Event, MonitoringBackend


def test_an_event_comes_back_as_it_was_recorded(backend):
    event = Event(
        model_id="churn",
        version="v1",
        prediction="no",
        features={"age": 41, "plan": "pro", "paid": True, "spend": 2.5, "gone": None},
        confidence=0.75,
        probabilities={"no": 0.75, "yes": 0.25},
        latency_ms=1.5,
        key={"customer": 7},
        event_time=12,
        request_id="a" * 32,
    )

    backend.record_inference(event)

    (found,) = backend.query_events("churn")
    expected = {name: getattr(event, name) for name in Event.__dataclass_fields__}
    expected["features"] = {k: v for k, v in event.features.items() if v is not None}
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize("prediction", [True, 3, 2.5, "no", None])
def test_a_prediction_keeps_its_type(backend, prediction):
    backend.record_inference(Event(model_id="m", prediction=prediction))

    (found,) = backend.query_events("m")

    assert (type(found.prediction), found.prediction) == (type(prediction), prediction)


def test_events_of_a_batch_and_single_ones_are_queried_alike(backend, make):
    ids = backend.record_batch("churn", "v1", make.batch(3))
    single = backend.record_inference(
        Event(
            model_id="churn", version="v2", prediction="no", event_time=make.START + 90 * 60_000_000
        )
    )

    found = backend.query_events("churn")

    assert [event.request_id for event in found] == [ids[2], single, ids[1], ids[0]]
    assert [e.request_id for e in backend.query_events("churn", version="v1", limit=1)] == [ids[2]]
    assert backend.query_events("churn", start_time=make.START, end_time=make.START)[0].key == {
        "customer": 0
    }
    assert backend.find_event("churn", ids[1]).request_id == ids[1]
    assert backend.find_event("churn", "b" * 32) is None


def test_models_whose_names_begin_alike_are_kept_apart(backend):
    for name in ("churn", "churn2", "churn-eu"):
        backend.record_inference(Event(model_id=name, prediction=1))

    assert backend.count("churn") == 1
    assert backend.count() == 3


def test_a_request_id_is_refused_twice_also_after_its_row_was_folded(backend, make):
    event = Event(model_id="churn", version="v1", prediction="no", request_id="a" * 32)
    backend.record_inference(event)
    backend.record_batch("churn", "v1", make.batch(4999))
    backend.get_metrics("churn")

    with pytest.raises(NameTaken):
        backend.record_inference(event)

    assert backend.count("churn") == 5000


def test_a_backend_of_its_own_needs_no_storage():
    alone = MonitoringBackend()

    alone.record_inference(Event(model_id="m", prediction=1.5, features={"x": float("inf")}))

    assert np.isnan(alone.get_metrics("m").avg_confidence or np.nan)
    assert alone.query_events()[0].features == {"x": None}
