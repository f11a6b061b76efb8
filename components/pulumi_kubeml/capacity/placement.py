"""Where every pod lands when the pools have some number of nodes, and why one lands nowhere.

First fit decreasing: the groups with most devices first, then by the share of a node they take, and last those that need
others near them. It is a prediction: the scheduler may spread the same pods otherwise. It is exact about what fits nowhere: a
group that finds no node here asks for more than an empty node of any pool that it may use, or its pools are full of what
was placed before it, or what was placed keeps it away. Daemon sets take their part of every node before any other pod.
Preferences are not followed (docs/explanation/capacity.md lists what is simplified).

>>> from pulumi_kubeml.capacity.model import Pod, Pool
>>> pools = [Pool("serve", 3, {}, (), {"cpu": 3920, "memory": 2**34, "pods": 110, "nvidia.com/gpu": 1})]
>>> for placed in predict(pools, [Pod("chat", replicas=2, requests={"nvidia.com/gpu": 1}), Pod("big", requests={"nvidia.com/gpu": 2})]):
...     print(placed.pod, placed.pools, placed.missing, placed.reason or 'none left', dict(placed.words))
big {} 1 0 of 1 pools: serve: needs 2 nvidia.com/gpu, a node has 1 {'serve': 'Insufficient nvidia.com/gpu'}
chat {'serve': 2} 0 none left {}
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pulumi_kubeml.capacity.accelerators import devices
from pulumi_kubeml.capacity.claims import BROKEN, ELSEWHERE, UNAVAILABLE, missing_class
from pulumi_kubeml.capacity.crowd import Crowd, namespaces
from pulumi_kubeml.capacity.decide import NOT_SELECTED, TAINTED, TOO_MANY
from pulumi_kubeml.capacity.fits import asked, exclusions, shortfalls, unmet
from pulumi_kubeml.capacity.groups import Careful, PoolNodes, Taken, takes
from pulumi_kubeml.capacity.model import Pod, PoolLike
from pulumi_kubeml.capacity.packing import share
from pulumi_kubeml.capacity.quantity import show
from pulumi_kubeml.capacity.selectors import NODE_OWN, tolerates
from pulumi_kubeml.capacity.topology import Namespaces
from pulumi_kubeml.capacity.volumes import Storage, problem

GATED = "Scheduling is blocked due to non-empty scheduling gates"
"""What the scheduler says of a pod with gates (kubernetes/kubernetes, pkg/registry/core/pod/strategy.go, v1.37.2)."""


@dataclass(frozen=True)
class Placed:
    """Where one group lands: pods by pool, how many found no node, and why.

    `nodes` are those it is on, by pool; `words` is the first reason of each pool in the scheduler's words, when pods are missing.
    """

    pod: Pod
    pools: Mapping[str, int]
    missing: int = 0
    reason: str = ""
    words: Mapping[str, str] = field(default_factory=dict[str, str])
    nodes: Mapping[str, int] = field(default_factory=dict[str, int])


def predict(
    pools: Sequence[PoolLike],
    pods: Iterable[Pod],
    namespaces: Namespaces | None = None,
    *,
    sizes: Sequence[int] | None = None,
    explained: bool = True,
) -> list[Placed]:
    """Make the placement of every group, in the order in which they were placed; daemon sets come first.

    `namespaces` are the labels of namespaces, for pods whose affinity asks for them; `sizes` the nodes of each pool, by
    default as many as it may have; not `explained`, no reason is given for what is missing.
    """
    sizes = [pool.max for pool in pools] if sizes is None else sizes
    return _Placement(pools, namespaces or {}, sizes, explained=explained).run(pods)


def grown(
    pools: Sequence[PoolLike],
    pods: Iterable[Pod],
    namespaces: Namespaces | None = None,
    *,
    sizes: Sequence[int],
) -> list[int]:
    """Make the nodes that each pool has in the end if it starts with some, and gets more only for pods that find no room."""
    placement = _Placement(pools, namespaces or {}, sizes, grows=True, explained=False)
    placement.run(pods)
    return placement.sizes


class _Placement:
    """All pools while they fill up."""

    def __init__(
        self,
        pools: Sequence[PoolLike],
        labels: Namespaces,
        sizes: Sequence[int],
        *,
        grows: bool = False,
        explained: bool = True,
    ) -> None:
        self._state = [PoolNodes(pool, size) for pool, size in zip(pools, sizes, strict=True)]
        self._grows, self._explained = grows, explained
        self._namespaces = labels
        self._excluded: dict[tuple[object, ...], dict[int, tuple[str, ...]]] = {}
        self._orders: dict[tuple[object, ...], list[int]] = {}
        self._takers: dict[tuple[object, ...], list[PoolNodes]] = {}
        self._labelled: dict[tuple[str, str], set[int]] = defaultdict(set)
        for index, pool in enumerate(pools):
            for item in pool.labels.items():
                self._labelled[item].add(index)
        self._crowd = Crowd()
        self._storage = Storage()
        self._daemons: set[str] = set()
        """The namespaces of daemons."""
        self._held: dict[str, str] = {}
        """The nodes of claims that pods share and that are met already."""
        self._guards = False
        """Whether daemons want to be apart from others."""

    @property
    def sizes(self) -> list[int]:
        """How many nodes each pool has."""
        return [nodes.size for nodes in self._state]

    def run(self, pods: Iterable[Pod]) -> list[Placed]:
        """Place every group: the daemons, then the rest, the largest first."""
        pods = sorted(pods, key=lambda pod: (pod.namespace, pod.name, pod.role, pod.urn, pod.path))
        placed = [self.daemon(pod) for pod in pods if pod.daemon]
        rest = [pod for pod in pods if not pod.daemon]
        largest = self.largest(rest)
        rest.sort(key=lambda pod: (bool(pod.near), -sum(devices(pod.requests).values()), -share(pod, largest)))
        return placed + [self.group(pod) for pod in rest]

    def largest(self, pods: Iterable[Pod]) -> dict[str, int]:
        """Make the most that a node of any pool has of each resource that is asked for."""
        keys = {key for pod in pods for key in pod.requests}
        return {key: max((nodes.pool.allocatable.get(key, 0) for nodes in self._state), default=0) for key in keys}

    def daemon(self, pod: Pod) -> Placed:
        """Take a daemon's part of every node that it runs on; it comes before all else, so only its selectors decide."""
        reasons: list[str] = []
        landed: dict[str, int] = {}
        words: dict[str, str] = {}
        missing = 0
        for index, nodes in enumerate(self._state):
            if self._exclusions(pod)[index]:
                continue
            lacking = (
                *shortfalls({**asked(pod, nodes.empty), "pods": 1}, nodes.empty),
                *unmet(pod, nodes.pool, nodes.taken),
            )
            if lacking:
                reasons.append(f"{nodes.pool.name}: {', '.join(lacking)}")
                words[nodes.pool.name] = _short(pod, nodes.empty)
                missing += nodes.size
                continue
            landed[nodes.pool.name] = nodes.size
            nodes.daemon(pod)
            self._daemons.add(pod.namespace)
            self._guards = self._guards or bool(pod.apart)
        return Placed(pod, landed, missing, "; ".join(reasons), words, dict(landed))

    def group(self, pod: Pod) -> Placed:
        """Place the pods of one group on the pools that waste least, each as far as it goes."""
        left = pod.replicas
        held = GATED if pod.gates else problem(pod)
        if held and left:
            return Placed(pod, {}, left, held, {nodes.pool.name: held for nodes in self._state})
        landed: dict[str, int] = {}
        used: dict[str, int] = {}
        full: dict[int, tuple[str, str]] = {}
        careful = self._careful(pod)
        for index in self._open(pod):
            nodes = self._state[index]
            if any(nodes.empty.get(key, 0) < amount for key, amount in (*asked(pod, nodes.empty).items(), ("pods", 1))):
                continue
            if unmet(pod, nodes.pool, nodes.taken):
                continue
            taken = careful.place(nodes, left) if careful else nodes.place(pod, left)
            left -= self._note(pod, taken)
            if taken:
                landed[nodes.pool.name], used[nodes.pool.name] = sum(count for _, count in taken), len(taken)
            if not left:
                return Placed(pod, landed, nodes=used)
            why = careful.reasons.get(nodes.pool.name, ()) if careful else ()
            kept = [reason for reason in why if reason.startswith(("node(s)", UNAVAILABLE, ELSEWHERE, BROKEN))]
            full[index] = _full(pod, nodes, kept) if self._explained else ("", "")
        if self._grows:
            for index in full:
                left = self._grow(pod, self._state[index], left)
        reason = self._reason(pod, full) if left and self._explained else ("", {})
        return Placed(pod, landed, left, *reason, nodes=used)

    def _grow(self, pod: Pod, nodes: PoolNodes, left: int) -> int:
        """Add nodes to a pool while that finds room for pods of a group, and give how many are left.

        A node that only other nodes make room on (in another zone, say) may take as many nodes as there are zones.
        """
        ahead = max(1, len(getattr(nodes.pool, "zones", ())))
        while left and nodes.size < nodes.pool.max:
            before = nodes.size
            careful = None
            taken: list[Taken] = []
            while not taken and nodes.size < min(before + ahead, nodes.pool.max):
                nodes.size += 1
                careful = self._careful(pod)
                taken = careful.place(nodes, left) if careful else nodes.place(pod, left, nodes.size - 1)
            if not taken:
                nodes.shrink(before)
                break
            left -= self._note(pod, taken)
        return left

    def _note(self, pod: Pod, taken: Iterable[Taken]) -> int:
        """Remember which nodes got pods of a group, and give how many pods those are."""
        total = 0
        for node, count in taken:
            self._crowd.add(pod, node)
            total += count
        return total

    def _reason(self, pod: Pod, full: Mapping[int, tuple[str, str]]) -> tuple[str, Mapping[str, str]]:
        """Make why pods are missing, in our words with all figures, and for each pool in the scheduler's; `full` are both of some."""
        excluded = self._exclusions(pod)
        blocked: list[str] = []
        words: dict[str, str] = {}
        for index, nodes in enumerate(self._state):
            name = nodes.pool.name
            if index in full:
                words[name] = full[index][1]
                continue
            words[name] = _first(pod, nodes, excluded=bool(excluded[index]))
            lacking = shortfalls({**asked(pod, nodes.empty), "pods": 1}, nodes.empty)
            reasons = (*excluded[index], *lacking, *unmet(pod, nodes.pool, nodes.taken))
            blocked.append(f"{name}: {', '.join(reasons)}")
        told = sorted(f"{self._state[index].pool.name}: {ours}" for index, (ours, _) in full.items())
        told += sorted(blocked)
        return f"{len(full)} of {len(self._state)} pools: {'; '.join(told)}" if told else "there is no pool", words

    def _careful(self, pod: Pod) -> Careful | None:
        """Make what places a group pod by pod, None when only resources decide."""
        if not (_depends(pod) or self._guards or self._crowd.minds(pod)):
            return None
        asked = namespaces((*pod.near, *pod.apart), pod)
        minded = self._guards or asked is None or not asked.isdisjoint(self._daemons)
        daemons = ((each, node) for pool in self._state for each in pool.daemons for node in pool.every())
        placed = (*self._crowd.about(pod), *(daemons if minded else ()))
        affine = self._affine(pod) if pod.spread else ()
        return Careful(pod, affine, placed, self._namespaces, self._storage, self._held)

    def _affine(self, pod: Pod) -> list[PoolNodes]:
        """Make the pools whose nodes the spread of a pod is about: those that its selector and affinity take, where they count."""
        if any(constraint.get("nodeAffinityPolicy") == "Ignore" for constraint in pod.spread):
            return self._state
        said = self._said(pod)
        if said not in self._takers:
            chosen = (self._state[index] for index in self._labelled_for(pod))
            self._takers[said] = [nodes for nodes in chosen if takes(pod, nodes.pool.labels)]
        return self._takers[said]

    def _exclusions(self, pod: Pod) -> dict[int, tuple[str, ...]]:
        """Make why selector, affinity or taints keep a pod from each pool, once for all pods that say the same."""
        said = self._said(pod)
        if said not in self._excluded:
            self._excluded[said] = {index: exclusions(pod, nodes.pool) for index, nodes in enumerate(self._state)}
        return self._excluded[said]

    def _open(self, pod: Pod) -> list[int]:
        """Make the pools that selector, affinity and taints leave to a pod, those whose devices it uses up first, then small nodes."""
        wanted = tuple(sorted(devices(pod.requests)))
        key = (wanted, self._said(pod))
        if key not in self._orders:
            left = [index for index in self._labelled_for(pod) if not exclusions(pod, self._state[index].pool)]
            self._orders[key] = sorted(left, key=lambda at: _waste(wanted, self._state[at].pool))
        return self._orders[key]

    def _labelled_for(self, pod: Pod) -> Collection[int]:
        """Make the pools that have the labels that a pod selects, without looking at the others."""
        wanted = [item for item in pod.node_selector.items() if item[0] not in NODE_OWN]
        if not wanted:
            return range(len(self._state))
        return sorted(set[int].intersection(*(self._labelled.get(item, set()) for item in wanted)))

    @staticmethod
    def _said(pod: Pod) -> tuple[object, ...]:
        """Make what tells pods apart that are kept from pools for different reasons."""
        return (frozenset(pod.node_selector.items()), repr(pod.affinity), repr(pod.tolerations))


