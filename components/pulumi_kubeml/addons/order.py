"""In which order add-ons are installed, which are left out and why, and everything that is wrong with a choice of them.

>>> names = lambda plan: [addon.name for addon in plan.order]
>>> crds, certificates = Addon(name="prometheus-operator-crds"), Addon(name="cert-manager", requires=("prometheus-operator-crds",))
>>> names(plan([certificates, crds], kind="eks"))
['prometheus-operator-crds', 'cert-manager']
>>> plan([certificates], kind="eks")
Traceback (most recent call last):
    ...
pulumi_kubeml.problems.ConfigurationError: addons[0].requires  cert-manager needs prometheus-operator-crds, which is neither chosen nor built into eks; add it before
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pulumi_kubeml.addons.contract import Addon
from pulumi_kubeml.catalog.charts import charts
from pulumi_kubeml.problems import Problems, listed, suggestion


@dataclass(frozen=True)
class Plan:
    """What is installed, first to last, and what is not."""

    order: tuple[Addon, ...]
    skipped: Mapping[str, str]
    """Names of add-ons that are left out, and why."""


def plan(
    addons: Sequence[Addon],
    *,
    kind: str,
    cloud: str = "",
    built_in: Collection[str] = (),
    unwanted: Collection[str] = (),
) -> Plan:
    """Make the plan for a cluster; ConfigurationError holds everything that is wrong.

    Args:
        addons: What was chosen. Of two that do not need each other, the one that was named first is installed first.
        kind: The cluster's kind, for messages ("eks").
        cloud: The catalog's name of its cloud; empty where it is none's, and nothing is asked of a cloud.
        built_in: Names that the cluster brings itself; they count as there.
        unwanted: Names for which the cluster has no use.
    """
    problems = Problems("addons")
    skipped = {
        each.name: f"is for {listed(each.clouds)}" for each in addons if each.clouds and cloud not in each.clouds
    }
    skipped |= {each.name: "nothing in the cluster needs it" for each in addons if each.name in unwanted}
    skipped |= {each.name: f"built into {kind}" for each in addons if each.name in built_in}
    chosen = {each.name: each for each in addons if each.name not in skipped}
    there = {*chosen, *built_in}
    first: dict[str, int] = {}
    for index, each in enumerate(addons):
        at = problems.under(index)
        if each.chart is None and each.name not in charts():
            at.add(
                "name",
                f'"{each.name}" is not in the chart table, and has no chart of its own'
                + suggestion(each.name, charts()),
            )
        if each.name in first:
            at.add("name", f'"{each.name}" is addons[{first[each.name]}] too; an add-on is installed once')
        first.setdefault(each.name, index)
        if each.name in skipped:
            continue
        if cloud and each.permissions and cloud not in each.permissions:
            at.add(
                "permissions",
                f"{each.name} says what it may do on {listed(each.permissions)}, and nothing of {cloud}; say it, or leave it out",
            )
        for need in each.requires:
            if need not in there:
                at.add(
                    "requires",
                    f"{each.name} needs {need}, which is neither chosen nor built into {kind}; add it before",
                )
        for foe in each.conflicts:
            if foe in there:
                at.add("conflicts", f"{each.name} and {foe} cannot be in one cluster; leave one of them out")
    if not problems:
        order, circle = _sorted(chosen)
        if circle:
            problems.add("", f"{', '.join(circle)} need each other; one of them must come first")
        else:
            return Plan(order, skipped)
    problems.raise_if_any()
    return Plan((), skipped)


def _sorted(chosen: Mapping[str, Addon]) -> tuple[tuple[Addon, ...], list[str]]:
    waiting, order = dict(chosen), list[Addon]()
    while waiting:
        ready = next((each for each in waiting.values() if not waiting.keys() & set(each.requires)), None)
        if ready is None:
            return (), list(waiting)
        order.append(waiting.pop(ready.name))
    return tuple(order), []
