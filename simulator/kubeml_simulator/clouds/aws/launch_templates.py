"""Launch templates: interfaces that have places of their own, on cards that the machine has."""

from collections import Counter
from collections.abc import Iterator

from kubeml_simulator.provider import Existing, Failure

from .behaviours import checks
from .case import Case
from .node_groups import NODE_GROUP, TEMPLATE, template_of

PRIMARY = (0, 0)
EFA = ("efa", "efa-only")


@checks(TEMPLATE)
def interfaces_have_places_of_their_own(case: Case) -> Iterator[Failure]:
    """Each interface has a card and a device on it; the first carries addresses, and all name their groups themselves."""
    listed = case.known("networkInterfaces")
    if not isinstance(listed, list) or not listed:
        return
    if case.given("vpcSecurityGroupIds"):
        why = "InvalidParameterCombination: interfaces have the groups of the template, or their own"
        yield Failure("vpcSecurityGroupIds", case.known("vpcSecurityGroupIds"), "groups of each interface", why)
    places = Counter((each.get("networkCardIndex", 0), each.get("deviceIndex")) for each in listed)
    for place, times in places.items():
        if times > 1:
            card, device = place
            why = f"InvalidParameterValue: {times} interfaces are device {device} of card {card}"
            yield Failure("networkInterfaces", device, "a device of its own for each", why)
    first = [each for each in listed if (each.get("networkCardIndex", 0), each.get("deviceIndex")) == PRIMARY]
    if not first:
        yield Failure("networkInterfaces", "none", "an interface at card 0, device 0", "a machine needs a first one")
    elif first[0].get("interfaceType") == "efa-only":
        why = "the first interface has the machine's address, and efa-only has none"
        yield Failure("networkInterfaces[0].interfaceType", "efa-only", "interface, efa", why)


@checks(NODE_GROUP)
def interfaces_fit_the_machine(case: Case) -> Iterator[Failure]:
    """EFA is on cards that have it; and a group, not its template, says which subnets its machines are in."""
    template = template_of(case)
    listed = template["networkInterfaces"] if template else None
    if template is None or not isinstance(listed, list):
        return
    if any(each.get("subnetId") for each in listed):
        why = "InvalidRequestException: the group says where its machines are"
        yield Failure("launchTemplate", template.id, "interfaces without subnets", why)
    for name in _machines(case, template):
        yield from _cards(name, listed)


def _cards(name: str, listed: list[dict[str, object]]) -> Iterator[Failure]:
    from pulumi_kubeml.catalog import fabric, machines

    machine = machines("aws").get(name)
    known = fabric(machine) if machine else None
    if machine is None:
        return
    having = known.efa_cards if known else ()
    for each in listed:
        card = each.get("networkCardIndex", 0)
        if each.get("interfaceType") in EFA and card not in having:
            allowed = f"cards {min(having)} to {max(having)} of {name}" if having else f"no EFA on {name}"
            yield Failure("launchTemplate", card, allowed, f"{name} has no EFA on card {card}")
            return


def _machines(case: Case, template: Existing) -> list[str]:
    chosen = [str(name) for _, name in case.each("instanceTypes[*]")]
    return chosen or ([str(template["instanceType"])] if template["instanceType"] else [])
