"""What a training keeps so that later versions can be compared."""

import json

import numpy as np

from mlops_magics.tables.reading import read_table
from mlops_magics.training.assembly import prepare
from mlops_magics.training.kept_rows import FEATURE, TARGET, content, hashes, to_compare_on
from mlops_magics.training.spec import TrainingSpec


def prepared(count, key=()):
    a = np.random.default_rng(0).normal(0, 1, count)
    data = {"k": np.arange(count), "a": a, "y": np.where(a > 0, "up", "down").tolist()}
    spec = TrainingSpec(model_id="m", data=data, target="y", key=key, columns=("a",))
    return prepare(read_table(data), spec, None)


def test_of_many_held_out_rows_ten_thousand_are_kept_whatever_their_order():
    made = prepared(60_000)

    kept = to_compare_on(made)

    assert len(made.rows.held_out) == 12_000
    assert len(kept) == 10_000
    outcomes = [json.loads(text) for text in kept.column(TARGET).to_list()]
    assert ["up" if a > 0 else "down" for a in kept.column(FEATURE + "a").to_list()] == outcomes


def test_a_row_is_found_by_its_values_whatever_names_it():
    by_key, by_values = prepared(200, key=("k",)), prepared(200)

    learned = hashes(by_key, by_key.rows.training).column("content").values.view(np.uint64)
    held_out = content(by_key.features.take(by_key.rows.held_out))

    assert not np.isin(held_out, learned).any()
    assert np.isin(content(by_key.features.take(by_key.rows.training)), learned).all()
    assert set(content(by_values.features)) == set(content(by_key.features))
