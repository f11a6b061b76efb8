"""What the nodes of a shared pool offer in place of whole devices, and what stands against sharing them.

Shares by turns or side by side have a name of their own where our device plugin makes them (`nvidia.com/gpu.shared`), so that
no pod that asks for a whole device gets a part of one (docs/decisions/0009-shares-have-their-own-name.md). GKE names them as whole devices; there
the node labels that GKE gives tell them apart, and pods select those.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi_kubeml import catalog
from pulumi_kubeml.catalog import Accelerator, Machine
from pulumi_kubeml.catalog.sharing import SharingOffer, cuts, holds, mig_settings, sharing_offers, slices
from pulumi_kubeml.nodes.sharing import KINDS, STRATEGIES, Mig, Mps, Sharing, TimeSlicing
from pulumi_kubeml.problems import Problems, listed, suggestion

CONFIG_LABEL = "nvidia.com/device-plugin.config"
"""The label by which NVIDIA's device plugin takes one of its named configurations (its README, `config.map`)."""
MPS_LABEL = "nvidia.com/mps.capable"
"""The label of nodes on which the chart of the device plugin runs the daemon of MPS."""
SHARING_LABEL = "kubeml.io/sharing"
_GKE = "cloud.google.com/gke-"
_GKE_STRATEGIES = {"timeSlicing": "time-sharing", "mps": "mps"}


