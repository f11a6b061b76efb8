"""The pack run by an engine says what it says in process: the embedded evaluator everywhere, the real `pulumi` where there is one."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kubeml_policies import Pack
from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.engine import PluginAnalyzer, Providers, Result, load_project, run
from kubeml_simulator.kubernetes import KubernetesProvider
from kubeml_simulator.plugins import ambient
from kubeml_simulator.plugins.environment import make_stack

PROGRAM = """
import pulumi_aws as aws
import pulumi_kubernetes as k8s

research = k8s.core.v1.Namespace("research", metadata={"name": "research"})
home = {"namespace": research.metadata.name}
gpus = {"limits": {"cpu": 1, "memory": "1Gi", "nvidia.com/gpu": 1}}
k8s.core.v1.Pod("bad", metadata={"name": "bad", "namespace": "research"}, spec={"containers": [
    {"name": "main", "image": "app", "securityContext": {"privileged": True}, "resources": {"limits": {"nvidia.com/gpu": 1}}}]})
k8s.core.v1.ResourceQuota("quota", metadata={"name": "quota", **home}, spec={"hard": {"requests.nvidia.com/gpu": 4, "nvidia.com/gpu": 4}})
k8s.networking.v1.NetworkPolicy("deny", metadata={"name": "deny", **home}, spec={"podSelector": {}, "policyTypes": ["Egress"]})
repository = aws.ecr.Repository("models")
k8s.apiextensions.CustomResource("tf", api_version="kubeflow.org/v1", kind="TFJob", metadata={"name": "tf", **home}, spec={
    "tfReplicaSpecs": {"Worker": {"replicas": 2, "template": {"spec": {"containers": [
        {"name": "tensorflow", "image": repository.repository_url, "resources": gpus}]}}}}})
"""


Said = set[tuple[str, str, str, str]]
"""Check, level, resource and text of each finding."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("checked")
    (directory / "Pulumi.yaml").write_text("name: checked\nruntime: python\n", encoding="utf-8")
    config = "config:\n  aws:region: us-east-1\n  kubeml:environment: prod\n"
    (directory / "Pulumi.dev.yaml").write_text(config, encoding="utf-8")
    (directory / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def evaluated(project: Path, root: Path) -> Result:
    loaded = load_project(project)
    providers = Providers(in_process={"aws": AwsProvider, "kubernetes": KubernetesProvider})
    pack = PluginAnalyzer(root / "policies")
    return run("preview", loaded, loaded.stack("dev"), providers=providers, analyzers=[pack], touch_state=False)


@pytest.fixture(scope="module")
def expected(evaluated: Result) -> Said:
    """What the pack finds in process."""
    pack = Pack("prod")
    found = [finding for resource in evaluated.resources for finding in pack.analyze(resource)]
    found += pack.analyze_stack(evaluated.resources)
    assert {each.result for each in found} == {"violation", "undetermined"}
    return {
        (each.name, each.level, each.urn, "\n".join(filter(None, (f"{each.path}: {each.message}", each.fix))))
        for each in found
    }


def test_the_embedded_evaluator_reports_what_the_pack_finds(evaluated: Result, expected: Said) -> None:
    assert {(each.policy, each.level, each.urn, each.message) for each in evaluated.findings} == expected
    assert evaluated.exit_code == 1, "mandatory checks are violated, and nothing else failed"


def test_the_real_engine_reports_what_the_pack_finds(project: Path, expected: Said, tmp_path: Path, root: Path) -> None:
    for name in ("pulumi", "pulumi-language-python"):
        if shutil.which(name) is None:
            pytest.skip(f"there is no {name} on PATH: the pack is not run by the real engine")
    environment = {**ambient(tmp_path / "real"), "PULUMI_DEBUG_COMMANDS": "true"}
    pulumi = shutil.which("pulumi", path=environment["PATH"])
    assert make_stack(pulumi, "dev", project, environment) == 0
    log = tmp_path / "events.json"
    command = [
        pulumi,
        "preview",
        "--non-interactive",
        "--stack",
        "dev",
        "--event-log",
        str(log),
        "--policy-pack",
        str(root / "policies"),
    ]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    reported = {
        (event["policyName"], event["enforcementLevel"], event.get("resourceUrn", ""), plain(event["message"]))
        for each in events
        if (event := each.get("policyEvent"))
    }
    assert reported == expected, done.stdout + done.stderr
    assert done.returncode != 0, "mandatory checks are violated"


def plain(text: str) -> str:
    """A message without the engine's marks for colours."""
    return re.sub(r"<\{%.*?%\}>", "", text).strip()
