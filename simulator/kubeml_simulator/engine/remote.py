"""Records components that a provider's own code would make elsewhere (remote components), one node each."""

from dataclasses import replace
from typing import Any

from kubeml_simulator.engine import wire
from kubeml_simulator.engine.goals import Goal
from kubeml_simulator.engine.host import RefusalError
from kubeml_simulator.engine.planner import Planner, Registered

KNOWN = frozenset(
    {
        "kubernetes:kustomize/v2:Directory",
        "kubernetes:yaml/v2:ConfigFile",
        "kubernetes:yaml/v2:ConfigGroup",
        "kubernetes:helm.sh/v4:Chart",
    }
)


def construct(planner: Planner, goal: Goal) -> Registered:
    """Registers a remote component as one node with its inputs, and what the provider says its outputs are.

    A provider in this process may offer `construct(type, name, inputs) -> outputs`. Raises RefusalError for a component that
    neither it nor this module knows.
    """
    make = getattr(planner.hooks(goal), "construct", None)
    if make is None and goal.type not in KNOWN:
        raise RefusalError(
            f'the remote component {goal.type} "{goal.name}" is not supported: its provider would construct it'
        )
    outputs = {} if make is None else make(goal.type, goal.name, wire.reveal(goal.inputs))
    made: dict[str, Any] = wire.like(outputs, goal.inputs)
    done = planner.register(goal)
    if made and done.status == "made":
        planner.context.journal.news[done.urn]["outputs"] = made
        return replace(done, outputs=made)
    return done
