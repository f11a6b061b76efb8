"""Storage classes on GKE by purpose: disks and shared files, both encrypted with the cluster's key.

Costs: what claims ask for; shared files come in instances of 1 TiB at least, for ten volumes of up to 1 TiB or for one.
"""

from collections.abc import Mapping, Sequence

import pulumi

from pulumi_kubeml.clusters.gke.args import SharedFiles
from pulumi_kubeml.clusters.gke.encryption import ClusterKey
from pulumi_kubeml.storage import StorageClassSpec


def block(key: ClusterKey, *, labels: Mapping[str, str], after: Sequence[pulumi.Resource]) -> StorageClassSpec:
    """Make the class of a disk for one pod, which is made in the zone of its first.

    GKE leaves a class standard-rwo behind, and makes it the default
    (https://cloud.google.com/kubernetes-engine/docs/how-to/persistent-volumes/gce-pd-csi-driver, 2026-09); of two defaults the
    younger one counts, which is this.
    """
    return StorageClassSpec(
        purpose="block",
        provisioner="pd.csi.storage.gke.io",
        parameters={"type": "pd-balanced", "disk-encryption-kms-key": key.key.id, "labels": written(labels)},
        binding="WaitForFirstConsumer",
        expandable=True,
        default=True,
        after=[*after, key.grants["disks"]],
    )


def shared(
    key: ClusterKey,
    *,
    kind: SharedFiles,
    network_id: pulumi.Output[str],
    labels: Mapping[str, str],
    after: Sequence[pulumi.Resource],
) -> StorageClassSpec:
    """Make the class of files that pods of several nodes share: Filestore, in all zones of the region at once.

    (https://cloud.google.com/kubernetes-engine/docs/concepts/multishares and https://cloud.google.com/filestore/docs/service-tiers-enterprise,
    2026-09.)
    """
    return StorageClassSpec(
        purpose="shared",
        provisioner="filestore.csi.storage.gke.io",
        parameters={
            "tier": "enterprise",
            **({"multishare": "true"} if kind == "shares" else {}),
            "network": network_id.apply(lambda path: path.rpartition("/")[2]),
            "instance-encryption-kms-key": key.key.id,
            "labels": written(labels),
        },
        binding="Immediate",
        expandable=True,
        after=[*after, key.grants["files"]],
    )


def written(labels: Mapping[str, str]) -> str:
    """Make labels as the drivers take them.

    >>> written({"owner": "ml", "environment": "dev"})
    'environment=dev,owner=ml'
    """
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
