"""Who may do what in a team's namespace: three roles, each with what the one before it has, none beyond the namespace.

>>> [role for role in ROLES if any("secrets" in rule["resources"] for rule in rules(role))]
['operator']
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

ROLES = ("viewer", "scientist", "operator")
"""Viewers look; scientists also run jobs and enter their pods; operators also serve models and hold secrets."""


def rules(role: str) -> Any:
    """Make the rules of a role, those of the lesser roles first."""
    return [rule for each in ROLES[: ROLES.index(role) + 1] for rule in _table()[each]]


@cache
def _table() -> dict[str, Any]:
    return json.loads((files("pulumi_kubeml.tenancy") / "data" / "roles.json").read_text(encoding="utf-8"))
