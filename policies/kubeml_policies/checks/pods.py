"""What a pod may do on its node, and which image it runs."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from kubeml_policies.model import Check, Framework, Option, Settings, Violation
from kubeml_policies.subjects import PodContainer, containers
from pulumi_kubeml.capacity.graph.values import text

_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}")


def _not_privileged(subject: PodContainer, _: Settings) -> Iterator[Violation]:
    if subject.get("securityContext", "privileged"):
        yield Violation(
            f"{subject.path}.securityContext.privileged",
            f'container "{subject.name}" is privileged: it has every right and every device of its node',
            expected=False,
            actual=True,
        )


def _image_pinned(subject: PodContainer, settings: Settings) -> Iterator[Violation]:
    image = text(subject.get("image"))
    if not image or _DIGEST.search(image) or any(fnmatchcase(image, pattern) for pattern in settings["exempt"]):
        return
    path = f"{subject.path}.image"
    tag = image.rpartition("/")[2].partition(":")[2].partition("@")[0]
    if settings["require"] == "digest":
        expected = "an image with a digest (@sha256:...)"
        yield Violation(
            path, f'image "{image}" of container "{subject.name}" has no digest: its tag may move', expected, image
        )
    elif tag in {"", "latest"}:
        expected = "a tag other than latest, or a digest"
        yield Violation(
            path,
            f'image "{image}" of container "{subject.name}" is whatever "latest" is when a node pulls it',
            expected,
            image,
        )


CHECKS = (
    Check(
        id="POD-01",
        name="pod-not-privileged",
        title="No container is privileged",
        severity="critical",
        dev="mandatory",
        prod="mandatory",
        frameworks=(
            Framework("CIS Amazon EKS Benchmark", "4.2.1"),
            Framework("Kyverno", "disallow-privileged-containers"),
            Framework("Checkov", "CKV_K8S_16"),
            Framework("Kubescape", "C-0057"),
        ),
        why="A privileged container is root on its node: it reads every other pod's memory, secrets and model weights there.",
        fix="Remove privileged; a device plugin gives GPUs and fabric to ordinary containers, and IPC_LOCK is enough for RDMA.",
        scope="resource",
        subjects=containers,
        evaluate=_not_privileged,
    ),
    Check(
        id="POD-09",
        name="pod-image-pinned",
        title="Every image is pinned",
        severity="medium",
        dev="advisory",
        prod="mandatory",
        frameworks=(
            Framework("Kyverno", "disallow-latest-tag"),
            Framework("Checkov", "CKV_K8S_14, CKV_K8S_43"),
            Framework("Kubescape", "C-0306"),
        ),
        options={
            "require": Option(
                {"type": "string", "enum": ["tag", "digest"]},
                "what pins an image: a tag other than latest, or a digest",
                "digest",
                {"dev": "tag"},
            ),
            "exempt": Option(
                {"type": "array", "items": {"type": "string"}},
                "images that are left alone, as patterns (registry.example.com/*)",
                [],
            ),
        },
        why="Nodes that pull at different times run different code, and a run cannot be repeated.",
        fix="Write the tag of a release (dev) or the digest that the registry shows for it (staging, prod).",
        scope="resource",
        subjects=containers,
        evaluate=_image_pinned,
    ),
)
