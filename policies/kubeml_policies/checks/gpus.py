"""How containers ask for accelerators, and whether their pods find the nodes that have them."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubeml_policies.model import Check, Option, Settings, Violation
from kubeml_policies.subjects import PodContainer, PodTemplate, containers, pod_templates
from pulumi_kubeml.capacity.accelerators import is_device
from pulumi_kubeml.capacity.graph import Template, Undetermined
from pulumi_kubeml.capacity.graph.values import dig, join, mapping, sequence, some, text
from pulumi_kubeml.capacity.quantity import QuantityError, parse

ACCELERATOR_LABELS = (
    "kubeml.io/accelerator",
    "kubeml.io/pool",
    "nvidia.com/gpu.present",
    "nvidia.com/gpu.product",
    "cloud.google.com/gke-accelerator",
    "cloud.google.com/gke-nodepool",
    "cloud.google.com/gke-tpu-accelerator",
    "kubernetes.azure.com/agentpool",
    "eks.amazonaws.com/nodegroup",
    "karpenter.sh/nodepool",
    "karpenter.k8s.aws/instance-gpu-name",
    "node.kubernetes.io/instance-type",
)

SHARED = ".shared"
"""What NVIDIA's device plugin appends to the name of a resource whose devices pods share."""


def _request_equals_limit(subject: PodContainer, _: Settings) -> Iterator[Violation]:
    limits = mapping(subject.get("resources", "limits"))
    requests = mapping(subject.get("resources", "requests"))
    at = subject.resources_path
    for key in sorted({key for key in (*limits, *requests) if is_device(key)}):
        limit, request = limits.get(key), requests.get(key)
        where = join(f"{at}.limits", key) if limit is not None else join(f"{at}.requests", key)
        try:
            wanted = {
                side: parse(value) for side, value in (("limit", limit), ("request", request)) if value is not None
            }
        except QuantityError as error:
            yield Violation(where, f'container "{subject.name}": {key}: {error}')
            continue
        broken = [
            f"{value}"
            for value, exact in ((limit, wanted.get("limit")), (request, wanted.get("request")))
            if exact is not None and exact.denominator != 1
        ]
        if broken:
            yield Violation(
                where,
                f'container "{subject.name}" asks for {broken[0]} {key}: devices are whole',
                "a whole number",
                broken[0],
            )
        elif limit is None:
            if not subject.container.partial:
                message = (
                    f'container "{subject.name}" requests {request} {key} without a limit, which the API server refuses'
                )
                yield Violation(join(f"{at}.limits", key), message, request)
        elif key.endswith(SHARED) and wanted["limit"] > 1:
            message = f'container "{subject.name}" asks for {limit} {key}: more than one share gives no more of a device, and is refused'
            yield Violation(where, message, 1, limit)
        elif request is not None and wanted["request"] != wanted["limit"]:
            message = (
                f'container "{subject.name}" requests {request} {key} with a limit of {limit}: both must be the same'
            )
            yield Violation(join(f"{at}.requests", key), message, limit, request)


def _placement(subject: PodTemplate, settings: Settings) -> Iterator[Violation]:
    template = subject.template
    keys = _devices(template)
    if not keys or template.row.holds == "container":
        return
    spec = mapping(template.spec)
    whole = not template.partial and dig(spec, "model") is None
    for key in keys:
        taints = {key, f"{key.partition('/')[0]}/gpu"}
        tolerations = sequence(spec.get("tolerations"))
        if (whole or tolerations) and not some(
            tolerations, lambda each, taints=taints: _tolerates(mapping(each), taints)
        ):
            yield Violation(
                f"{template.path}.tolerations",
                f"a pod with {key} does not tolerate the taint of nodes that have it: it never starts",
                f"a toleration of {key}",
            )
    if (whole or spec.get("nodeSelector") or spec.get("affinity")) and not _names_node(
        spec, frozenset(settings["labels"])
    ):
        yield Violation(
            f"{template.path}.nodeSelector",
            f"a pod with {', '.join(keys)} does not say on which accelerator: any node with a free device takes it",
            f"a node selector or required node affinity on one of {', '.join(settings['labels'])}",
        )


def _devices(template: Template) -> list[str]:
    """Make the device keys that some container asks for; an unknown container is in doubt only if none is found."""
    found: set[str] = set()

    def note(values: Any) -> bool:
        resources = mapping(dig(mapping(values), "resources"))
        for side in ("limits", "requests"):
            found.update(
                key for key, value in mapping(resources.get(side)).items() if is_device(key) and str(value) != "0"
            )
        return False

    try:
        some([container.values for container in template.containers], note)
    except Undetermined:
        if not found:
            raise
    return sorted(found)


def _tolerates(toleration: Mapping[str, Any], taints: set[str]) -> bool:
    if (toleration.get("effect") or "NoSchedule") != "NoSchedule":
        return False
    key = text(toleration.get("key"))
    return key in taints or (not key and toleration.get("operator") == "Exists")


def _names_node(spec: Mapping[str, Any], labels: frozenset[str]) -> bool:
    if labels & set(mapping(spec.get("nodeSelector"))):
        return True
    terms = sequence(
        dig(spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    )
    return bool(terms) and all(
        some(sequence(mapping(term).get("matchExpressions")), lambda entry: text(mapping(entry).get("key")) in labels)
        for term in terms
    )


CHECKS = (
    Check(
        id="GPU-01",
        name="gpu-request-equals-limit",
        title="Accelerators are asked for in whole numbers, request and limit the same",
        severity="high",
        dev="mandatory",
        prod="mandatory",
        why="The API server refuses anything else, but only when the pod is made: a Job or TFJob is accepted and never starts.",
        fix="Give the device under limits, as a whole number; leave the request out or make it the same.",
        scope="resource",
        subjects=containers,
        evaluate=_request_equals_limit,
    ),
    Check(
        id="GPU-02",
        name="gpu-placement",
        title="A pod with an accelerator tolerates its nodes and says which it wants",
        severity="medium",
        dev="advisory",
        prod="mandatory",
        options={
            "labels": Option(
                {"type": "array", "items": {"type": "string"}},
                "node labels that tell accelerators apart",
                list(ACCELERATOR_LABELS),
            )
        },
        why="GPU pools are tainted, so a pod without the toleration waits for ever; one without a selector may land on a dearer device than it needs.",
        fix="Take tolerations and node selector from the pool's placement, or write both.",
        scope="resource",
        subjects=pod_templates,
        evaluate=_placement,
    ),
)
