"""Where the service modules register what single types do beyond their rows; importing this package's `services` fills it."""

from collections.abc import Callable, Iterator

from kubeml_simulator.clouds.common import Behaviours

from .case import Case

BEHAVIOURS: Behaviours[Case] = Behaviours()
checks = BEHAVIOURS.checks
computes = BEHAVIOURS.computes
removals = BEHAVIOURS.removals

Update = Callable[[Case], Iterator[str]]
UPDATES: dict[str, list[Update]] = {}


def updates(*tokens: str) -> Callable[[Update], Update]:
    """Registers what a service says to an update beyond `refused.tsv`; the case's `old` is the last state."""

    def register(function: Update) -> Update:
        for token in tokens:
            UPDATES.setdefault(token, []).append(function)
        return function

    return register
