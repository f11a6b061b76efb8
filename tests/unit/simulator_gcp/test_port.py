"""The same provider as a plugin of its own process, as the real engine starts it."""

import subprocess
from contextlib import contextmanager

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from kubeml_simulator.plugins import ambient
from kubeml_simulator.provider.failures import VARIABLE
from kubeml_simulator.provider.sdk import Schema
from kubeml_simulator.provider.values import plain, struct

URN = "urn:pulumi:dev::kubeml::gcp:compute/network:Network::main"


@contextmanager
def plugin(folder, **environment):
    launcher = folder / "bin" / "pulumi-resource-gcp"
    given = {**ambient(folder), **environment}
    with subprocess.Popen([launcher, "127.0.0.1:1"], env=given, stdout=subprocess.PIPE, text=True) as process:
        port = process.stdout.readline().strip()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
        process.terminate()
        assert process.wait(10) == 0, "a plugin ends in good order"


def test_a_refusal_a_plan_and_a_failure_cross_the_wire(tmp_path):
    with plugin(tmp_path, **{VARIABLE: "gcp:compute/network:Network::main"}) as remote:
        assert remote.GetPluginInfo(empty_pb2.Empty()).version == Schema.for_package("pulumi_gcp").version
        checked = remote.CheckConfig(pb.CheckRequest(urn="urn:p", news=struct({"region": "us-central1"})))
        assert [failure.property for failure in checked.failures] == ["project"]
        remote.Configure(pb.ConfigureRequest(args=struct({"project": "ml-dev", "region": "us-central1"})))
        refused = remote.Check(pb.CheckRequest(urn=URN, news=struct({"name": "Main"})))
        assert [failure.property for failure in refused.failures] == ["name"]
        inputs = struct({"name": "main", "autoCreateSubnetworks": False})
        planned = remote.Create(pb.CreateRequest(urn=URN, properties=inputs, preview=True))
        assert plain(planned.properties)["project"] == "ml-dev"
        with pytest.raises(grpc.RpcError) as failed:
            remote.Create(pb.CreateRequest(urn=URN, properties=inputs))
        assert "Error creating Network" in failed.value.details()
        asked = remote.Invoke(pb.InvokeRequest(tok="gcp:compute/getZones:getZones", args=struct({})))
        assert plain(getattr(asked, "return"))["names"][0] == "us-central1-a"
