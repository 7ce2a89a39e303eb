import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from mlops_magics.errors.storage import BrokenModel, NewerFormat
from mlops_magics.model.baseline import Baseline
from mlops_magics.model.encoding import Encoding
from mlops_magics.model.network import Shape, flatten, initial_weights
from mlops_magics.model.package import from_bytes, to_bytes
from mlops_magics.model.scale import Scale
from mlops_magics.model.signature import Feature, Signature
from mlops_magics.model.trained import TrainedModel
from mlops_magics.tables.table import Column, Table


def small_table():
    none = np.zeros(30, bool)
    return Table.of(
        {
            "Größe 📏": Column("number", np.linspace(0, 1e20, 30), none),
            "when": Column("time", np.arange(30) * 10**12, none),
            "plan": Column("category", np.array(["a", "b", ""] * 10, object), none),
        }
    )


def small_model(task="binary"):
    table = small_table()
    encoding, _ = Encoding.fit_transform(table, None, 16)
    shape = Shape(
        inputs=encoding.width, outputs=1 if task == "regression" else 2, members=2, units=4
    )
    kinds = {name: column.kind for name, column in table.columns.items()}
    return TrainedModel(
        signature=Signature(
            features=tuple(Feature(name=name, kind=kind) for name, kind in kinds.items()),
            target="y",
            task=task,
            classes=() if task == "regression" else ("01", 1),
            target_kind="category",
        ),
        encoding=encoding,
        weights=flatten(initial_weights(shape, np.random.default_rng(0))),
        baseline=Baseline.fit(table, table.columns["plan"], np.linspace(0.5, 1, 30)),
        scale=Scale.fit(np.array([0.0, 9.5])) if task == "regression" else None,
        lineage={"rows": 30, "nested": {"none": None, "list": [1, 2.5, "x", True]}},
        environment={"python": "3.11"},
    )


MODEL = small_model()
DATA = to_bytes(MODEL)


def repacked(description=None, weights=None, **options):
    with zipfile.ZipFile(io.BytesIO(DATA)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if description is not None:
        parts["model.json"] = description(json.loads(parts["model.json"]))
    if weights is not None:
        parts["weights.safetensors"] = weights
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", **options) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def with_key(**changes):
    return lambda document: json.dumps({**document, **changes})


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_a_model_comes_back_equal_and_answers_alike(task):
    model = small_model(task)

    back = from_bytes(to_bytes(model))

    assert to_bytes(back) == to_bytes(model)
    assert back.signature == model.signature
    assert back.lineage == model.lineage
    answer = "values" if task == "regression" else "probabilities"
    expected = getattr(model, answer)(small_table())
    np.testing.assert_array_equal(getattr(back, answer)(small_table()), expected)


def test_equal_models_have_equal_bytes():
    assert to_bytes(small_model()) == DATA


@given(st.integers(0, len(DATA) - 1))
def test_a_file_cut_off_anywhere_is_a_broken_model_in_one_line(length):
    with pytest.raises(BrokenModel) as raised:
        from_bytes(DATA[:length])

    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith("the file is not a readable model: ")


def equal_or_broken(data):
    """Tell whether the bytes load as the same model, or are a broken one in one line."""
    try:
        back = from_bytes(data)
    except BrokenModel as broken:
        return "\n" not in str(broken)
    return to_bytes(back) == DATA


def flipped(place, flip):
    damaged = bytearray(DATA)
    damaged[place] ^= flip
    return bytes(damaged)


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
@settings(max_examples=300)
def test_a_flipped_byte_anywhere_is_noticed_or_changes_nothing(place, flip):
    assert equal_or_broken(flipped(place, flip))


@pytest.mark.parametrize("flip", [1, 8, 255])
def test_a_flipped_byte_of_the_zips_own_headers_is_noticed_or_changes_nothing(flip):
    places = [*range(60), *range(len(DATA) - 160, len(DATA))]

    assert [place for place in places if not equal_or_broken(flipped(place, flip))] == []


@given(st.binary(max_size=300))
def test_other_bytes_are_no_model(data):
    with pytest.raises(BrokenModel, match="train it again, or copy the file back"):
        from_bytes(data, "model churn v3")


def test_a_later_format_asks_for_a_later_version():
    with pytest.raises(NewerFormat) as raised:
        from_bytes(repacked(with_key(format=2)), "model churn v3")

    assert str(raised.value) == (
        "model churn v3 has format 2; this version reads up to 1. "
        "Next: pip install --upgrade mlops_magics"
    )


def test_a_compressed_member_is_refused_before_it_is_unpacked():
    bomb = repacked(lambda _: " " * 10**7, compression=zipfile.ZIP_DEFLATED)

    with pytest.raises(BrokenModel, match="it is compressed, which no model is"):
        from_bytes(bomb)


def test_a_third_member_is_refused():
    packed = io.BytesIO(DATA)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("../../run_me.py", "print(1)")

    with pytest.raises(BrokenModel, match=r"exactly model\.json and weights\.safetensors"):
        from_bytes(packed.getvalue())


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        (lambda d: "[" * 100_000, "is no JSON"),
        (lambda d: "[]", "it lacks 'format'"),
        (lambda d: json.dumps(d).replace("0.0", "NaN", 1), "holds NaN"),
        (lambda d: json.dumps(d).replace("0.0", "1e999", 1), "holds 1e999"),
        (with_key(weights_sha256="0" * 64), "its weights do not have their checksum"),
        (with_key(signature={}), "it lacks 'features'"),
        (with_key(encoding=None), "it lacks 'names'"),
        (with_key(scale={"mean": 1}), "its scale does not fit its task"),
        (with_key(environment={"python": 3}), "its environment holds more than texts"),
        (with_key(lineage=[]), "'lineage' is no object"),
        (with_key(format=True), "'format' is no whole number"),
    ],
)
def test_a_description_that_is_not_the_formats_says_why(description, reason):
    with pytest.raises(BrokenModel) as raised:
        from_bytes(repacked(description))

    assert reason in str(raised.value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda a: a | {"network/extra": np.zeros(3, np.float32)}, "of another network"),
        (
            lambda a: a | {"network/output.bias": np.zeros((2, 3), np.float32)},
            "output.bias has shape",
        ),
        (lambda a: a | {"sample/0": np.zeros(3)}, "'sample/0' is not of float32"),
        (lambda a: {n: v for n, v in a.items() if n != "sample/1"}, "samples are not one a column"),
    ],
)
def test_weights_that_do_not_fit_the_signature_are_refused(change, reason):
    import hashlib

    from safetensors.numpy import load

    with zipfile.ZipFile(io.BytesIO(DATA)) as archive:
        arrays = load(archive.read("weights.safetensors"))
    weights = save(change(arrays))
    digest = hashlib.sha256(weights).hexdigest()

    with pytest.raises(BrokenModel, match=reason):
        from_bytes(repacked(with_key(weights_sha256=digest), weights))


def test_a_lineage_that_is_not_plain_json_cannot_be_written():
    model = small_model()
    bad = TrainedModel(
        signature=model.signature,
        encoding=model.encoding,
        weights=model.weights,
        baseline=model.baseline,
        lineage={"loss": float("nan")},
    )

    with pytest.raises(ValueError, match="not JSON compliant"):
        to_bytes(bad)
