"""No finding shows the value of a secret, whichever check judges it."""

from typing import Any

import pytest
from tests.policy.kinds import GOOD, ROWS, carrying
from tests.policy.stacks import gpu_quota, namespace, node_group

from kubeml_policies import Pack

SIGNATURE = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def secret(value: Any) -> dict[str, Any]:
    return {**SIGNATURE, "value": value}


@pytest.mark.parametrize(
    "container",
    [
        {**GOOD, "image": secret("s3cret/app:latest")},
        secret({**GOOD, "name": "s3cret-name", "image": "s3cret/app"}),
        {**GOOD, "resources": secret({"requests": {"cpu": "s3cret", "memory": "1Gi"}})},
        {**GOOD, "resources": {"limits": {"cpu": 1, "memory": "1Gi", "nvidia.com/gpu": secret("s3cret")}}},
    ],
)
def test_a_pods_secret_is_judged_and_not_shown(container: Any) -> None:
    found = Pack("prod").analyze(carrying(ROWS[0], container)[0])
    assert "violation" in {each.result for each in found}
    assert "s3cret" not in repr(found)
    assert "[secret]" in repr(found)


def test_a_stacks_secret_is_judged_and_not_shown() -> None:
    made = namespace("s3cret-space")
    made["inputs"]["metadata"]["name"] = secret("s3cret-space")
    quota = gpu_quota(9, secret("s3cret-space"))
    quota["urn"] = made["urn"] = "urn:pulumi:dev::test::kubernetes:core/v1:Namespace::it"
    found = Pack("prod").analyze_stack(
        [made, {**quota, "urn": f"{made['urn']}-quota"}, node_group("serve", "g6.xlarge", 1)]
    )
    messages = {each.check: each.message for each in found}
    assert "s3cret" not in repr(found)
    assert messages["NET-01"] == 'namespace "[secret]" denies no ingress and no egress by default'
    assert (
        messages["QTA-04"] == "the quotas grant 9 nvidia.com/gpu ([secret] 9), the pools have 1 at most (serve 1 x 1)"
    )


def test_what_is_not_secret_is_shown_beside_what_is() -> None:
    env = [{"name": "TOKEN", "value": secret("s3cret")}, {"name": "DEBUG", "value": secret("1")}]
    (found,) = Pack("dev").analyze(carrying(ROWS[0], {**GOOD, "image": "app:latest", "env": env})[0])
    assert found.actual == "app:latest", "a value of one letter is not looked for in other words"
