"""What every simulated provider shares: the protocol, the values, the world, the checks of names and types."""

from .difference import MISSING, Change, Difference, compare
from .failures import Failure, FailurePlan
from .servicer import Refused, SimulatedProvider, token_of
from .values import UNKNOWN, has_unknown, is_secret, join, reveal, secret
from .world import Existing, World

__all__ = [
    "MISSING",
    "UNKNOWN",
    "Change",
    "Difference",
    "Existing",
    "Failure",
    "FailurePlan",
    "Refused",
    "SimulatedProvider",
    "World",
    "compare",
    "has_unknown",
    "is_secret",
    "join",
    "reveal",
    "secret",
    "token_of",
]
