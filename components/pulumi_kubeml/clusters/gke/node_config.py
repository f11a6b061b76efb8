"""What each node of a pool is: machine, disks, devices and their driver, labels, taints, and how its machine is bought."""

from collections.abc import Mapping

import pulumi
import pulumi_gcp as gcp

from pulumi_kubeml.catalog.disks import boot_disk
from pulumi_kubeml.nodes import (
    FlexStart,
    Mig,
    Mps,
    NodePool,
    OnDemand,
    Queued,
    Reservation,
    Rung,
    Spot,
    Taint,
    TimeSlicing,
    local_ssds,
)

EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
RESERVATION = "compute.googleapis.com/reservation-name"
OWN_PLUGIN_LABEL = "gke-no-default-nvidia-gpu-device-plugin"
"""Keeps GKE's device plugin off: the operator brings its own (https://docs.nvidia.com/aicr/integrator-guide/gke-gpu-setup, 2026-09)."""
QUEUED_TAINT = Taint("cloud.google.com/gke-queued", "true")
"""GKE itself gives it to nodes that come for a request that waits, but not the label of the same name."""
DRANET_LABEL = "cloud.google.com/gke-networking-dra-driver"
SECONDS_OF_FLEX_START = 604800
"""Seven days, the most there is (https://cloud.google.com/kubernetes-engine/docs/concepts/dws, 2026-09)."""


def node_config(
    pool: NodePool, rung: Rung, *, nodes: pulumi.Input[str], disk_key: pulumi.Input[str], labels: Mapping[str, str]
) -> gcp.container.NodePoolNodeConfigArgs:
    """Make the configuration of the nodes of one rung.

    Args:
        pool: The pool.
        rung: How these nodes are bought.
        nodes: Address of the account that they act as.
        disk_key: The key of their disks.
        labels: Labels of machines and disks at Google Cloud, not those of nodes.
    """
    container, capacity = gcp.container, rung.capacity
    flexible = isinstance(capacity, FlexStart)
    disks = local_ssds(pool)
    metal = pool.machine.machine_type.endswith("-metal")
    return container.NodePoolNodeConfigArgs(
        machine_type=pool.machine.machine_type,
        image_type=pool.image,
        disk_type=boot_disk(pool.machine),
        disk_size_gb=pool.disk_gib,
        boot_disk_kms_key=disk_key,
        ephemeral_storage_local_ssd_config=container.NodePoolNodeConfigEphemeralStorageLocalSsdConfigArgs(
            local_ssd_count=disks
        )
        if pool.local_disks == "ephemeral"
        else None,
        local_nvme_ssd_block_config=container.NodePoolNodeConfigLocalNvmeSsdBlockConfigArgs(local_ssd_count=disks)
        if pool.local_disks == "block"
        else None,
        guest_accelerators=_devices(pool),
        gvnic=None if metal else container.NodePoolNodeConfigGvnicArgs(enabled=True),
        gcfs_config=container.NodePoolNodeConfigGcfsConfigArgs(enabled=pool.image_streaming),
        spot=True if isinstance(capacity, Spot) else None,
        flex_start=True if flexible else None,
        max_run_duration=f"{SECONDS_OF_FLEX_START}s" if flexible else None,
        reservation_affinity=_reserved(rung),
        kubelet_config=_kubelet(pool),
        linux_node_config=container.NodePoolNodeConfigLinuxNodeConfigArgs(
            hugepages_config=container.NodePoolNodeConfigLinuxNodeConfigHugepagesConfigArgs(
                hugepage_size2m=pool.hugepages
            )
        )
        if pool.hugepages
        else None,
        labels={**pool.own_labels, **_own_labels(pool, rung)},
        taints=[
            container.NodePoolNodeConfigTaintArgs(key=taint.key, value=taint.value, effect=EFFECTS[taint.effect])
            for taint in pool.taints
            if taint != QUEUED_TAINT
        ],
        resource_labels=labels,
        service_account=nodes,
        # What the account may do is decided by its roles, not by an older list beside them.
        oauth_scopes=["https://www.googleapis.com/auth/cloud-platform"],
        metadata={"disable-legacy-endpoints": "true"},
        workload_metadata_config=container.NodePoolNodeConfigWorkloadMetadataConfigArgs(mode="GKE_METADATA"),
        shielded_instance_config=None
        if metal
        else container.NodePoolNodeConfigShieldedInstanceConfigArgs(
            enable_integrity_monitoring=True,
            # A driver that the operator builds is not signed, and would not load.
            enable_secure_boot=pool.driver_owner != "operator",
        ),
    )


