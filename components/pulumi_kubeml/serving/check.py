"""What can be wrong with a model server by itself, whatever pool it gets."""

import ipaddress
from collections.abc import Iterable, Mapping

from pulumi_kubeml.names import is_label
from pulumi_kubeml.problems import Problems, listed, suggestion
from pulumi_kubeml.serving.spec import AutoscalingSpec, ModelServerSpec
from pulumi_kubeml.storage.claims import NOTHING, check_claims

PORTS = range(1, 65536)


def check(
    spec: ModelServerSpec, *, metrics: Iterable[str], problems: Problems, lacks: Mapping[str, str] = NOTHING
) -> None:
    """Note everything that is wrong.

    Args:
        spec: What the user wrote.
        metrics: Names of the external metrics that the platform offers.
        problems: Where to note.
        lacks: What its cluster cannot give, each with the reason.
    """
    if not is_label(spec.name):
        problems.add("name", f'"{spec.name}" is no name: lower-case letters, digits and dashes, at most 63')
    for field in ("port", "service_port"):
        if getattr(spec, field) not in PORTS:
            problems.add(field, f"{getattr(spec, field)} is no port; allowed: 1 to 65535")
    if spec.replicas < 0:
        problems.add("replicas", f"{spec.replicas}; allowed: 0 or more")
    if not spec.user:
        problems.add("user", "0 is root, which no team's namespace allows; allowed: 1 and more")
    for index, caller in enumerate(spec.callers):
        if why := not_a_cidr(caller):
            problems.add(f"callers[{index}]", why)
    if spec.exposure in lacks:
        problems.add("exposure", f'"{spec.exposure}": {lacks[spec.exposure]}')
    check_claims(spec.claims, lacks, problems)
    if spec.autoscaling:
        _autoscaling(spec.autoscaling, list(metrics), problems.under("autoscaling"))


def not_a_cidr(text: str) -> str:
    """Make what is wrong with a CIDR block; nothing if it is one.

    >>> not_a_cidr("203.0.113.0/24"), not_a_cidr("203.0.113.7/24")
    ('', '"203.0.113.7/24" is not a CIDR block: it has bits beyond /24; did you mean 203.0.113.0/24?')
    """
    try:
        ipaddress.ip_network(text)
    except ValueError:
        try:
            loose = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return f'"{text}" is not a CIDR block, such as 203.0.113.0/24'
        return f'"{text}" is not a CIDR block: it has bits beyond /{loose.prefixlen}; did you mean {loose}?'
    return ""


def _autoscaling(spec: AutoscalingSpec, offered: list[str], problems: Problems) -> None:
    if spec.max < 1:
        problems.add("max", f"{spec.max} replicas; allowed: 1 or more")
    elif not 1 <= spec.min <= spec.max:
        problems.add(
            "min",
            f"{spec.min} is above max {spec.max}" if spec.min > spec.max else f"{spec.min}; allowed: 1 to {spec.max}",
        )
    if spec.cpu is None and spec.memory is None and not spec.metrics:
        problems.add("", "follows nothing; give cpu, memory or metrics")
    for index, metric in enumerate(spec.metrics):
        if metric.name not in offered:
            allowed = f"allowed: {listed(offered)}" if offered else "platform.externalMetrics has none"
            problems.add(
                f"metrics[{index}].name",
                f'"{metric.name}" is no metric of the platform; {allowed}' + suggestion(metric.name, offered),
            )
