"""The same provider on a port, as `kubeml exec -- pulumi` starts it: what an engine in another process gets is what one here gets."""

import subprocess
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from kubeml_simulator.plugins import ambient
from kubeml_simulator.provider.sdk import Schema
from kubeml_simulator.provider.values import plain, struct

URN = "urn:pulumi:dev::kubeml::azure-native:resources:ResourceGroup::ml"
FAILING = "azure-native:resources:ResourceGroup::ml"


@pytest.fixture
def remote(tmp_path):
    environment = ambient(tmp_path) | {"KUBEML_FAIL": FAILING}
    launcher = Path(tmp_path) / "bin" / "pulumi-resource-azure-native"
    with subprocess.Popen([launcher, "127.0.0.1:1"], env=environment, stdout=subprocess.PIPE, text=True) as process:
        port = process.stdout.readline().strip()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
        process.terminate()


def test_a_plugin_checks_plans_and_fails_as_it_is_asked(remote):
    assert remote.GetPluginInfo(empty_pb2.Empty()).version == Schema.for_package("pulumi_azure_native").version
    remote.Configure(pb.ConfigureRequest(args=struct({"location": "westeurope"})))
    refused = remote.Check(pb.CheckRequest(urn=URN, news=struct({"location": "middleearth"})))
    assert [failure.property for failure in refused.failures] == ["location"]
    checked = remote.Check(pb.CheckRequest(urn=URN, news=struct({}))).inputs
    assert plain(checked)["location"] == "westeurope"
    planned = remote.Create(pb.CreateRequest(urn=URN, properties=checked, preview=True))
    assert plain(planned.properties)["location"] == "westeurope"
    with pytest.raises(grpc.RpcError) as failed:
        remote.Create(pb.CreateRequest(urn=URN, properties=checked))
    assert 'Code="InternalServerError"' in failed.value.details()
