"""The simulated providers as processes of their own, and the environment in which the real `pulumi` finds them."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc, resource_pb2, resource_pb2_grpc

from kubeml_simulator.kubernetes import KubernetesProvider
from kubeml_simulator.plugins import ambient, exec_
from kubeml_simulator.plugins.environment import unsalted
from kubeml_simulator.plugins.server import main, serve
from kubeml_simulator.provider.values import plain, struct

DIRECTORY = "kubernetes:kustomize/v2:Directory"
SOURCE = "https://github.com/kubeflow/trainer/tree/v1.9.4/manifests/overlays/standalone"


@contextmanager
def stub_of(port):
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)


def test_a_launcher_serves_its_provider_until_it_is_ended(tmp_path):
    environment = ambient(tmp_path)
    launcher = tmp_path / "bin" / "pulumi-resource-kubernetes"
    with subprocess.Popen([launcher, "127.0.0.1:1"], env=environment, stdout=subprocess.PIPE, text=True) as process:
        port = process.stdout.readline().strip()
        assert port.isdigit(), "the first line of output is the port"
        with stub_of(port) as provider:
            bad = struct({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "Research"}})
            answer = provider.Check(
                pb.CheckRequest(urn="urn:pulumi:dev::p::kubernetes:core/v1:Namespace::research", news=bad)
            )
            assert [failure.property for failure in answer.failures] == ["metadata.name"]
            assert provider.GetPluginInfo(empty_pb2.Empty()).version
        process.terminate()
        assert process.wait(10) == 0, "a plugin ends in good order"


def test_a_package_that_is_not_simulated_is_refused_by_name(capsys):
    assert main(["random"]) == 2
    assert '"random" is not simulated; simulated are aws, azure-native, gcp, kubernetes' in capsys.readouterr().err


def test_a_plugin_fails_what_its_environment_asks_for(monkeypatch):
    from kubeml_simulator.plugins.server import provider

    monkeypatch.setenv("KUBEML_FAIL", "kubernetes:core/v1:Namespace::research")
    assert provider("kubernetes").failures.hits("urn:pulumi:dev::p::kubernetes:core/v1:Namespace::research")


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """An engine that takes registrations down."""

    def __init__(self):
        self.registered, self.outputs = [], []

    def RegisterResource(self, request, context):
        self.registered.append(request)
        return resource_pb2.RegisterResourceResponse(urn=f"urn:pulumi:dev::p::{request.type}::{request.name}")

    def RegisterResourceOutputs(self, request, context):
        self.outputs.append((request.urn, plain(request.outputs)))
        return empty_pb2.Empty()


def test_a_component_registers_itself_with_the_engine_that_asked_for_it():
    monitor = Monitor()
    engine = grpc.server(ThreadPoolExecutor(2))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, engine)
    address = f"127.0.0.1:{engine.add_insecure_port('127.0.0.1:0')}"
    engine.start()
    served, port = serve(KubernetesProvider())
    request = pb.ConstructRequest(
        type=DIRECTORY,
        name="operator",
        parent="urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev",
        inputs=struct({"directory": SOURCE}),
        monitorEndpoint=address,
        providers={"kubernetes": "urn::id"},
        dependencies=["urn:b"],
        inputDependencies={"directory": pb.ConstructRequest.PropertyDependencies(urns=["urn:a"])},
        protect=True,
    )
    try:
        with stub_of(port) as provider:
            answer = provider.Construct(request)
    finally:
        served.stop(None)
        engine.stop(None)
    (registered,) = monitor.registered
    assert answer.urn.endswith("::operator")
    assert plain(registered.object) == {"directory": SOURCE}
    assert (registered.custom, registered.parent) == (False, request.parent)
    assert list(registered.dependencies) == ["urn:a", "urn:b"]
    assert registered.protect
    assert monitor.outputs == [(answer.urn, {"resources": []})]


def test_the_real_pulumi_never_meets_a_real_state(tmp_path):
    given = {
        "PATH": "/usr/bin",
        "PULUMI_BACKEND_URL": "s3://state",
        "PULUMI_ACCESS_TOKEN": "x",
        "PULUMI_CONFIG_PASSPHRASE": "open",
    }
    made = ambient(tmp_path, given)
    assert made["PULUMI_BACKEND_URL"] == (tmp_path / "state").as_uri()
    assert "PULUMI_ACCESS_TOKEN" not in made
    assert made["PULUMI_CONFIG_PASSPHRASE"] == "open", "the secrets of a stack file stay readable"
    assert made["PATH"].split(os.pathsep) == [str(tmp_path / "bin"), str(Path(sys.executable).parent), "/usr/bin"]


def test_a_stack_file_stays_as_it_is(tmp_path):
    kept, salted = tmp_path / "Pulumi.dev.yaml", tmp_path / "stacks" / "Pulumi.prod.yaml"
    salted.parent.mkdir()
    kept.write_text("config: {}\n", encoding="utf-8")
    salted.write_text("encryptionsalt: v1:a\n", encoding="utf-8")
    with unsalted(tmp_path):
        kept.write_text("config: {}\nencryptionsalt: v1:b\n", encoding="utf-8")
        salted.write_text("encryptionsalt: v1:a\nconfig: {a:b: c}\n", encoding="utf-8")
        (tmp_path / "Pulumi.new.yaml").write_text("encryptionsalt: v1:c\n", encoding="utf-8")
    assert kept.read_text(encoding="utf-8") == "config: {}\n"
    assert "a:b" in salted.read_text(encoding="utf-8"), "what has a salt of its own is the user's"
    assert not (tmp_path / "Pulumi.new.yaml").exists()


@pytest.mark.parametrize(
    ("argv", "says"), [(["pulumi", "up"], "pulumi is not on PATH"), (["nonesuch"], "nonesuch: no such command")]
)
def test_a_missing_command_is_said_to_be_missing(tmp_path, monkeypatch, capsys, argv, says):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert exec_(argv, tmp_path) == 127
    assert says in capsys.readouterr().err


def test_a_command_runs_in_the_project_with_the_providers_on_its_path(tmp_path, capfd):
    assert exec_(["sh", "-c", "pwd; command -v pulumi-resource-aws; exit 3"], tmp_path) == 3
    where, found = capfd.readouterr().out.splitlines()
    assert Path(where).samefile(tmp_path)
    assert Path(found) == tmp_path / ".kubeml" / "exec" / "bin" / "pulumi-resource-aws"