@dataclass(frozen=True)
class Shares:
    """What one node of a shared pool offers."""

    resources: Mapping[str, int]
    """Shares of a node by the name under which pods ask for one."""
    labels: Mapping[str, str]
    """Labels of the nodes beside the pool's own."""
    given: Mapping[str, str] = field(default_factory=dict[str, str])
    """Labels that the cloud gives the nodes by itself; pods select them."""
    sizes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Names under which pods ask, by the size of an instance; empty where there is one name for all."""
    per_container: int | None = None
    """Shares that one container may have; None for any number."""
    setting: str = ""
    """What the cloud calls the size into which devices are cut."""


def name(sharing: Sharing) -> str:
    """Make the name of a sharing: of the device plugin's configuration, and the value of a label.

    >>> name(TimeSlicing(4)), name(Mig("1g.10gb"))
    ('time-slicing-4', 'mig-single')
    """
    match sharing:
        case TimeSlicing(replicas):
            return f"time-slicing-{replicas}"
        case Mps(replicas):
            return f"mps-{replicas}"
        case Mig():
            return f"mig-{sharing.strategy}"


def shares(sharing: Sharing, machine: Machine, accelerator: Accelerator) -> Shares:
    """Make what a node offers under a sharing that was checked.

    >>> from pulumi_kubeml.catalog import accelerators, machines
    >>> g6 = machines("aws")["g6.12xlarge"]
    >>> dict(shares(TimeSlicing(4), g6, accelerators()["l4"]).resources)
    {'nvidia.com/gpu.shared': 16}
    """
    offer = sharing_offers(machine.cloud)[sharing.kind]
    whole, devices = accelerator.resource_key, machine.devices
    labels = {SHARING_LABEL: name(sharing)}
    most = offer.allowed(devices)
    if isinstance(sharing, Mig):
        return _cut(sharing, machine, accelerator, labels, most)
    if offer.way == "plugin":
        labels[CONFIG_LABEL] = name(sharing)
        if isinstance(sharing, Mps):
            labels[MPS_LABEL] = "true"
        return Shares({f"{whole}.shared": devices * sharing.replicas}, labels, per_container=most)
    given = {
        f"{_GKE}gpu-sharing-strategy": _GKE_STRATEGIES[sharing.kind],
        f"{_GKE}max-shared-clients-per-gpu": str(sharing.replicas),
    }
    return Shares({whole: devices * sharing.replicas}, labels, given, per_container=most)


def _cut(sharing: Mig, machine: Machine, accelerator: Accelerator, labels: dict[str, str], most: int | None) -> Shares:
    rows = {each.profile: each for each in catalog.mig_profiles(accelerator.key)}
    counts = {size: count or rows[size].instances for size, count in sharing.sizes.items()}
    settings = mig_settings(machine.cloud, accelerator.key)
    setting = settings.get(next(iter(counts)), "") if len(counts) == 1 else ""
    if machine.cloud == "gcp":
        given = {f"{_GKE}gpu-partition-size": setting}
    else:
        given, labels[CONFIG_LABEL] = {}, name(sharing)
    if sharing.strategy == "single":
        total = machine.devices * sum(counts.values())
        return Shares({accelerator.resource_key: total}, labels, given, per_container=most, setting=setting)
    sizes = {size: rows[size].resource_key for size in counts}
    resources = {sizes[size]: machine.devices * count for size, count in counts.items()}
    return Shares(resources, labels, given, sizes, most, setting)


def check_sharing(sharing: Sharing, machine: Machine, accelerator: Accelerator | None, problems: Problems) -> None:
    """Add what stands against sharing the devices of a machine this way."""
    at = problems.under("sharing")
    kind = getattr(sharing, "kind", None)
    if kind not in KINDS:
        at.add(
            "",
            f"{sharing!r} is not a way to share devices; allowed: {listed(each.__name__ for each in KINDS.values())}",
        )
        return
    if accelerator is None:
        at.add("", f"{kind}, but {machine.name} has no accelerator to share; leave sharing out, or name an accelerator")
        return
    if accelerator.vendor != "nvidia":
        at.add(
            "", f"{kind}, but {accelerator.key} is no device of NVIDIA's, and no other can be shared here; leave it out"
        )
        return
    offer = sharing_offers(machine.cloud).get(sharing.kind)
    if offer is None or offer.missing:
        why = offer.missing if offer else "no source says that it can be had"
        others = listed(each.kind for each in sharing_offers(machine.cloud).values() if not each.missing)
        at.add("", f"{kind} cannot be had on {machine.cloud}: {why}; allowed: {others}")
    if isinstance(sharing, Mig):
        _check_cut(sharing, machine, accelerator, at)
    elif offer is not None:
        _check_replicas(sharing, offer, at)


def _check_replicas(sharing: TimeSlicing | Mps, offer: SharingOffer, at: Problems) -> None:
    count, least = sharing.replicas, offer.least or 2
    bound = f"{least} to {offer.most}" if offer.most else f"{least} or more"
    if isinstance(count, bool) or not isinstance(count, int) or count < least:
        at.add("replicas", f"{count!r} pods to a device; allowed: {bound}; a device for one pod needs no sharing")
    elif offer.most is not None and count > offer.most:
        at.add("replicas", f"{count} pods to a device; allowed on {offer.cloud}: {bound}")


def _check_cut(sharing: Mig, machine: Machine, accelerator: Accelerator, at: Problems) -> None:
    sizes = cuts(accelerator.key)
    if not sizes:
        able = sorted(key for key in catalog.accelerators() if cuts(key))
        at.add("", f"{accelerator.key} cannot be cut into instances; these can: {listed(able)}")
        return
    if sharing.strategy not in STRATEGIES:
        at.add("strategy", f'"{sharing.strategy}" is no strategy; allowed: {listed(STRATEGIES)}')
    if bool(sharing.profile) == bool(sharing.layout):
        said = "both are given" if sharing.profile else "neither is given"
        at.add("profile", f"profile or layout, but {said}; give the one size, or a layout of several")
        return
    known = len(at)
    for size, count in sharing.sizes.items():
        step = f"layout.{size}" if sharing.layout else "profile"
        if size not in sizes:
            at.add(
                step, f'"{size}" is no size of {accelerator.key}; allowed: {listed(sizes)}' + suggestion(size, sizes)
            )
        elif count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
            at.add(step, f"{count!r} instances; allowed: 1 or more")
    if len(at) > known:
        return
    if sharing.layout and sharing.strategy != "mixed":
        at.add("strategy", '"single" calls all instances alike, but a layout has sizes of their own; allowed: mixed')
    wanted = [size for size, count in sharing.layout.items() for _ in range(count)]
    if not holds(accelerator.key, wanted):
        needed = sum(sizes[size].memory for size in wanted)
        shown = listed(f"{count} x {size} ({sizes[size].memory} each)" for size, count in sharing.layout.items())
        at.add(
            "layout",
            f"{shown} take {needed} of the {slices(accelerator.key)} memory slices of {accelerator.key}, and find no places "
            "beside each other; take fewer or smaller ones",
        )
    _check_cloud(sharing, machine, accelerator, at)


def _check_cloud(sharing: Mig, machine: Machine, accelerator: Accelerator, at: Problems) -> None:
    """Add what a cloud that cuts devices itself has against a cut: it knows some sizes, and one for all devices of a pool."""
    offer = sharing_offers(machine.cloud).get("mig")
    if offer is None or offer.missing:
        return
    settings = mig_settings(machine.cloud, accelerator.key)
    allowed = f"allowed: {listed(settings)}" if settings else f"it cuts no {accelerator.key}"
    if len(sharing.sizes) > 1:
        at.add(
            "layout",
            f"{listed(sharing.layout)}, but {machine.cloud} cuts all devices of a pool into one size; {allowed}",
        )
        return
    (size, count), *_ = sharing.sizes.items()
    if size not in settings:
        at.add("layout" if sharing.layout else "profile", f'"{size}" is no size that {machine.cloud} cuts; {allowed}')
    rows = {each.profile: each.instances for each in catalog.mig_profiles(accelerator.key)}
    if count is not None and count != rows[size]:
        at.add(f"layout.{size}", f"{count}, but {machine.cloud} cuts a device into as many as it holds, {rows[size]}")
    if machine.cloud == "gcp" and sharing.strategy == "mixed":
        at.add("strategy", '"mixed", but GKE calls every instance nvidia.com/gpu; allowed: single')
