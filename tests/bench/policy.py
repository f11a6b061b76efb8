"""What the policy pack costs: a resource, a stack, and against the SDK's way of decoding once a policy."""

import json
import logging
from collections.abc import Iterator
from typing import Any

from pulumi.runtime.proto import analyzer_pb2 as pb
from tests.bench.measure import Row, compared, interleaved

RESOURCES = 500


def rows(resources: list[dict[str, Any]]) -> Iterator[Row]:
    """The figures of the pack on the reference stack's graph, repeated until it has 500 resources."""
    from kubeml_policies import Pack

    many = repeated(resources, RESOURCES)
    pack = Pack("prod")
    each, stack = interleaved(
        lambda: [pack.analyze(resource) for resource in many], lambda: pack.analyze_stack(many), rounds=5
    )
    yield Row(what="all checks of a resource", figure=each / len(many) * 1e3, budget=2, unit="ms", gates=False)
    yield Row(what=f"stack checks on {len(many)} resources", figure=stack, budget=0.5, unit="s", gates=False)
    yield from _decoding(resources, len(pack.checks))


def _decoding(resources: list[dict[str, Any]], policies: int) -> Iterator[Row]:
    """Ours decides all checks on what it decoded once; the SDK's decodes for each policy, here policies that decide nothing."""
    from kubeml_policies.serve.servicer import Servicer

    requests = [request(resource) for resource in resources if resource.get("custom")]
    ours, theirs = Servicer("prod"), _sdk(policies)
    mine, sdk = interleaved(
        lambda: [ours.Analyze(each, None) for each in requests],
        lambda: [theirs.Analyze(each, None) for each in requests],
        rounds=5,
    )
    detail = f"{compared(mine / len(requests), sdk / len(requests))} a resource, {policies} policies"
    yield Row(what="our pack / the SDK with policies that do nothing", figure=mine / sdk, budget=1, detail=detail)


def _sdk(count: int) -> Any:
    from pulumi_policy import EnforcementLevel, ResourceValidationPolicy
    from pulumi_policy.policy import _PolicyAnalyzerServicer

    logging.getLogger("pulumi").setLevel(logging.ERROR)
    policies = [
        ResourceValidationPolicy(name=f"nothing-{index}", description="-", validate=lambda _args, _report: None)
        for index in range(count)
    ]
    return _PolicyAnalyzerServicer("bench", "0.0.1", policies, EnforcementLevel.MANDATORY, None)


def request(resource: dict[str, Any]) -> pb.AnalyzeRequest:
    """Makes what an engine would ask about a resource."""
    made = pb.AnalyzeRequest(type=resource["type"], urn=resource["urn"], name=resource["urn"].rpartition("::")[2])
    made.properties.update(resource.get("inputs") or {})
    return made


def repeated(resources: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Makes a graph of `count` resources of copies of one: each copy has URNs and a place of its own.

    >>> [each["urn"] for each in repeated([{"urn": "urn:pulumi:d::p::T::a", "type": "T"}], 2)]
    ['urn:pulumi:d::p::T::a', 'urn:pulumi:1::p::T::a']
    """
    made = list(resources)
    copy = 0
    while len(made) < count:
        copy += 1
        for resource in resources[: count - len(made)]:
            stack = resource["urn"].split("::", 1)[0]
            made.append(json.loads(json.dumps(resource).replace(stack, f"urn:pulumi:{copy}")))
    return made[:count]
