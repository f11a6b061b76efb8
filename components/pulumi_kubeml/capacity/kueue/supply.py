"""Kueue's quotas against pools: what is promised of each flavor, and what its nodes have when the pools are at their maximum.

>>> from pulumi_kubeml.capacity.kueue.model import ClusterQueue, Flavor, ResourceGroup, Share
>>> from pulumi_kubeml.capacity.model import Pool
>>> group = ResourceGroup(("nvidia.com/gpu",), {"h100": {"nvidia.com/gpu": Share(40)}})
>>> kueue = Kueue((ClusterQueue("research", "", (group,)),), flavors=(Flavor("h100", {"kubeml.io/pool": "train"}),))
>>> for finding in judge(kueue, [Pool("train", 4, {"kubeml.io/pool": "train"}, (), {"nvidia.com/gpu": 8})]):
...     print(finding)
40 nvidia.com/gpu of h100 are promised (research 40), its pools have 32 at most (train 4 x 8)
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from pulumi_kubeml.capacity.accelerators import is_device
from pulumi_kubeml.capacity.flow import unmet
from pulumi_kubeml.capacity.kueue.findings import Finding, Promise, whose
from pulumi_kubeml.capacity.kueue.model import Flavor, FlavorResource, Kueue
from pulumi_kubeml.capacity.kueue.tree import Queues
from pulumi_kubeml.capacity.model import PoolLike, Quota
from pulumi_kubeml.capacity.quota import PREFIX, grants, supply, told_apart
from pulumi_kubeml.capacity.selectors import NODE_OWN, tolerates

Offers = Mapping[str, tuple[int, int]]
_NODES_HAVE = ("cpu", "memory", "pods")
_UNTOLD = ("ephemeral-storage", "hugepages-")
"""Resources that nodes have, but of which pools do not tell how much."""


def judge(kueue: Kueue, pools: Sequence[PoolLike], quotas: Sequence[Quota] = ()) -> list[Finding]:
    """Make everything that is wrong between the queues of one cluster and its pools, in the order of flavors and resources.

    All nominal quotas of a flavor count, whatever their tree: each is promised at the same time. With the `quotas` of
    namespaces it also tells devices that are promised to queues and to namespaces together.
    """
    pools = told_apart(pools)
    tree = Queues(kueue.queues, kueue.cohorts)
    promises = _promises(tree)
    known = {flavor.name: flavor for flavor in kueue.flavors}
    by_flavor: dict[str, list[Promise]] = defaultdict(list)
    by_resource: dict[str, dict[str, tuple[Promise, ...]]] = defaultdict(dict)
    for key, each in sorted(promises.items()):
        by_flavor[key.flavor] += each
        by_resource[key.resource][key.flavor] = each
    homes = {name: matching(known[name], pools) for name in by_flavor if name in known}
    found: list[Finding] = []
    for name, mine in by_flavor.items():
        if name not in known:
            queues = tuple(each for each in mine if each.kind == "ClusterQueue")
            found.append(Finding("no-flavor", (name,), promises=queues))
        elif not homes[name]:
            found.append(Finding("no-pool", (name,), promises=tuple(mine), detail=_unmatched(known[name], pools)))
        else:
            found += _tainted(known[name], homes[name])
    for resource in sorted({key.resource for key in promises}):
        if resource.startswith(_UNTOLD):
            continue
        these = {
            key.flavor: each for key, each in promises.items() if key.resource == resource and homes.get(key.flavor)
        }
        room = {name: supply(homes[name], resource) for name in these}
        bad = {name for name in these if sum(each.amount for each in these[name]) > _total(room[name])}
        for name in sorted(bad):
            mine = whose(these[name])
            if room[name]:
                found.append(Finding("overpromised", (name,), resource, mine, room[name]))
            elif known[name].labels or resource in _NODES_HAVE or is_device(resource):
                # A flavor without labels is of no node: it may count what is on none, such as licences.
                where = ", ".join(sorted(pool.name for pool in homes[name]))
                found.append(Finding("no-resource", (name,), resource, mine, detail=where))
        shared = list(_shared(resource, {name: each for name, each in these.items() if name not in bad}, room))
        found += shared
        if is_device(resource) and not bad and not shared:
            found += _twice(
                resource, _apart(these.values(), kueue, quotas, resource), room, quotas, supply(pools, resource)
            )
    return found


def matching(flavor: Flavor, pools: Iterable[PoolLike]) -> list[PoolLike]:
    """Make the pools whose nodes have all labels of a flavor; a label that each node has of its own may be met by some.

    >>> from pulumi_kubeml.capacity.model import Pool
    >>> pools = [Pool("serve", 3, {"kubeml.io/pool": "serve"}, (), {}), Pool("train", 4, {"kubeml.io/pool": "train"}, (), {})]
    >>> [pool.name for pool in matching(Flavor("h100", {"kubeml.io/pool": "train"}), pools)]
    ['train']
    """
    wanted = flavor.labels.items()
    return [
        pool
        for pool in pools
        if all(pool.labels.get(key) == value or (key in NODE_OWN and key not in pool.labels) for key, value in wanted)
    ]


def _promises(tree: Queues) -> dict[FlavorResource, tuple[Promise, ...]]:
    """Make all promises of each flavor and resource, those of nothing too."""
    found: dict[FlavorResource, list[Promise]] = defaultdict(list)
    for name in sorted(tree.queues):
        root, urn = tree.root_of(name), tree.queues[name].urn
        for key, share in tree.node(name).shares.items():
            found[key].append(Promise(name, "ClusterQueue", share.nominal, root, key.flavor, urn))
    for name, cohort in sorted(tree.cohorts.items()):
        for key, share in cohort.shares().items():
            found[key].append(Promise(name, "Cohort", share.nominal, tree.top_of(name), key.flavor, cohort.urn))
    return {key: tuple(these) for key, these in found.items()}


def _shared(
    resource: str, promises: Mapping[str, tuple[Promise, ...]], room: Mapping[str, Offers]
) -> Iterator[Finding]:
    """Yield flavors that share pools, of which more is promised together than those have."""
    offers = {pool: offer for name in promises for pool, offer in room[name].items()}
    demands = {name: (sum(each.amount for each in these), room[name]) for name, these in promises.items()}
    for together in unmet(demands, _rooms(offers)):
        theirs = {pool: offers[pool] for pool in sorted({pool for name in together for pool in room[name]})}
        told = (each for name in sorted(together) for each in promises[name])
        yield Finding("shared", tuple(sorted(together)), resource, whose(told), theirs)


def _apart(
    promises: Iterable[tuple[Promise, ...]], kueue: Kueue, quotas: Sequence[Quota], resource: str
) -> list[Promise]:
    """Make the promises that no quota of a namespace counts.

    What a namespace queues is counted by its own quota too where that counts every pod: when all doors to a tree are in such
    namespaces, the devices of the tree are among those of the quotas.
    """
    counted = {quota.namespace for quota in quotas if not quota.scoped and f"{PREFIX}{resource}" in quota.hard}
    doors: dict[str, set[str]] = defaultdict(set)
    for door in kueue.doors:
        doors[door.queue].add(door.namespace)
    told = [each for these in promises for each in these]
    queues = [each for each in told if each.kind == "ClusterQueue"]
    outside = {_tree(each) for each in queues if not (doors[each.holder] and doors[each.holder] <= counted)}
    inside = {_tree(each) for each in queues} - outside
    return [each for each in told if each.amount and _tree(each) not in inside]


def _twice(
    resource: str, queued: Sequence[Promise], room: Mapping[str, Offers], quotas: Sequence[Quota], every: Offers
) -> Iterator[Finding]:
    """Yield the devices that are promised to queues and to quotas together, where each alone has enough."""
    own = whose(
        Promise(str(each), "ResourceQuota", each.amount, urn=each.quota.urn)
        for each in grants(quotas).get(resource, ())
    )
    granted = sum(each.amount for each in own)
    demands: dict[str, tuple[int, Collection[str]]] = {"": (granted, list(every))}
    for each in queued:
        amount, _ = demands.get(each.flavor, (0, ()))
        demands[each.flavor] = (amount + each.amount, list(room[each.flavor]))
    if not queued or granted > _total(every):
        return
    for together in unmet(demands, _rooms(every)):
        told = tuple(each for each in queued if each.flavor in together)
        yield Finding("twice", tuple(sorted(together - {""})), resource, (*told, *own), every)


def _tainted(flavor: Flavor, pools: Iterable[PoolLike]) -> Iterator[Finding]:
    asked = {(taint.key, taint.value, taint.effect) for taint in flavor.taints}
    kept = {
        f"{taint.key}{f'={taint.value}' if taint.value else ''}:{taint.effect} ({pool.name})"
        for pool in pools
        for taint in pool.taints
        if taint.effect != "PreferNoSchedule"
        and (taint.key, taint.value, taint.effect) not in asked
        and not tolerates(flavor.tolerations, taint)
    }
    if kept:
        yield Finding("tainted", (flavor.name,), detail=", ".join(sorted(kept)))


def _unmatched(flavor: Flavor, pools: Iterable[PoolLike]) -> str:
    """Make which labels no pool has, with the values that pools do have."""
    pools = list(pools)
    if not pools:
        return "there is none"
    said: list[str] = []
    for key, value in sorted(flavor.labels.items()):
        values = sorted({pool.labels[key] for pool in pools if key in pool.labels})
        if value not in values and (values or key not in NODE_OWN):
            said.append(f"{key}={value} ({'there is ' + ', '.join(values) if values else 'no pool has that label'})")
    wanted = " and ".join(f"{key}={value}" for key, value in sorted(flavor.labels.items()))
    return f"none has {' nor '.join(said) or wanted + ' together'}"


def _tree(promise: Promise) -> tuple[str, str]:
    """Make what tells the trees of promises apart: the root, or the queue that is alone."""
    return promise.tree, "" if promise.tree else promise.holder


def _rooms(offers: Offers) -> dict[str, int]:
    return {pool: nodes * each for pool, (nodes, each) in offers.items()}


def _total(offers: Offers) -> int:
    return sum(_rooms(offers).values())