def _depends(pod: Pod) -> bool:
    """Whether more than resources decides on which nodes of a pool the pods can be."""
    said = repr(pod.affinity) if pod.affinity else ""
    own = any(key in pod.node_selector or key in said for key in NODE_OWN) or "matchFields" in said
    held = pod.volumes or pod.claims or pod.mapped
    return own or bool(pod.ports or pod.near or pod.apart or pod.spread or held)


def _first(pod: Pod, nodes: PoolNodes, *, excluded: bool) -> str:
    """Make the first reason that the scheduler gives for the nodes of a pool that cannot take a pod at all."""
    if not excluded:
        return _short(pod, nodes.empty)
    tainted = any(
        taint.effect != "PreferNoSchedule" and not tolerates(pod.tolerations, taint) for taint in nodes.pool.taints
    )
    return TAINTED if tainted else NOT_SELECTED


def _short(pod: Pod, free: Mapping[str, int]) -> str:
    if free.get("pods", 0) < 1:
        return TOO_MANY
    lacking = (f"Insufficient {key}" for key, amount in asked(pod, free).items() if amount > free.get(key, 0))
    claimed = missing_class(pod.claims) or UNAVAILABLE if pod.claims or pod.mapped else TOO_MANY
    return next(lacking, claimed)


def _full(pod: Pod, nodes: PoolNodes, kept_away: Sequence[str]) -> tuple[str, str]:
    """Make why a pool takes no more, in our words and in the scheduler's."""
    if kept_away:
        return " and ".join(kept_away), kept_away[0]
    return f"full with {_contents(pod, nodes)}", _short(pod, _scarce(pod, nodes))


def _scarce(pod: Pod, nodes: PoolNodes) -> dict[str, int]:
    """Make the most that a node of a full pool has left of each resource."""
    return {key: max((node.free(key) for node in nodes.nodes), default=0) for key in (*pod.requests, "pods")}


def _contents(pod: Pod, nodes: PoolNodes) -> str:
    """Make the text of what is scarce in a full pool: the pod's device, else the first resource that no node has left."""
    left = _scarce(pod, nodes)
    wanted = asked(pod, nodes.empty)
    key = next(iter(sorted(devices(pod.requests))), None) or next(
        (key for key in sorted(wanted) if left[key] < wanted[key]), "pods"
    )
    return f"{nodes.size} nodes of {show(key, nodes.empty.get(key, 0))} {key}"


def _waste(wanted: Sequence[str], pool: PoolLike) -> tuple[int, int]:
    offered = devices(pool.allocatable)
    return sum(count for key, count in offered.items() if key not in wanted), sum(offered.values())
