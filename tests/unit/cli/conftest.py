"""A run as the engine tells it: events and a result made by hand, with a secret in every place where one can be."""

from collections.abc import Callable
from io import StringIO
from types import SimpleNamespace

import pytest
from rich.console import Console

from kubeml_simulator.engine.events import (
    Diagnostic,
    Failed,
    Finding,
    Finished,
    Planned,
    Result,
    Span,
    Started,
    Step,
    Summary,
)
from kubeml_simulator.preview.values import SECRET, SIGNATURE

HUSH = "correct-horse-battery"


def urn(*types: str, name: str) -> str:
    return f"urn:pulumi:dev::shop::{'$'.join(types)}::{name}"


SHOP = urn("shop:Web", name="web")
VPC = urn("shop:Web", "aws:ec2/vpc:Vpc", name="net")
DATABASE = urn("shop:Web", "aws:rds/instance:Instance", name="db")
OLD = urn("aws:s3/bucket:Bucket", name="logs")


def secret(value: object) -> dict[str, object]:
    return {SIGNATURE: SECRET, "value": value}


def step(op: str, where: str, parent: str = "", **more: object) -> Step:
    resource = {"urn": where, "type": where.split("::")[2].rpartition("$")[2], "inputs": {}, "parent": parent}
    resource |= {"inputs": more.pop("inputs", {})}
    side = "old" if op == "delete" else "new"
    return Step(op, where, resource["type"], where.rpartition("::")[2], **{side: resource}, **more)


def events() -> list[object]:
    web = step("create", SHOP)
    vpc = step("create", VPC, SHOP)
    database = step("create", DATABASE, SHOP, inputs={"password": secret(HUSH)})
    bucket = step("update", OLD, changed=("tags.team",), detail={"tags.team": "update"})
    return [
        Planned(web), Started(web, 0), Finished(web, 0, 0, measured=True),
        Planned(vpc), Started(vpc, 0), Finished(vpc, 2.5, 2.5, measured=True),
        Planned(bucket), Started(bucket, 0), Finished(bucket, 1, 1, measured=False),
        Diagnostic("debug", "not for people"),
        Planned(database),
        Started(database, 2.5),
        Diagnostic("warning", f"the password is {HUSH}", DATABASE),
        Diagnostic("error", f"CreateDBInstance: {HUSH} is too short", DATABASE),
        Failed(database, 602.5, f"CreateDBInstance: {HUSH} is too short"),
    ]  # fmt: skip


def result(**changed: object) -> Result:
    told = events()
    steps = list({id(each.step): each.step for each in told if isinstance(each, Planned)}.values())
    spans = [
        Span(each.step.urn, each.step.op, each.at - each.seconds, each.at, each.measured)
        for each in told
        if isinstance(each, Finished)
    ]
    values = {
        "operation": "up",
        "ok": False,
        "exit_code": 3,
        "steps": steps,
        "changes": {"create": 2, "update": 1, "same": 4},
        "diagnostics": [Diagnostic("error", f"CreateDBInstance: {HUSH} is too short", DATABASE)],
        "findings": [
            Finding("image-digest", "kubeml", "0.1.0", "mandatory", "the image has no digest", VPC, check="POD-01",
                    path="spec.image", expected="a digest", actual=HUSH, fix="pin it"),
            Finding("default-deny", "kubeml", "0.1.0", "mandatory", "the namespace is not known yet", VPC, kind="undetermined", check="NET-01"),
            Finding("default-deny", "kubeml", "0.1.0", "mandatory", "the namespace is not known yet", OLD, kind="undetermined", check="NET-01"),
        ],
        "resources": [each.new for each in steps],
        "outputs": {"password": secret(HUSH), "zone": "a"},
        "spans": spans,
        "critical_path": [each for each in spans if each.urn == VPC],
        "duration": 602.5,
    } | changed  # fmt: skip
    return Result(**values)


@pytest.fixture
def run() -> SimpleNamespace:
    """The events and the result of one run, and what must not be seen of it."""
    return SimpleNamespace(
        events=events(), result=result, over=Summary(result()), hush=HUSH, vpc=VPC, web=SHOP, database=DATABASE
    )


@pytest.fixture
def paper() -> Callable[..., Console]:
    """Makes a console that writes into memory; `terminal` for one that takes colours."""

    def make(*, terminal: bool = False, width: int = 160, height: int = 50) -> Console:
        return Console(
            file=StringIO(), width=width, height=height, force_terminal=terminal, markup=False, highlight=False, emoji=False,
            color_system="truecolor" if terminal else None, legacy_windows=False,
        )  # fmt: skip

    return make
