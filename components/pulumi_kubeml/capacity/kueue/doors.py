"""Whether the doors of namespaces lead anywhere: to a queue that is there, and that takes work from them.

>>> from pulumi_kubeml.capacity.kueue.model import ClusterQueue
>>> kueue = Kueue((ClusterQueue("a", spaces={"matchLabels": {"kind": "ml"}}),), doors=(LocalQueue("jobs", "web", "a"), LocalQueue("jobs", "ml", "b")))
>>> for closed in closed_doors(kueue, {"web": {"kind": "web"}}):
...     print(closed)
door jobs of namespace web: queue a takes no work from it, for its selector does not take the namespace's labels
door jobs of namespace ml: there is no queue b, only a
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pulumi_kubeml.capacity.kueue.model import Kueue, LocalQueue
from pulumi_kubeml.capacity.selectors import selects


@dataclass(frozen=True)
class ClosedDoor:
    """A LocalQueue through which nothing is ever admitted, and why."""

    door: LocalQueue
    reason: str

    def __str__(self) -> str:
        return f"door {self.door.name} of namespace {self.door.namespace}: {self.reason}"


def closed_doors(kueue: Kueue, spaces: Mapping[str, Mapping[str, str]]) -> Iterator[ClosedDoor]:
    """Yield the doors that lead nowhere; `spaces` are the labels of those namespaces of which all are known."""
    queues = {queue.name: queue for queue in kueue.queues}
    for door in kueue.doors:
        queue = queues.get(door.queue)
        if queue is None:
            others = f", only {', '.join(sorted(queues))}" if queues else ""
            yield ClosedDoor(door, f"there is no queue {door.queue}{others}")
        elif queue.spaces is None:
            yield ClosedDoor(door, f"queue {queue.name} takes work from no namespace: it has no namespaceSelector")
        elif door.namespace in spaces and not selects(queue.spaces, spaces[door.namespace]):
            said = "its selector does not take the namespace's labels"
            yield ClosedDoor(door, f"queue {queue.name} takes no work from it, for {said}")
