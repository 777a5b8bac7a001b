"""Ray, started once for all tests of this folder."""

import os

import pytest


@pytest.fixture(scope="session")
def ray():
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'msgkit-llm[ray]'")
    pytest.importorskip("ray.data")
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    yield ray
    ray.shutdown()
