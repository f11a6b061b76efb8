"""What single types do beyond their rows: checks that look at several properties, outputs that follow from others, refusals to go.

A cloud has one `Behaviours`; its service modules register their functions there by type when they are imported.
"""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from kubeml_simulator.provider import Failure

from .case import Case

C = TypeVar("C", bound=Case)
F = TypeVar("F")


class Behaviours(Generic[C]):
    """The functions of one cloud by the types that they are about.

    >>> behaviours: Behaviours[Case] = Behaviours()
    >>> @behaviours.checks("t:network", "t:subnet")
    ... def anything(case):
    ...     return iter(())
    >>> sorted(behaviours.of_checks)
    ['t:network', 't:subnet']
    """

    def __init__(self) -> None:
        self.of_checks: dict[str, list[Callable[[C], Iterator[Failure]]]] = {}
        self.of_computes: dict[str, list[Callable[[C, dict[str, Any], bool], dict[str, Any]]]] = {}
        self.of_removals: dict[str, list[Callable[[C], Iterator[Failure]]]] = {}

    def checks(self, *tokens: str) -> Callable[[Callable[[C], Iterator[Failure]]], Callable[[C], Iterator[Failure]]]:
        """Registers a check of known inputs for some types."""
        return _register(self.of_checks, tokens)

    def computes(
        self, *tokens: str
    ) -> Callable[
        [Callable[[C, dict[str, Any], bool], dict[str, Any]]], Callable[[C, dict[str, Any], bool], dict[str, Any]]
    ]:
        """Registers outputs for some types: a function of the case, the state so far, and whether this is a preview."""
        return _register(self.of_computes, tokens)

    def removals(self, *tokens: str) -> Callable[[Callable[[C], Iterator[Failure]]], Callable[[C], Iterator[Failure]]]:
        """Registers what keeps a resource of some types from being deleted; the case's inputs are its last state."""
        return _register(self.of_removals, tokens)


def _register(table: dict[str, list[F]], tokens: tuple[str, ...]) -> Callable[[F], F]:
    def register(function: F) -> F:
        for token in tokens:
            table.setdefault(token, []).append(function)
        return function

    return register
