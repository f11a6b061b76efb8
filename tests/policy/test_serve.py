"""The pack as an analyzer over Pulumi's protocol: the same findings as in process, and the way an engine starts it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc
from tests.policy.kinds import GOOD, ROWS, carrying
from tests.policy.stacks import deny, gpu_quota, namespace, node_group, workload

from kubeml_policies import CHECKS, Pack
from kubeml_policies.serve.decode import resource as decoded
from kubeml_policies.serve.server import start
from pulumi_kubeml.capacity.graph import UNKNOWN
from pulumi_kubeml.capacity.graph.values import UNKNOWNS

Stub = analyzer_pb2_grpc.AnalyzerStub
NOTHING = empty_pb2.Empty()
BAD, _, _ = carrying(ROWS[0], {**GOOD, "image": "app", "securityContext": {"privileged": True}})
DOUBTFUL, _, _ = carrying(ROWS[0], {**GOOD, "image": UNKNOWN})
PROVIDER = {
    "urn": "urn:pulumi:dev::test::pulumi:providers:kubernetes::k",
    "type": "pulumi:providers:kubernetes",
    "inputs": {},
}
STACK = [
    PROVIDER,
    *(
        {**each, "provider": f"{PROVIDER['urn']}::id"}
        for each in (namespace(), gpu_quota(9), deny(), workload("w", 1, 3))
    ),
    node_group("serve", "g6.xlarge", 4),
]


@pytest.fixture
def stub() -> Iterator[Stub]:
    server, port = start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Stub(channel)
    server.stop(None)


def message(resource: dict[str, Any], kind: type[Any]) -> Any:
    """A resource as an engine sends it."""
    properties = struct_pb2.Struct()
    json_format.ParseDict(resource["inputs"], properties)
    provider, _, _ = resource.get("provider", "").rpartition("::")
    return kind(
        urn=resource["urn"],
        type=resource["type"],
        properties=properties,
        provider=pb.AnalyzerProviderResource(urn=provider) if provider else None,
    )


def served(response: pb.AnalyzeResponse) -> list[tuple[str, str, str, str]]:
    return [
        (each.policyName, each.urn, each.message, pb.EnforcementLevel.Name(each.enforcementLevel))
        for each in response.diagnostics
    ]


def in_process(findings: list[Any]) -> list[tuple[str, str, str, str]]:
    return [
        (
            each.name,
            each.urn,
            f"{each.path}: {each.message}" + (f"\n{each.fix}" if each.fix else ""),
            each.level.upper(),
        )
        for each in findings
    ]


@pytest.mark.parametrize("profile", ["dev", "prod"])
def test_served_findings_are_those_of_the_pack(stub: Stub, profile: str) -> None:
    stub.ConfigureStack(pb.AnalyzerStackConfigureRequest(config={"kubeml:environment": profile}))
    pack = Pack(profile)
    for made in (BAD, DOUBTFUL):
        assert served(stub.Analyze(message(made, pb.AnalyzeRequest))) == in_process(pack.analyze(made)) != []
    whole = stub.AnalyzeStack(pb.AnalyzeStackRequest(resources=[message(each, pb.AnalyzerResource) for each in STACK]))
    assert served(whole) == in_process(pack.analyze_stack(STACK))
    assert {each.policyName for each in whole.diagnostics} == {"netpol-allows-dns", "gpu-quota-within-capacity"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind} {row.path}")
def test_every_kind_arrives_as_it_was_sent(row: Any) -> None:
    made, _, _ = carrying(row, {**GOOD, "env": [{"name": "A", "value": None}], "ports": [{"containerPort": 5000}]})
    assert decoded(message(made, pb.AnalyzeRequest))["inputs"] == made["inputs"]


def test_numbers_arrive_as_they_were() -> None:
    properties = struct_pb2.Struct()
    json_format.ParseDict({"a": 3, "b": 0.5, "c": True}, properties)
    inputs = decoded(pb.AnalyzeRequest(properties=properties))["inputs"]
    assert json.dumps(inputs, sort_keys=True) == '{"a": 3, "b": 0.5, "c": true}'


def test_unknowns_of_all_types_are_unknown(stub: Stub) -> None:
    for unknown in UNKNOWNS:
        made, _, _ = carrying(ROWS[0], {**GOOD, "image": unknown})
        (found,) = stub.Analyze(message(made, pb.AnalyzeRequest)).diagnostics
        assert found.message.endswith("image is not known yet")


def test_dependencies_and_parents_arrive() -> None:
    sent = pb.AnalyzerResource(
        urn="u",
        type="t",
        parent="p",
        dependencies=["d"],
        propertyDependencies={"x": pb.AnalyzerPropertyDependencies(urns=["d"])},
    )
    assert decoded(sent) == {
        "urn": "u",
        "type": "t",
        "inputs": {},
        "parent": "p",
        "dependencies": ["d"],
        "propertyDependencies": {"x": ["d"]},
    }


def test_the_engine_is_told_every_check_with_its_schema(stub: Stub) -> None:
    stub.ConfigureStack(pb.AnalyzerStackConfigureRequest(config={"kubeml:environment": "staging"}))
    info = stub.GetAnalyzerInfo(NOTHING)
    assert (info.name, info.version, info.supportsConfig) == ("kubeml", stub.GetPluginInfo(NOTHING).version, True)
    assert [each.name for each in info.policies] == [check.name for check in CHECKS.values()]
    told = {each.tags[0]: each for each in info.policies}
    for check in CHECKS.values():
        each = told[check.id]
        assert (each.message, each.remediation_steps) == (check.why, check.fix)
        assert pb.EnforcementLevel.Name(each.enforcementLevel) == check.level("staging").upper()
        assert set(each.configSchema.properties) == {*check.options, "waivers"}
        assert each.policy_type == (pb.POLICY_TYPE_STACK if check.scope == "stack" else pb.POLICY_TYPE_RESOURCE)
    assert json_format.MessageToDict(told["POD-09"].configSchema.properties)["require"] == {
        "type": "string",
        "enum": ["tag", "digest"],
        "description": "what pins an image: a tag other than latest, or a digest",
        "default": "digest",
    }


def test_the_engines_configuration_is_followed(stub: Stub) -> None:
    stub.ConfigureStack(pb.AnalyzerStackConfigureRequest(config={"kubeml:environment": "prod"}))
    properties = struct_pb2.Struct()
    json_format.ParseDict({"require": "tag"}, properties)
    config = {
        "all": pb.PolicyConfig(enforcementLevel=pb.ADVISORY),
        "pod-image-pinned": pb.PolicyConfig(enforcementLevel=pb.MANDATORY, properties=properties),
    }
    stub.Configure(pb.ConfigureAnalyzerRequest(policyConfig=config))
    found = served(stub.Analyze(message(BAD, pb.AnalyzeRequest)))
    assert [(name, level) for name, _, _, level in found] == [
        ("pod-not-privileged", "ADVISORY"),
        ("pod-image-pinned", "MANDATORY"),
    ]
    assert '"latest"' in found[1][2]


def test_a_wrong_configuration_is_refused_by_name(stub: Stub) -> None:
    wrong = {"pod-image-pined": pb.PolicyConfig(enforcementLevel=pb.ADVISORY)}
    with pytest.raises(grpc.RpcError) as refused:
        stub.Configure(pb.ConfigureAnalyzerRequest(policyConfig=wrong))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details() == "pod-image-pined is no check; did you mean pod-image-pinned?"


def test_the_calls_that_change_nothing_answer(stub: Stub) -> None:
    assert stub.Handshake(pb.AnalyzerHandshakeRequest(engine_address="127.0.0.1:1")) == pb.AnalyzerHandshakeResponse()
    assert list(stub.Remediate(message(BAD, pb.AnalyzeRequest)).remediations) == []
    assert stub.Cancel(NOTHING) == NOTHING


def test_an_engine_starts_the_pack_and_reads_its_port(root: Path) -> None:
    config = json.dumps({"kubeml:environment": "prod"})
    environment = {
        **os.environ,
        "PULUMI_CONFIG": config,
        "PULUMI_PROJECT": "p",
        "PULUMI_STACK": "s",
        "PULUMI_DRY_RUN": "true",
    }
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", "."]
    with subprocess.Popen(
        command, cwd=root / "policies", env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            info = Stub(channel).GetAnalyzerInfo(NOTHING)
        process.terminate()
    levels = {each.tags[0]: each.enforcementLevel for each in info.policies}
    assert levels["POD-09"] == pb.MANDATORY, "the profile is that of the stack's configuration"
