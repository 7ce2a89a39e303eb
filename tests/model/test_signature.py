import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.model.document import Malformed
from mlops_magics.model.signature import Feature, Signature

features = st.builds(
    Feature,
    name=st.text(),
    kind=st.sampled_from(["number", "integer", "boolean", "category", "time", "text"]),
    levels=st.lists(st.text(), max_size=4).map(tuple),
    low=st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    high=st.none() | st.integers(),
    missing_seen=st.booleans(),
    whole=st.booleans(),
)
classes = st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


def through_json(value):
    return json.loads(json.dumps(value))


@given(
    st.lists(features, unique_by=lambda feature: feature.name, max_size=4),
    st.lists(classes, min_size=3, max_size=5),
)
def test_a_signature_comes_back_from_json_with_every_class_in_its_own_type(inputs, answers):
    signature = Signature(
        features=tuple(inputs),
        target="y",
        task="multiclass",
        classes=tuple(answers),
        target_kind="category",
    )

    back = Signature.from_json(through_json(signature.to_json()))

    assert back == signature
    assert [type(value) for value in back.classes] == [type(value) for value in answers]


@pytest.mark.parametrize("pair", [("01", "1"), (5, 7), (True, False), (1.0, 2.0)])
def test_the_text_01_the_number_1_and_true_stay_what_they_are(pair):
    signature = Signature(
        features=(), target="y", task="binary", classes=pair, target_kind="category"
    )

    back = Signature.from_json(through_json(signature.to_json())).classes

    assert [(type(v), v) for v in back] == [(type(v), v) for v in pair]


@pytest.mark.parametrize(
    ("task", "answers", "outputs"),
    [("binary", ["a", "b"], 2), ("multiclass", ["a", "b", "c"], 3), ("regression", [], 1)],
)
def test_a_network_answers_one_number_a_class_or_one(task, answers, outputs):
    signature = Signature(
        features=(), target="y", task=task, classes=tuple(answers), target_kind="category"
    )

    assert signature.outputs == outputs


def change(document, key, value):
    return {**document, key: value}


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("task", "ranking", "'task' is 'ranking'"),
        ("classes", ["a"], "1 classes for binary"),
        ("classes", [None, "a"], "'classes' holds more than plain values"),
        ("target", 3, "'target' is no text"),
        ("features", {}, "'features' is no list"),
        ("features", [{}], "it lacks 'name'"),
    ],
)
def test_json_that_is_no_signature_says_what_is_wrong(key, value, problem):
    document = Signature(
        features=(), target="y", task="binary", classes=(0, 1), target_kind="integer"
    ).to_json()

    with pytest.raises(Malformed) as raised:
        Signature.from_json(change(document, key, value))

    assert str(raised.value) == problem


def test_two_features_of_one_name_are_no_signature():
    twice = Feature(name="a", kind="number")
    signature = Signature(
        features=(twice, twice), target="y", task="regression", target_kind="number"
    )

    with pytest.raises(Malformed, match="two features of one name"):
        Signature.from_json(signature.to_json())
