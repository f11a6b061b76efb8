"""Versions of GKE: a version of Kubernetes and the number of Google's release of it."""

import re

FORM = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:-gke\.(\d+))?")
# One patch a minor version is offered here; Google's own numbers change every week.
PATCH = "1-gke.1000000"


def full(version: str) -> str:
    """A version as the service gives it back.

    >>> full("1.35"), full("1.35.2"), full("1.35.2-gke.1269001")
    ('1.35.1-gke.1000000', '1.35.2-gke.1000000', '1.35.2-gke.1269001')
    """
    if "-gke." in version:
        return version
    return f"{version}-gke.1000000" if version.count(".") == 2 else f"{version}.{PATCH}"


def minor(version: str) -> str:
    """The minor version of Kubernetes.

    >>> minor("1.35.2-gke.1269001")
    '1.35'
    """
    return ".".join(version.split("-", 1)[0].split(".")[:2])


def figures(version: str) -> tuple[int, ...]:
    """A version to compare by; what is not said counts as nothing.

    >>> figures("1.35") < figures("1.35.2-gke.1269001") < figures("1.36")
    True
    """
    match = FORM.fullmatch(version)
    return tuple(int(part or 0) for part in match.groups()) if match else ()


def compare(version: str, other: str) -> int:
    """Whether a version is older (-1), as old (0) or newer (1) than another one, as far as the first says which it is.

    >>> compare("1.35", "1.35.2-gke.1269001"), compare("1.34", "1.35.2-gke.1269001"), compare("1.35.3", "1.35.2-gke.1269001")
    (0, -1, 1)
    """
    said = 4 if "-gke." in version else version.count(".") + 1
    one, two = figures(version)[:said], figures(other)[:said]
    return (one > two) - (one < two)
