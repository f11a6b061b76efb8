"""Programs with clusters on Google Cloud, run against the simulated one."""

import pytest

from kubeml_simulator.clouds.gcp import GcpProvider
from kubeml_simulator.kubernetes import KubernetesProvider

IMPORTS = """
import pulumi
import pulumi_gcp as gcp
from pulumi_kubeml import GkeCluster, GkeClusterArgs, NodePoolSpec, OnDemand, Reservation, Spot, Taint
from pulumi_kubeml.clusters.gke import KnownReservation, MaintenanceExclusion
from pulumi_kubeml.nodes import FlexStart, Mig, Mps, Queued, TimeSlicing

def args(**more):
    given = {
        "kubernetes_version": "1.35",
        "endpoint_access": ["203.0.113.0/24"],
        "admins": ["group:ml-platform@example.com"],
        "node_pools": [
            NodePoolSpec("general", machine="n2-standard-8", min=1, max=4),
            NodePoolSpec("serve", accelerator="l4", max=8, purpose="serving", capacity=[OnDemand(max=6), Spot()]),
        ],
    }
    return GkeClusterArgs(**{**given, **more})
"""


@pytest.fixture(scope="session")
def laboratory(make_laboratory):
    return make_laboratory(
        "gke",
        imports=IMPORTS,
        config={"gcp:project": "ml-dev", "gcp:region": "us-central1"},
        providers={"gcp": GcpProvider, "kubernetes": KubernetesProvider},
    )


@pytest.fixture
def project(laboratory, tmp_path):
    """A project of this test alone."""
    return laboratory.project(tmp_path)


@pytest.fixture(scope="session")
def cluster(laboratory):
    """One cluster, as a team would have it, and one workload identity."""
    return laboratory.graph(
        """
        cluster = GkeCluster("ml", args())
        corpus = gcp.storage.Bucket("corpus", location="US", uniform_bucket_level_access=True)
        cluster.workload_identity(
            "reader", namespace="research", service_account="loader",
            policy=[{"role": "roles/storage.objectViewer", "bucket": corpus.name}],
        )
        pulumi.export("kubeconfig", cluster.kubeconfig)
        """
    )
