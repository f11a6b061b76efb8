"""The address of a cluster, out of a kubeconfig; nothing else of it is ever shown."""

from collections.abc import Mapping
from typing import Any

import yaml

from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.problems import Problem


def server(kubeconfig: str, context: str | None = None) -> str:
    """Make the address that a context of a kubeconfig leads to, by default its current one.

    >>> config = {"contexts": [{"name": "a", "context": {"cluster": "c"}}], "clusters": [{"name": "c", "cluster": {"server": "https://c"}}]}
    >>> server(yaml.safe_dump(config), "a")
    'https://c'
    >>> server(yaml.safe_dump(config))
    Traceback (most recent call last):
        ...
    pulumi_kubeml.errors.InvalidArgs: kubeconfig  has no current context; name one
    """
    try:
        document = yaml.safe_load(kubeconfig)
    except yaml.YAMLError:
        document = None  # what it says may be a secret
    if not isinstance(document, Mapping):
        raise _wrong("is none: neither YAML nor JSON with clusters, contexts and users")
    wanted = context or document.get("current-context")
    if not wanted:
        raise _wrong("has no current context; name one")
    chosen = _named(document.get("contexts"), wanted, "context")
    found = _named(document.get("clusters"), chosen.get("cluster") if chosen else None, "cluster")
    if not found or not isinstance(found.get("server"), str):
        raise _wrong(f'has no context "{wanted}" with a cluster and its address')
    return str(found["server"])


def _named(entries: Any, name: Any, key: str) -> Mapping[str, Any] | None:
    for each in entries if isinstance(entries, list) else []:
        if isinstance(each, Mapping) and each.get("name") == name and isinstance(each.get(key), Mapping):
            return each[key]
    return None


def _wrong(why: str) -> InvalidArgs:
    return InvalidArgs([Problem("kubeconfig", why)])
