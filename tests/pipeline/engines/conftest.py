"""Ray, started once for all tests of this folder: two nodes of one core each."""

import os

import pytest


@pytest.fixture(scope="session")
def ray():
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'msgkit-llm[ray]'")
    pytest.importorskip("ray.data")
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False, configure_logging=False)
    yield ray
    ray.shutdown()
    cluster.shutdown()
