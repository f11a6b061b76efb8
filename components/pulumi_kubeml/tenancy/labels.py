"""Labels that say whose something is and how far its pods may go; the same words as the tags of cloud resources."""

from collections.abc import Mapping

from pulumi_kubeml.names import fit

LEVELS = ("restricted", "baseline", "privileged")
"""Pod Security levels, strictest first (https://kubernetes.io/docs/concepts/security/pod-security-standards/)."""
OWNERSHIP = {"owner": "owner", "team": "team", "cost-center": "cost-center", "environment": "environment"}
"""Labels that everything carries, and the cluster's tags that they repeat."""


def ownership(tags: Mapping[str, str], **own: str | None) -> dict[str, str]:
    """Make the labels of ownership from a cluster's tags, with one's own in their place where given.

    >>> ownership({"owner": "platform", "environment": "dev"}, owner="ml-research", team="research")
    {'owner': 'ml-research', 'team': 'research', 'environment': 'dev'}
    """
    given = {key.replace("_", "-"): value for key, value in own.items() if value}
    found = {label: given.get(label) or tags.get(tag) for label, tag in OWNERSHIP.items()}
    return {label: fit("label-value", value) for label, value in found.items() if value}


def pod_security(level: str) -> dict[str, str]:
    """Make the labels that enforce a Pod Security level, and warn of what the next stricter one would refuse.

    >>> pod_security("baseline")["pod-security.kubernetes.io/warn"]
    'restricted'
    """
    stricter = LEVELS[max(0, LEVELS.index(level) - 1)]
    return {
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/warn": stricter,
        "pod-security.kubernetes.io/audit": stricter,
    }
