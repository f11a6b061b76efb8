"""Names that fit: each kind of name has a limit, and what does not fit is cut and marked, never made equal to another."""

import csv
import hashlib
import re
from functools import cache
from importlib.resources import files


def camel(name: str) -> str:
    """Make the name of a field as it is written in a stack file.

    >>> camel("accelerators_per_node"), camel("min")
    ('acceleratorsPerNode', 'min')
    """
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def fit(kind: str, *parts: str) -> str:
    """Make one name of the parts, joined by dashes, within the limit of its kind.

    A name that is too long keeps its beginning and ends in eight digits of the hash of the whole, so that two long
    names never become one. Raises KeyError for a kind without a row in `catalog/data/name_limits.csv`.

    >>> fit("eks-cluster", "ml", "dev-eks")
    'ml-dev-eks'
    >>> fit("label-value", "x" * 70)
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-c71bd109'
    """
    name = "-".join(part for part in parts if part)
    longest = limit(kind)
    if len(name) <= longest:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: longest - 9].rstrip('-')}-{mark}"


def compact(kind: str, *parts: str, mark: str = "") -> str:
    """Make one name of lower-case letters and digits alone, within the limit of its kind.

    Whatever is lost (dashes, an end that is too long) is made up for by digits of the hash of the whole, so that two names
    never become one. A `mark` is part of the hash and not of what can be read: another mark, another name.

    >>> compact("aks-pool", "serve"), compact("aks-pool", "serve", "spot"), compact("aks-pool", "serve", mark="D8")
    ('serve', 'servesf0f911', 'serveccc8b4')
    """
    name = "-".join(part for part in parts if part)
    plain, longest = re.sub(r"[^a-z0-9]", "", name), limit(kind)
    if plain == name and len(name) <= longest and not mark:
        return name
    digits = hashlib.sha256(f"{name}/{mark}".encode()).hexdigest()[:6]
    return f"{plain[: longest - 6]}{digits}"


def limit(kind: str) -> int:
    """Make the number of characters that a kind of name may have.

    >>> limit("iam-role")
    64
    """
    return _limits()[kind]


def is_label(name: str, *, longest: int = 63) -> bool:
    """Whether a name is a DNS label: lower-case letters, digits and dashes, beginning and ending with no dash.

    >>> is_label("serve-l4"), is_label("Serve"), is_label("")
    (True, False, False)
    """
    return len(name) <= longest and re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name, re.ASCII) is not None


@cache
def _limits() -> dict[str, int]:
    text = (files("pulumi_kubeml.catalog") / "data" / "name_limits.csv").read_text(encoding="utf-8")
    return {row["kind"]: int(row["longest"]) for row in csv.DictReader(text.splitlines())}
