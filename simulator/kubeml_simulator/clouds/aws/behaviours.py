"""What single types do beyond their rows: checks that look at several properties, and outputs that follow from other resources.

Each service module registers its functions here by type; importing this package's `services` fills the tables.
"""

from collections.abc import Callable, Iterator
from typing import Any

from kubeml_simulator.provider import Failure

from .case import Case

Check = Callable[[Case], Iterator[Failure]]
Compute = Callable[[Case, dict[str, Any], bool], dict[str, Any]]

CHECKS: dict[str, list[Check]] = {}
COMPUTES: dict[str, list[Compute]] = {}


def checks(*tokens: str) -> Callable[[Check], Check]:
    """Registers a check of known inputs for some types."""

    def register(function: Check) -> Check:
        for token in tokens:
            CHECKS.setdefault(token, []).append(function)
        return function

    return register


def computes(*tokens: str) -> Callable[[Compute], Compute]:
    """Registers outputs for some types: a function of the case, the state so far, and whether this is a preview."""

    def register(function: Compute) -> Compute:
        for token in tokens:
            COMPUTES.setdefault(token, []).append(function)
        return function

    return register
