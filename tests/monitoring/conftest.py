"""Makers for the tests of monitoring, and a backend on the test's own clock."""

import importlib.util
from pathlib import Path

import pytest


def beside(name):
    """Return a module of this folder, which is no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKERS, YEARS = beside("makers"), beside("years")


@pytest.fixture(scope="session")
def make():
    """What the tests of monitoring are made of."""
    return MAKERS


@pytest.fixture(scope="session")
def years():
    """Simulated years of a model in use."""
    return YEARS


@pytest.fixture
def storage(tmp_path, clock):
    """A storage in an empty folder."""
    from mlops_magics.storage import Storage

    storage = Storage(tmp_path / ".mlops", clock=clock)
    yield storage
    storage.close()


@pytest.fixture
def backend(storage):
    """Monitoring on this storage."""
    from mlops_magics.monitoring import MonitoringBackend

    return MonitoringBackend(storage)
