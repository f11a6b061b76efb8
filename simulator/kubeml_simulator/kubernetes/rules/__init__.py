"""What the API server refuses beyond a wrong shape: one generator a subject, each silent about what is not known."""

from kubeml_simulator.kubernetes.kinds import Kind
from kubeml_simulator.kubernetes.rules import network, pods, workloads
from kubeml_simulator.kubernetes.rules.names import metadata
from kubeml_simulator.kubernetes.rules.walk import Manifest
from kubeml_simulator.provider.failures import Failure

_BUILT_IN_GROUPS_WITH_PODS = {"", "apps", "batch"}


def violations(kind: Kind, manifest: Manifest) -> list[Failure]:
    """Everything that the rules find in an object of the kind; a patch is held to the rules for metadata only.

    >>> service = {"metadata": {"name": "ml-model"}, "spec": {"ports": [{"port": 70000}]}}
    >>> [f.path for f in violations(Kind("", "v1", "Service"), service)]
    ['spec.ports[0].port']
    """
    found = list(metadata(kind, manifest))
    if kind.form == "object":
        if kind.group in _BUILT_IN_GROUPS_WITH_PODS:
            found += pods.template(kind.name, manifest)
        for rules in (workloads.RULES, network.RULES):
            rule = rules.get((kind.group, kind.name))
            found += rule(manifest) if rule else ()
    return found
