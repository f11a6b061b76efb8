"""Whether a queue takes more work: now, after taking back what it lent, only when others end, or never.

What Kueue may preempt depends on the priorities of single workloads, which nobody knows beforehand. So *reclaim* means that it is
enough if every workload in the way may be preempted; with `Any` as the policy of the queue each one may. Fair sharing between
queues is not looked at.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from pulumi_kubeml.capacity.kueue.model import ClusterQueue, FlavorResource, minus, plus
from pulumi_kubeml.capacity.kueue.tree import Node, Queues, left, most
from pulumi_kubeml.capacity.quantity import MAX, show

Mode = Literal["fit", "reclaim", "preempt", "wait", "never"]
"""Best first: it fits; it does when others give back what they borrowed; when work of the queue itself gives way too; when
others end; never."""
MODES: tuple[Mode, ...] = ("fit", "reclaim", "preempt", "wait", "never")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to more work that asks for one resource of one flavor, with the figures that decide."""

    mode: Mode
    queue: str
    flavor: str
    resource: str
    asked: int
    nominal: int
    used: int
    left: int
    most: int
    reason: str = ""
    """Why the queue admits nothing, where that is so."""

    @property
    def borrows(self) -> int:
        """What the queue uses beyond its own with this work."""
        return max(0, minus(plus(self.used, self.asked), self.nominal))

    def __str__(self) -> str:
        def said(amount: int) -> str:
            return show(self.resource, amount)

        what = f"{said(self.asked)} {self.resource}{f' of {self.flavor}' if self.flavor else ''}"
        if self.reason:
            return f"{self.queue} admits no {what}: {self.reason}"
        match self.mode:
            case "fit":
                borrowed = f", {said(self.borrows)} of it borrowed" if self.borrows else ""
                rest = "any amount" if self.left >= MAX else said(self.left)
                return f"{self.queue} takes {what}: {rest} left{borrowed}"
            case "never":
                beyond = max(0, minus(self.most, self.nominal))
                lent = f" and {said(beyond)} borrowed are {said(self.most)} at most" if beyond else " is all it may use"
                return f"{self.queue} can never use {what}: {said(self.nominal)} of its own{lent}"
            case "reclaim":
                way = "when others give back what they borrowed"
            case "preempt":
                way = "when others give back what they borrowed and work of its own gives way"
            case "wait":
                way = "when others end"
        return f"{self.queue} takes {what} {way}: {said(max(0, self.left))} left, {said(self.asked - self.left)} more needed"


@dataclass(frozen=True, slots=True)
class Admission:
    """What happens to more work that asks for several resources: the flavor of each, and the verdict on each."""

    mode: Mode
    verdicts: tuple[Verdict, ...]

    @property
    def flavors(self) -> dict[str, str]:
        """The flavor that each resource is taken from."""
        return {each.resource: each.flavor for each in self.verdicts}


def verdict(queues: Queues, queue: str, flavor: str, resource: str, asked: int) -> Verdict:
    """Make what happens to work that asks a queue for so much of one resource of one flavor."""
    node, key = queues.node(queue), FlavorResource(flavor, resource)
    share = node.shares.get(key)
    if share is None:
        where = f" of {flavor}" if flavor else ""
        reason = f"the queue names no {resource}{where}"
        return Verdict("never", queue, flavor, resource, asked, 0, 0, 0, 0, reason)
    line = queues.line(queue, flavor, resource)
    reason = queues.out(queue)
    mode: Mode = "never" if reason else _mode(node, queues.queues[queue], key, asked)
    return Verdict(mode, queue, flavor, resource, asked, line.nominal, line.used, line.left, line.most, reason)


def admit(queues: Queues, queue: str, requests: Mapping[str, int], flavors: Collection[str] | None = None) -> Admission:
    """Make what happens to work that asks a queue for some resources; all of a group come from one flavor.

    `flavors` are those that its pods may use, where not all are: by their node selector, affinity and tolerations.
    """
    found = queues.queues[queue]
    rest = {resource: amount for resource, amount in requests.items() if amount}
    verdicts: list[Verdict] = []
    for group in found.groups:
        mine = {resource: rest.pop(resource) for resource in group.resources if resource in rest}
        if mine:
            allowed = [name for name in group.flavors if flavors is None or name in flavors]
            verdicts += _choose(queues, found, allowed, mine)
    verdicts += [verdict(queues, queue, "", resource, amount) for resource, amount in sorted(rest.items())]
    return Admission(_worst(verdicts), tuple(verdicts))


