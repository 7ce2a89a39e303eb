"""Many single predictions at once are what each would have been by itself."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics import TrainingSpec
from mlops_magics.errors import MLOpsError
from mlops_magics.inference.answers import Prediction
from mlops_magics.workspace import Workspace
from mlops_magics.workspace.predict import How
from mlops_magics.workspace.together import Asked, answer_together

ROWS = [
    {
        **{"hour": i % 24, "carrier": ("AA", "UA", "DL")[i % 3], "miles": 100.5 + i},
        **{"is_new": i % 5 == 0, "gate": None if i % 7 == 0 else f"G{i % 4}", "flight_id": i},
        "late": "yes" if (i % 24 > 12) ^ (i % 11 == 0) else "no",
    }
    for i in range(200)
]
TARGETS = {"late": "late", "miles": "miles"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("together") / ".mlops")
    for name, target in TARGETS.items():
        workspace.train(TrainingSpec(model_id=name, data=ROWS, target=target, epochs=2))
    yield workspace
    workspace.close()


values = {
    "hour": st.sampled_from([3, 23, 24, 3.5, "3", "three", True, None, 10**20]),
    "carrier": st.sampled_from(["AA", "DL", "XX", "", None, 3]),
    "miles": st.sampled_from([150, 150.5, -1.0, "150.5", None, True]),
    "is_new": st.sampled_from([True, False, "yes", 1, None]),
    "gate": st.sampled_from(["G1", "G9", None]),
    "late": st.sampled_from(["yes", "no"]),
    "flight_id": st.sampled_from([7, "x"]),
    "more": st.just(1),
}
needed = ("hour", "carrier", "miles", "is_new", "gate", "late")
asked = st.tuples(
    st.sampled_from(["late", "late@v1", "miles", "chrun"]),
    st.fixed_dictionaries(
        {name: values[name] for name in needed},
        optional={name: values[name] for name in ("flight_id", "more")},
    ),
    st.sampled_from([None, *needed]),
    st.sampled_from([How(), How(coverage=0.8), How(explain=True)]),
)


def alone(workspace, one):
    try:
        return workspace.predict_one(
            one.ref, one.values, coverage=one.how.coverage, explain=one.how.explain
        )
    except MLOpsError as error:
        return error


@settings(max_examples=15)
@given(st.lists(asked, min_size=1, max_size=6))
def test_each_gets_what_it_would_have_got_by_itself(trained, wanted):
    together = [
        Asked(ref=ref, values={n: v for n, v in row.items() if n != left_out}, how=how)
        for ref, row, left_out, how in wanted
    ]
    before = trained.monitoring.count()
    found = answer_together(trained, together)
    recorded = trained.monitoring.count() - before
    expected = [alone(trained, one) for one in together]

    assert recorded == sum(isinstance(one, Prediction) for one in expected)
    for one, other in zip(found, expected, strict=True):
        assert type(one) is type(other)
        if isinstance(one, MLOpsError):
            assert str(one) == str(other)
            continue
        assert type(one.prediction) is type(other.prediction)
        for name in ("prediction", "confidence", "lower", "upper"):
            value, wanted_value = getattr(one, name), getattr(other, name)
            if isinstance(value, float):
                wanted_value = pytest.approx(wanted_value, rel=1e-4)
            assert value == wanted_value
        assert dict(one.probabilities) == pytest.approx(dict(other.probabilities), abs=1e-5)
        assert (one.warnings, one.set, one.version) == (other.warnings, other.set, other.version)
        stored = [trained.monitoring.find_event(p.model_id, p.request_id) for p in (one, other)]
        assert stored[0].features == stored[1].features
        assert json.dumps(dict(stored[0].key)) == json.dumps(dict(stored[1].key))
        assert stored[0].latency_ms > 0


def test_rows_that_are_as_training_had_them_go_in_one_pass_and_one_schema(trained):
    rows = [{n: v for n, v in row.items() if n != "late"} for row in ROWS[20:60]]
    before = trained.monitoring.count()
    found = answer_together(trained, [Asked(ref="late", values=row) for row in rows])

    assert [answer.warnings for answer in found] == [()] * 40
    assert trained.monitoring.count() == before + 40
    ids = [answer.request_id for answer in found]
    assert ids == sorted(set(ids))