def _devices(pool: NodePool) -> list[gcp.container.NodePoolNodeConfigGuestAcceleratorArgs] | None:
    """The GPUs of a node; TPUs are part of their machine types, and not named beside them."""
    container, accelerator = gcp.container, pool.accelerator
    if accelerator is None or accelerator.vendor != "nvidia":
        return None
    assert pool.machine.cloud_accelerator is not None, "every machine with a GPU has Google's name of it"
    driver = pool.driver.setting if pool.driver else "DEFAULT"
    sharing = pool.spec.sharing
    return [
        container.NodePoolNodeConfigGuestAcceleratorArgs(
            type=pool.machine.cloud_accelerator,
            count=pool.machine.devices,
            gpu_driver_installation_config=container.NodePoolNodeConfigGuestAcceleratorGpuDriverInstallationConfigArgs(
                gpu_driver_version=driver
            ),
            gpu_partition_size=pool.shares.setting if pool.shares and isinstance(sharing, Mig) else None,
            gpu_sharing_config=container.NodePoolNodeConfigGuestAcceleratorGpuSharingConfigArgs(
                gpu_sharing_strategy="MPS" if isinstance(sharing, Mps) else "TIME_SHARING",
                max_shared_clients_per_gpu=sharing.replicas,
            )
            if isinstance(sharing, TimeSlicing | Mps)
            else None,
        )
    ]


def _reserved(rung: Rung) -> gcp.container.NodePoolNodeConfigReservationAffinityArgs | None:
    """Machines of a reservation come from that one; those on demand from any that is open; the others from none."""
    affinity = gcp.container.NodePoolNodeConfigReservationAffinityArgs
    if isinstance(rung.capacity, Reservation):
        return affinity(consume_reservation_type="SPECIFIC_RESERVATION", key=RESERVATION, values=[rung.capacity.id])
    return None if isinstance(rung.capacity, OnDemand) else affinity(consume_reservation_type="NO_RESERVATION")


def _kubelet(pool: NodePool) -> gcp.container.NodePoolNodeConfigKubeletConfigArgs:
    container = gcp.container
    if not pool.exclusive_cpus:
        return container.NodePoolNodeConfigKubeletConfigArgs(insecure_kubelet_readonly_port_enabled="FALSE")
    return container.NodePoolNodeConfigKubeletConfigArgs(
        insecure_kubelet_readonly_port_enabled="FALSE",
        cpu_manager_policy="static",
        topology_manager=container.NodePoolNodeConfigKubeletConfigTopologyManagerArgs(
            policy="best-effort", scope="container"
        ),
        memory_manager=container.NodePoolNodeConfigKubeletConfigMemoryManagerArgs(policy="None"),
    )


def _own_labels(pool: NodePool, rung: Rung) -> dict[str, str]:
    """Labels that tell GKE something of a node."""
    found: dict[str, str] = {}
    if isinstance(rung.capacity, Queued):
        found[QUEUED_TAINT.key] = QUEUED_TAINT.value
    if pool.driver is not None and pool.driver.setting == "INSTALLATION_DISABLED":
        found[OWN_PLUGIN_LABEL] = "true"
    if pool.fabric is not None and pool.fabric.network_profile == "auto":
        found[DRANET_LABEL] = "true"
    return found
