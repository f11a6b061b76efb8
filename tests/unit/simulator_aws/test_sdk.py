"""Names and types, as the installed SDKs have them."""

import pytest

from kubeml_simulator.provider import UNKNOWN
from kubeml_simulator.provider.sdk import Schema, describe, enum_failures, value_failures
from kubeml_simulator.provider.sdk_source import Type

STRING, INTEGER = Type("string"), Type("integer")
AWS = Schema.for_package("pulumi_aws")


@pytest.mark.parametrize(
    ("kind", "right", "wrong", "path"),
    [
        (STRING, "a", ["a"], "at"),
        (STRING, True, 1.3, "at"),
        (INTEGER, 3, "3", "at"),
        (INTEGER, 3, True, "at"),
        (Type("number"), 1.5, "1.5", "at"),
        (Type("boolean"), False, "false", "at"),
        (Type("list", INTEGER), [1, 2], [1, "2"], "at[1]"),
        (Type("list", INTEGER), [], {"a": 1}, "at"),
        (Type("map", INTEGER), {"a": 1}, {"a": 1, "b.c": "x"}, 'at["b.c"]'),
        (Type("union", options=(INTEGER, Type("list", INTEGER))), [1], "x", "at"),
        (Type("union", options=(INTEGER, Type("list", INTEGER))), 1, ["x"], "at[0]"),
    ],
)
def test_a_value_fits_its_type_or_is_refused_where_it_does_not(kind, right, wrong, path):
    assert list(value_failures(kind, right, "at")) == []
    assert list(value_failures(kind, None, "at")) == list(value_failures(kind, UNKNOWN, "at")) == []
    assert [failure.path for failure in value_failures(kind, wrong, "at")] == [path]


def test_a_type_is_said_in_words():
    assert describe(Type("union", options=(STRING, INTEGER))) == "a string or a whole number"
    assert describe(Type("map", STRING)) == "a map (each a string)"
    scaling = AWS.resource("aws:eks/nodeGroup:NodeGroup").inputs["scalingConfig"].type
    assert describe(scaling) == "an object with desiredSize, maxSize, minSize"


def test_a_deprecated_property_is_known_all_the_same():
    assert "corsRules" in AWS.resource("aws:s3/bucket:Bucket").inputs


def test_a_policy_may_be_a_text_or_an_object():
    policy = AWS.resource("aws:sqs/queuePolicy:QueuePolicy").inputs["policy"].type
    assert list(value_failures(policy, "{}", "policy")) == []
    assert [f.path for f in value_failures(policy, 5.5, "policy")] == ["policy"]


def test_every_type_of_the_sdk_can_be_read():
    """A sample over all services; reading every class would take seconds."""
    tokens = sorted(AWS.tokens)
    assert len(tokens) > 1000
    for token in tokens[::40]:
        resource = AWS.resource(token)
        assert resource is not None, token
        assert set(resource.inputs) <= resource.outputs, f"{token} gives back what it is given"


def test_another_sdk_is_read_the_same_way():
    kubernetes = Schema.for_package("pulumi_kubernetes")
    given = {"chart": "x", "repositoryOpts": {"rep": "y"}, "values": {"anything": [1]}}
    failures = kubernetes.failures("kubernetes:helm.sh/v3:Release", given)
    assert [(f.path, f.why) for f in failures] == [("repositoryOpts.rep", "unknown property; did you mean repo?")]


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(ModuleNotFoundError, match="pulumi_nowhere is not installed"):
        Schema("pulumi_nowhere")


def test_a_string_of_an_enum_class_knows_the_values_of_the_class():
    pool = Schema.for_package("pulumi_azure_native").resource("azure-native:containerservice:AgentPool").inputs
    assert pool["osType"].type.values == ("Linux", "Windows")
    assert pool["vmSize"].type.values == ()
    given = {"osType": "BSD", "vmSize": "any", "gpuProfile": {"driver": UNKNOWN}, "nodeTaints": 3}
    assert [(f.path, f.allowed) for f in enum_failures(pool, given)] == [("osType", "Linux, Windows")]
    inner = {"gpuProfile": {"driver": "ROCM"}, "upgradeSettings": {"undrainableNodeBehavior": "Cordon"}}
    assert [f.path for f in enum_failures(pool, inner)] == ["gpuProfile.driver"]


def test_a_sdk_with_a_resource_for_every_service_is_read_module_by_module():
    azure = Schema.for_package("pulumi_azure_native")
    assert len(azure.tokens) > 2000
    for token in sorted(azure.tokens)[::100]:
        resource = azure.resource(token)
        assert resource is not None, token
        assert resource.inputs or resource.outputs, token
