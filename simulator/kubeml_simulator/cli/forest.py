"""The state behind the live tree: every resource of a run, under its parent, with how far it is."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kubeml_simulator.preview.build import REPLACING

if TYPE_CHECKING:
    from kubeml_simulator.engine.events import Step

# In the order in which a branch with several of them is described.
FAILED, RUNNING, PLANNED, DONE = "failed", "running", "planned", "done"


@dataclass
class Node:
    """A resource in the tree; `start` and `seconds` are virtual."""

    urn: str
    type: str
    name: str
    op: str
    state: str = PLANNED
    start: float = 0.0
    seconds: float = 0.0
    measured: bool = True
    changed: tuple[str, ...] = ()
    message: str = ""
    children: "list[Node]" = field(default_factory=list)

    def walk(self) -> "list[Node]":
        """Makes the list of the nodes of this branch, itself first."""
        return [self, *(below for child in self.children for below in child.walk())]


class Forest:
    """Takes the engine's events and keeps the tree up to date.

    A step whose parent is not known (yet) stands at the top: a child never waits for its parent to be drawn.
    """

    def __init__(self) -> None:
        self.roots: list[Node] = []
        self.nodes: dict[str, Node] = {}
        self.clock = 0.0

    def __call__(self, event: object) -> None:
        """Takes an event; those that change no node are let go by."""
        from kubeml_simulator.engine.events import Failed, Finished, Planned, Started

        match event:
            case Planned(step=step):
                self._node(step)
            case Started(step=step, at=at):
                node = self._node(step)
                node.state, node.start = RUNNING, at
                self.clock = max(self.clock, at)
            case Finished(step=step, at=at, seconds=seconds, measured=measured):
                node = self._node(step)
                node.state, node.seconds, node.measured = DONE, node.seconds + seconds, node.measured and measured
                self.clock = max(self.clock, at)
            case Failed(step=step, at=at, message=message):
                node = self._node(step)
                node.state, node.message = FAILED, message
                self.clock = max(self.clock, at)
            case _:
                return

    def counts(self) -> tuple[int, int]:
        """Makes (resources that are done, resources known)."""
        return sum(node.state in {DONE, FAILED} for node in self.nodes.values()), len(self.nodes)

    def _node(self, step: "Step") -> Node:
        node = self.nodes.get(step.urn)
        if node is None:
            node = self.nodes[step.urn] = Node(step.urn, step.type, step.name, step.op)
            parent = self.nodes.get((step.new or step.old or {}).get("parent") or "")
            (parent.children if parent else self.roots).append(node)
        elif step.op != node.op:
            node.op = "replace" if step.op in REPLACING else step.op
        node.changed = tuple(step.replacing or step.changed or ()) or node.changed
        return node
