"""The key of a cluster: it encrypts Kubernetes secrets, disks of nodes, block volumes and shared files.

Costs one key a month. It rotates every ninety days. A ring and its keys can never be deleted at Google Cloud, only what they
encrypt with: so their names are new for every cluster, and no destroyed cluster stands in the way of another of its name.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pulumi
import pulumi_gcp as gcp

from pulumi_kubeml.clusters.gke.place import Place

ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
ROTATION = "7776000s"
AGENTS: Mapping[str, str] = {
    "secrets": "container-engine-robot",
    "disks": "compute-system",
    "files": "cloud-filer",
}
"""Google's services that use the key (https://cloud.google.com/iam/docs/service-agents, 2026-09)."""


class ClusterKey(NamedTuple):
    """A key, and what must exist before each of Google's services can use it."""

    key: gcp.kms.CryptoKey
    grants: Mapping[str, pulumi.Resource]


def cluster_key(
    name: str, *, place: Place, protect: bool, labels: Mapping[str, str], opts: pulumi.ResourceOptions
) -> ClusterKey:
    """Make the key, and let GKE, Compute Engine and Filestore use it; nobody else is given it here."""
    ring = gcp.kms.KeyRing(name, location=place.region, opts=opts)
    key = gcp.kms.CryptoKey(
        name,
        key_ring=ring.id,
        purpose="ENCRYPT_DECRYPT",
        rotation_period=ROTATION,
        labels=labels,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=protect or None)),
    )
    grants = {
        use: gcp.kms.CryptoKeyIAMMember(
            f"{name}-{use}", crypto_key_id=key.id, role=ROLE, member=place.agent(service), opts=opts
        )
        for use, service in AGENTS.items()
    }
    return ClusterKey(key, grants)
