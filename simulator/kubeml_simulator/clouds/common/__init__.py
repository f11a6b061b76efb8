"""What the simulated clouds share: tables, rules, names, outputs and replacements, so that a cloud is data and a few small files.

A cloud makes one `Cloud` of its tables and of what is its own: a `Case` that knows where a resource is, an `Identity` that names things as
the cloud does, `Outputs` with what every type has, and `Behaviours` with what single types do beyond their rows.
"""

from .behaviours import Behaviours
from .case import Case, digest
from .cloud import Cloud
from .identity import Identity
from .models import Models, Shape
from .outputs import Outputs
from .provider import CloudProvider
from .replacement import Question, Replacement
from .rules import Rules
from .tables import Row, Tables

__all__ = [
    "Behaviours",
    "Case",
    "Cloud",
    "CloudProvider",
    "Identity",
    "Models",
    "Outputs",
    "Question",
    "Replacement",
    "Row",
    "Rules",
    "Shape",
    "Tables",
    "digest",
]
