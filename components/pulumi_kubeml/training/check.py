"""What can be wrong with a job by itself, whatever pools its roles get."""

from collections.abc import Mapping

from pulumi_kubeml.names import is_label
from pulumi_kubeml.problems import Problems
from pulumi_kubeml.storage.claims import NOTHING, check_claims
from pulumi_kubeml.training.spec import TFJobSpec

FIELDS = {"Chief": "chief", "Worker": "worker", "PS": "parameter_server"}
"""The field of each role."""


def check(spec: TFJobSpec, *, problems: Problems, lacks: Mapping[str, str] = NOTHING) -> None:
    """Note everything that is wrong; `lacks` is what its cluster cannot give, each with the reason."""
    check_claims(spec.claims, lacks, problems)
    if not is_label(spec.name):
        problems.add("name", f'"{spec.name}" is no name: lower-case letters, digits and dashes, at most 63')
    if not spec.command:
        problems.add("command", "empty; give the program that every pod runs")
    if not spec.user:
        problems.add("user", "0 is root, which no team's namespace allows; allowed: 1 and more")
    if spec.chief is not None and spec.chief.replicas != 1:
        problems.add("chief.replicas", f"{spec.chief.replicas}; a job has exactly 1 chief")
    for role, each in spec.roles.items():
        if each.replicas < 1:
            problems.add(f"{FIELDS[role]}.replicas", f"{each.replicas}; allowed: 1 or more")
    for field in ("deadline_hours", "keep_hours"):
        if getattr(spec, field) < 1:
            problems.add(field, f"{getattr(spec, field)} hours; allowed: 1 or more")