def _choose(queues: Queues, queue: ClusterQueue, flavors: Collection[str], asked: Mapping[str, int]) -> list[Verdict]:
    """Make the verdicts on the flavor that Kueue takes: the first that will do, by what the queue says of trying others."""
    best: list[Verdict] | None = None
    for flavor in flavors:
        these = [verdict(queues, queue.name, flavor, resource, amount) for resource, amount in asked.items()]
        if best is None or _rank(these) < _rank(best):
            best = these
        mode, borrows = _rank(these)
        taken = mode == 0 and not (borrows and queue.next_borrow)
        if taken or (MODES[mode] in {"reclaim", "preempt"} and not queue.next_preempt):
            break
    return best or [verdict(queues, queue.name, "", resource, amount) for resource, amount in asked.items()]


def _rank(verdicts: Collection[Verdict]) -> tuple[int, bool]:
    return MODES.index(_worst(verdicts)), any(each.borrows for each in verdicts)


def _worst(verdicts: Collection[Verdict]) -> Mode:
    return MODES[max((MODES.index(each.mode) for each in verdicts), default=0)]


def _mode(node: Node, queue: ClusterQueue, key: FlavorResource, asked: int) -> Mode:
    if asked > most(node, key):
        return "never"
    if asked <= max(0, left(node, key)):
        return "fit"
    borrowing = queue.borrow_within != "Never"
    own = queue.within != "Never"
    if not (own or queue.reclaim != "Never") or not (
        borrowing or asked <= node.shares[key].nominal or _has_a_home(node, key, asked)
    ):
        return "wait"
    reclaims = queue.reclaim != "Never"
    if reclaims and _enough_after(node, key, asked, _Use(key), borrowing=borrowing):
        return "reclaim"
    if own:
        use = _Use(key)
        use.free(node, use.of(node))
        if left(node, key, use.changed) >= asked:
            return "preempt"
        if reclaims and _enough_after(node, key, asked, use, borrowing=borrowing):
            return "preempt"
    return "wait"


def _has_a_home(node: Node, key: FlavorResource, asked: int) -> bool:
    """Whether some part of the tree below its root has room for the work within what that part has."""
    rest = asked
    for each in node.path():
        if each.parent is None:
            return False
        mine = each.used.get(key, 0)
        if plus(mine, rest) <= each.total(key):
            return True
        rest = max(0, minus(rest, max(0, minus(each.kept(key), mine))))
    return False


class _Use:
    """What nodes use of one resource of one flavor, after some gave back."""

    def __init__(self, key: FlavorResource) -> None:
        self._key = key
        self.changed: dict[Node, int] = {}

    def of(self, node: Node) -> int:
        """Make what a node uses."""
        return self.changed[node] if node in self.changed else node.used.get(self._key, 0)

    def over(self, node: Node) -> int:
        """Make what a node uses beyond what it has, negative when less."""
        return minus(self.of(node), node.total(self._key))

    def free(self, node: Node, amount: int) -> None:
        """Take use away from a node, and from those above it what it used of theirs."""
        for each in node.path():
            above = minus(self.of(each), each.kept(self._key))
            self.changed[each] = self.of(each) - amount
            amount = min(amount, above)
            if amount <= 0:
                return


def _enough_after(node: Node, key: FlavorResource, asked: int, use: _Use, *, borrowing: bool) -> bool:
    """Whether there is enough for the work once others in its tree gave back what they use beyond their own.

    Those of a part of the tree must when the work is within what a smaller part around the queue has; all must where the
    queue may preempt even while it borrows.
    """
    parts: list[tuple[Node, Node]] = []
    rest, home, below = asked, False, node
    for each in node.path():
        if each is not node and (home or borrowing):
            parts += [(child, each) for child in each.children if child is not below]
        mine = use.of(each)
        home = home or plus(mine, rest) <= each.total(key)
        rest = max(0, minus(rest, max(0, minus(each.kept(key), mine))))
        below = each
    for part, top in parts:
        for queue in _over(part, use):
            way = takewhile(lambda each: each is not top, queue.path())  # noqa: B023  used up at once
            amount = min(use.over(each) for each in way)
            if amount > 0:
                use.free(queue, amount)
                if left(node, key, use.changed) >= asked:
                    return True
    return False


def _over(part: Node, use: _Use) -> Iterator[Node]:
    """Yield the queues of a part of a tree that use more than they have, and are in no cohort that uses no more than it has."""
    front = [part]
    while front:
        node = front.pop()
        if use.over(node) > 0:
            front += node.children
            if node.queue is not None:
                yield node
