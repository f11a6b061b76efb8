"""What containers ask for."""

from collections.abc import Iterator

from kubeml_policies.model import Check, Framework, Option, Settings, Violation
from kubeml_policies.subjects import PodContainer, containers
from pulumi_kubeml.capacity.graph.requests import container_requests
from pulumi_kubeml.capacity.graph.values import dig, mapping
from pulumi_kubeml.capacity.quantity import QuantityError, amounts


def _requests_set(subject: PodContainer, settings: Settings) -> Iterator[Violation]:
    path = subject.resources_path
    if ".ephemeralContainers[" in path or (subject.container.partial and subject.get("resources") is None):
        return
    try:
        asked = container_requests(subject.container.values)
        if subject.template.row.holds != "container":
            whole = mapping(dig(subject.template.spec, "resources"))
            asked = {**amounts({**mapping(whole.get("limits")), **mapping(whole.get("requests"))}), **asked}
    except QuantityError as error:
        yield Violation(path, f'container "{subject.name}": {error}')
        return
    missing = [resource for resource in settings["resources"] if not asked.get(resource)]
    if missing:
        yield Violation(
            f"{path}.requests",
            f'container "{subject.name}" requests no {" and no ".join(missing)}',
            expected=" and ".join(f"requests.{resource}" for resource in missing),
        )


CHECKS = (
    Check(
        id="RES-01",
        name="res-requests-set",
        title="Every container requests CPU and memory",
        severity="high",
        dev="mandatory",
        prod="mandatory",
        frameworks=(
            Framework("Kyverno", "require-requests-limits"),
            Framework("Checkov", "CKV_K8S_10, CKV_K8S_12"),
            Framework("Kubescape", "C-0268, C-0269"),
        ),
        options={
            "resources": Option(
                {"type": "array", "items": {"type": "string"}}, "resources that must be requested", ["cpu", "memory"]
            )
        },
        why="The scheduler counts requests only: a pod without them lands on a full node, is evicted first, and no quota or autoscaler can count it.",
        fix="Set resources.requests for both; a limit alone counts as the request.",
        scope="resource",
        subjects=containers,
        evaluate=_requests_set,
    ),
)
