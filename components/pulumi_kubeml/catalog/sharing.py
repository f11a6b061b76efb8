"""How a cloud lets pods share devices, and how a device can be cut: rows of `data/sharing.csv`, `data/mig_offers.csv`, `data/mig_places.csv`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from pulumi_kubeml.catalog.accelerators import mig_profiles
from pulumi_kubeml.catalog.rows import read, whole


@dataclass(frozen=True)
class SharingOffer:
    """One way to share devices on one cloud."""

    cloud: str
    kind: str
    way: str
    """Who divides: "cloud" (a setting of the node pool) or "plugin" (the device plugin's configuration)."""
    least: int | None
    """Pods that share a device, at least."""
    most: int | None
    """Pods that may share a device; None where nobody gives a bound."""
    per_container: int | None
    """Shares that one container may have; None for any number."""
    one_device: int | None
    """The same on nodes with one device."""
    missing: str
    """Why it cannot be had; empty where it can."""
    source: str
    date: str

    def allowed(self, devices: int) -> int | None:
        """Make how many shares one container may have on nodes with some devices, None for any number."""
        return self.one_device if devices == 1 else self.per_container


@cache
def sharing_offers(cloud: str) -> Mapping[str, SharingOffer]:
    """Make the ways to share devices on a cloud, by kind.

    >>> sharing_offers("gcp")["timeSlicing"].most, sharing_offers("aws")["timeSlicing"].way
    (48, 'plugin')
    """
    return {
        row["kind"]: SharingOffer(
            cloud=cloud,
            kind=row["kind"],
            way=row["way"],
            least=whole(row["least"]),
            most=whole(row["most"]),
            per_container=whole(row["per_container"]),
            one_device=whole(row["one_device"]),
            missing=row["missing"],
            source=row["source"],
            date=row["date"],
        )
        for row in read("sharing")
        if row["cloud"] == cloud
    }


@cache
def mig_settings(cloud: str, accelerator: str) -> Mapping[str, str]:
    """Make what a cloud calls each size into which it cuts an accelerator; empty where it cuts none.

    >>> mig_settings("azure", "a100-80gb")["2g.20gb"], "4g.40gb" in mig_settings("gcp", "a100-80gb")
    ('MIG2g', False)
    """
    rows = (row for row in read("mig_offers") if (row["cloud"], row["accelerator"]) == (cloud, accelerator))
    return {row["profile"]: row["setting"] for row in rows}


@dataclass(frozen=True)
class Cut:
    """What an instance of some size takes of a device: slices of compute, slices of memory, where it may begin."""

    compute: int
    memory: int
    starts: tuple[int, ...]
    """Memory slices at which it may begin; empty where no source says."""


@cache
def cuts(accelerator: str) -> Mapping[str, Cut]:
    """Make what each size takes of an accelerator, in slices of which the smallest size has one.

    >>> cuts("h100")["3g.40gb"]
    Cut(compute=3, memory=4, starts=(0, 4))
    """
    gigabytes = {each.profile: _gigabytes(each.profile) for each in mig_profiles(accelerator)}
    unit = min(gigabytes.values(), default=1)
    memory = {profile: round(amount / unit) for profile, amount in gigabytes.items()}
    places = _places(max(memory.values(), default=0))
    return {
        profile: Cut(int(profile[0]), size, places.get((int(profile[0]), size), ())) for profile, size in memory.items()
    }


def slices(accelerator: str) -> int:
    """Make the memory slices of a whole device.

    >>> slices("h100"), slices("rtx-pro-6000")
    (8, 4)
    """
    return max((cut.memory for cut in cuts(accelerator).values()), default=0)


def holds(accelerator: str, wanted: Sequence[str]) -> bool:
    """Whether one device can be cut into instances of these sizes at once.

    >>> holds("h100", ["3g.40gb", "2g.20gb", "1g.10gb", "1g.10gb"]), holds("h100", ["3g.40gb", "3g.40gb", "1g.10gb"])
    (True, False)
    """
    known = cuts(accelerator)
    limits = {each.profile: each.instances for each in mig_profiles(accelerator)}
    if any(wanted.count(profile) > limits[profile] for profile in set(wanted)):
        return False
    if sum(known[profile].memory for profile in wanted) > slices(accelerator):
        return False
    parts = sorted((known[profile] for profile in wanted), key=lambda cut: -cut.memory)
    return not all(cut.starts for cut in parts) or _fits(tuple(parts), (1 << slices(accelerator)) - 1)


@lru_cache(maxsize=1024)
def _fits(parts: tuple[Cut, ...], free: int) -> bool:
    """Whether the parts find places among the free memory slices, one bit a slice."""
    if not parts:
        return True
    first, rest = parts[0], parts[1:]
    taken = ((1 << first.memory) - 1 << start for start in first.starts)
    return any(free & bits == bits and _fits(rest, free & ~bits) for bits in taken)


@cache
def _places(total: int) -> dict[tuple[int, int], tuple[int, ...]]:
    rows = (row for row in read("mig_places") if int(row["slices"]) == total)
    return {(int(row["compute"]), int(row["size"])): tuple(map(int, row["starts"].split())) for row in rows}


def _gigabytes(profile: str) -> int:
    """Make the memory of a profile's name ("1g.10gb+me": 10)."""
    return int(profile.partition(".")[2].partition("gb")[0])
