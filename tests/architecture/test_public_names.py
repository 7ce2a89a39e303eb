"""The names that a user may rely on."""

import pytest

import mlops_magics

PUBLIC = [
    "FeatureStore",
    "InferenceEngine",
    "MLOpsError",
    "ModelRegistry",
    "MonitoringBackend",
    "TrainingProvider",
    "TrainingSpec",
    "Workspace",
    "__version__",
    "load_ipython_extension",
    "open_workspace",
    "unload_ipython_extension",
]


def test_the_list_of_public_names_changes_only_on_purpose():
    assert sorted(mlops_magics.__all__) == PUBLIC
    assert len(PUBLIC) <= 15


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_resolves_and_is_offered_by_dir(name):
    assert getattr(mlops_magics, name) is not None
    assert name in dir(mlops_magics)


def test_an_unknown_name_is_an_ordinary_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = mlops_magics.nonsense
