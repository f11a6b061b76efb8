"""One cloud: its tables and what reads them."""

from dataclasses import dataclass
from typing import Any

from .behaviours import Behaviours
from .identity import Identity
from .models import Models
from .outputs import Outputs
from .replacement import Replacement
from .rules import Rules
from .tables import Tables


@dataclass(frozen=True)
class Cloud:
    """What `CloudProvider` asks about one cloud."""

    tables: Tables
    identity: Identity
    rules: Rules
    models: Models
    replacement: Replacement
    behaviours: Behaviours[Any]
    outputs: Outputs
