"""Resource ids of Azure Resource Manager: paths that say the subscription, the group, the type and the names."""

import re
from dataclasses import dataclass

SUBSCRIPTION = re.compile(r"/subscriptions/([0-9a-fA-F-]{36})(?=/|$)", re.IGNORECASE)
GROUP = re.compile(r"/resourcegroups/([^/]+)", re.IGNORECASE)
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Parsed:
    """An id taken apart; `kind` is the type with its namespace (`Microsoft.Network/virtualNetworks/subnets`), empty for a scope."""

    subscription: str
    group: str
    kind: str
    names: tuple[str, ...]


def parse(identity: str) -> Parsed | None:
    """The parts of an id, or None for a text that is no id.

    >>> parse("/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/s")
    Parsed(subscription='11111111-2222-3333-4444-555555555555', group='rg', kind='Microsoft.Network/virtualNetworks/subnets', names=('v', 's'))
    >>> parse("my-subnet") is None
    True
    """
    subscription = SUBSCRIPTION.match(identity)
    if not identity.startswith("/") or (subscription is None and not identity.lower().startswith("/providers/")):
        return None
    group = GROUP.search(identity)
    *_, tail = re.split("/providers/", identity, flags=re.IGNORECASE)
    steps = tail.strip("/").split("/") if "/providers/" in identity.lower() else []
    kind = "/".join([*steps[:1], *steps[1::2]])
    return Parsed(subscription[1] if subscription else "", group[1] if group else "", kind, tuple(steps[2::2]))


def canonical(identity: str) -> str:
    """An id as the cloud writes it: the fixed words in their usual letters, one slash in front, none at the end.

    >>> canonical("subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/rg/")
    '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg'
    """
    text = re.sub("/+", "/", f"/{identity.strip('/')}")
    for word in ("subscriptions", "resourceGroups", "providers"):
        text = re.sub(f"/{word}(?=/)", f"/{word}", text, flags=re.IGNORECASE)
    return text


def names_in(template: str, identity: str) -> dict[str, str]:
    """What the words of a template stand for in an id; empty where the id has another form.

    >>> names_in("/subscriptions/${subscription}/resourceGroups/${resourceGroupName}", "/subscriptions/1/resourcegroups/rg")
    {'resourceGroupName': 'rg'}
    """
    pattern = re.sub(
        r"\\\$\\\{(\w+)\\\}", lambda word: f"(?P<{word[1]}>{_WIDTH.get(word[1], '[^/]+')})", re.escape(template)
    )
    match = re.fullmatch(pattern, canonical(identity), re.IGNORECASE)
    return {word: value for word, value in (match.groupdict() if match else {}).items() if word != "subscription"}


# Words of templates that stand for more than one step of an id.
_WIDTH = {"scope": ".+", "resourceUri": ".+", "parentResourcePath": ".*"}


def same(one: object, other: object) -> bool:
    """Whether two values are one id, or one location, in other letters.

    >>> same("West Europe", "westeurope"), same("/providers/A", "/Providers/a"), same("a", "A")
    (True, True, False)
    """
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    if one.startswith("/") and other.startswith("/"):
        return canonical(one).lower() == canonical(other).lower()
    return location(one) == location(other) and one != other and (" " in one or " " in other)


def location(name: str) -> str:
    """The programmatic name of a location.

    >>> location("West Europe")
    'westeurope'
    """
    return name.replace(" ", "").lower()
