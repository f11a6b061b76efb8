"""Queues and cohorts as trees: what each has, what is used, and what is left.

Two figures of every queue and cohort decide: what it has in total with all below it (*total*), and the part of that which
nobody above can see because of its lending limit (*kept*). Use counts first against what is kept, then against the parent.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pulumi_kubeml.capacity.kueue.model import ClusterQueue, Cohort, FlavorResource, Share, minus, plus
from pulumi_kubeml.capacity.quantity import MAX, show

Usage = Mapping[str, Mapping[FlavorResource, int]]
"""What the admitted workloads of each queue use."""
_NOTHING = Share(0)


@dataclass(frozen=True, slots=True)
class Line:
    """What a queue may use of one resource of one flavor, and what it uses."""

    queue: str
    cohort: str
    flavor: str
    resource: str
    nominal: int
    """Its own: what nobody can keep from it for long."""
    kept: int
    """The part of its own that it lends to nobody."""
    most: int
    """The most it can ever use, while all others use nothing."""
    used: int
    left: int
    """What it may use more now, without preemption."""

    @property
    def borrowable(self) -> int:
        """What it can borrow at most."""
        return max(0, minus(self.most, self.nominal))

    @property
    def borrowed(self) -> int:
        """What it uses beyond its own."""
        return max(0, minus(self.used, self.nominal))

    def __str__(self) -> str:
        said = [
            "any amount" if amount >= MAX else show(self.resource, amount)
            for amount in (self.nominal, self.borrowable, self.used, self.left)
        ]
        return f"{self.queue}: {said[0]} {self.resource} of {self.flavor}, may borrow {said[1]}; used {said[2]}, {said[3]} left"


@dataclass(frozen=True, slots=True)
class Total:
    """What a cohort has of one resource of one flavor with all below it."""

    cohort: str
    parent: str
    flavor: str
    resource: str
    nominal: int
    """Its own, on top of what its queues have."""
    total: int
    """Its own and what all below it lend."""
    used: int
    """What all below it use of that."""


@dataclass(eq=False, slots=True)
class Node:
    """A queue or a cohort in its tree."""

    name: str
    shares: Mapping[FlavorResource, Share]
    queue: ClusterQueue | None = None
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list["Node"], repr=False)
    totals: dict[FlavorResource, int] = field(default_factory=dict[FlavorResource, int])
    """Of a cohort."""
    used: Mapping[FlavorResource, int] = field(default_factory=dict[FlavorResource, int])

    def total(self, key: FlavorResource) -> int:
        """Make what it has with all below it, less what those keep for themselves."""
        return self.totals.get(key, 0) if self.queue is None else self.shares.get(key, _NOTHING).nominal

    def kept(self, key: FlavorResource) -> int:
        """Make the part of the total that it does not lend."""
        lending = self.shares.get(key, _NOTHING).lending
        return 0 if lending is None else max(0, minus(self.total(key), lending))

    def path(self) -> Iterator["Node"]:
        """Yield it, its parent, and so on to the root."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent


