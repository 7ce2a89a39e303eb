"""Makers for the tests of monitoring, and a backend on the test's own clock."""

import importlib.util
from pathlib import Path

import pytest

SPEC = importlib.util.spec_from_file_location("makers", Path(__file__).with_name("makers.py"))
MAKERS = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MAKERS)


@pytest.fixture(scope="session")
def make():
    """What the tests of monitoring are made of."""
    return MAKERS


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