class Queues:
    """All queues of a cluster with their cohorts and what is used.

    A cohort that is only named is made with no quotas, as Kueue does. In a tree with a cycle nothing is admitted: `cyclic` names
    its cohorts. A queue that is stopped admits nothing, but others still borrow from it.
    """

    def __init__(
        self, queues: Iterable[ClusterQueue], cohorts: Iterable[Cohort] = (), usage: Usage | None = None
    ) -> None:
        self.queues = {queue.name: queue for queue in queues}
        self.cohorts = {cohort.name: cohort for cohort in cohorts}
        self.usage = usage or {}
        self._cohorts: dict[str, Node] = {}
        self._queues: dict[str, Node] = {}
        for cohort in self.cohorts.values():
            node = self._cohort(cohort.name)
            node.shares = cohort.shares()
            if cohort.cohort:
                node.parent = self._cohort(cohort.cohort)
        self.cyclic = tuple(sorted(_cyclic(self._cohorts)))
        """The cohorts that belong to a tree with a cycle."""
        for queue in self.queues.values():
            parent = self._cohort(queue.cohort) if queue.cohort else None
            used = self.usage.get(queue.name, {})
            self._queues[queue.name] = Node(queue.name, queue.shares(), queue, parent, used=used)
        for node in (*self._cohorts.values(), *self._queues.values()):
            if node.parent is not None and node.parent.name not in self.cyclic:
                node.parent.children.append(node)
        for root in (*self._cohorts.values(), *self._queues.values()):
            if root.parent is None:
                self._sum(root)

    def node(self, queue: str) -> Node:
        """Make the node of a queue; KeyError where there is none."""
        return self._queues[queue]

    def line(self, queue: str, flavor: str, resource: str) -> Line:
        """Make the figures of a queue for one resource of one flavor that it names; KeyError for any other."""
        node, key = self._queues[queue], FlavorResource(flavor, resource)
        nominal = node.shares[key].nominal
        lost = self.queues[queue].cohort in self.cyclic
        return Line(
            queue,
            self.queues[queue].cohort,
            flavor,
            resource,
            nominal=nominal,
            kept=node.kept(key),
            most=0 if lost else most(node, key),
            used=node.used.get(key, 0),
            left=0 if self.out(queue) else max(0, left(node, key)),
        )

    def lines(self) -> list[Line]:
        """Make the figures of all queues, in the order of their names."""
        return [
            self.line(name, key.flavor, key.resource)
            for name in sorted(self._queues)
            for key in sorted(self._queues[name].shares)
        ]

    def totals(self) -> list[Total]:
        """Make what every cohort has, in the order of their names."""
        return [
            Total(
                name,
                node.parent.name if node.parent else "",
                *key,
                nominal=node.shares.get(key, _NOTHING).nominal,
                total=node.total(key),
                used=node.used.get(key, 0),
            )
            for name, node in sorted(self._cohorts.items())
            for key in sorted(node.totals)
        ]

    def root_of(self, queue: str) -> str:
        """Make the name of the cohort at the root of a queue's tree, empty for a queue without one."""
        cohort = self.queues[queue].cohort
        return self.top_of(cohort) if cohort else ""

    def top_of(self, cohort: str) -> str:
        """Make the name of the cohort at the root of a cohort's tree."""
        if cohort in self.cyclic:
            return cohort
        *_, root = self._cohorts[cohort].path()
        return root.name

    def out(self, queue: str) -> str:
        """Make why a queue admits nothing at all, empty when it does."""
        found = self.queues[queue]
        if found.cohort in self.cyclic:
            return f"cohort {found.cohort} is its own ancestor, or below one that is"
        return "it is stopped" if found.stopped else ""

    def _cohort(self, name: str) -> Node:
        return self._cohorts.setdefault(name, Node(name, {}))

    @staticmethod
    def _sum(root: Node) -> None:
        """Add up what each cohort of a tree has and uses, those at the bottom first."""
        order = [root]
        for node in order:
            order += node.children
        for node in reversed(order):
            if node.queue is not None:
                continue
            totals = node.totals = {key: share.nominal for key, share in node.shares.items()}
            used: dict[FlavorResource, int] = {}
            for child in node.children:
                for key in child.shares if child.queue else child.totals:
                    totals[key] = plus(totals.get(key, 0), minus(child.total(key), child.kept(key)))
                for key, amount in child.used.items():
                    used[key] = plus(used.get(key, 0), max(0, minus(amount, child.kept(key))))
            node.used = used


def left(node: Node, key: FlavorResource, used: Mapping[Node, int] | None = None) -> int:
    """Make what a node may use more, negative when others use more than there is; `used` tells of nodes that use other amounts."""
    found = 0
    for each in reversed(list(node.path())):
        mine = used[each] if used and each in used else each.used.get(key, 0)
        if each.parent is None:
            found = minus(each.total(key), mine)
            continue
        kept, borrowing = each.kept(key), each.shares.get(key, _NOTHING).borrowing
        if borrowing is not None:
            lent_up = minus(each.total(key), kept)
            found = min(found, plus(minus(lent_up, max(0, minus(mine, kept))), borrowing))
        found = plus(max(0, minus(kept, mine)), found)
    return found


def most(node: Node, key: FlavorResource) -> int:
    """Make the most that a node can use while nothing else is used."""
    found = 0
    for each in reversed(list(node.path())):
        if each.parent is None:
            found = each.total(key)
            continue
        found = plus(each.kept(key), found)
        borrowing = each.shares.get(key, _NOTHING).borrowing
        if borrowing is not None:
            found = min(found, plus(each.total(key), borrowing))
    return found


def _cyclic(cohorts: Mapping[str, Node]) -> Iterator[str]:
    """Yield the cohorts whose way up never ends."""
    endless: dict[Node, bool] = {}
    for node in cohorts.values():
        way: dict[Node, None] = {}
        at: Node | None = node
        while at is not None and at not in endless and at not in way:
            way[at] = None
            at = at.parent
        lost = at is not None and endless.get(at, True)
        endless.update(dict.fromkeys(way, lost))
    yield from (node.name for node, lost in endless.items() if lost)
