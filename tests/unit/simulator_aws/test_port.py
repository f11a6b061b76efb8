"""The same provider on a port: what an engine in another process gets is what one in this process gets."""

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.provider.sdk import Schema
from kubeml_simulator.provider.values import plain, struct

URN = "urn:pulumi:dev::kubeml::aws:ec2/vpc:Vpc::main"


@pytest.fixture
def remote():
    server = grpc.server(ThreadPoolExecutor(2))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsProvider([URN.split("::", 2)[2]]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    server.stop(None).wait()


def test_it_shakes_hands_and_has_the_version_of_the_sdk(remote):
    hands = remote.Handshake(pb.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert (hands.accept_secrets, hands.accept_resources, hands.accept_outputs) == (True, False, False)
    assert remote.GetPluginInfo(empty_pb2.Empty()).version == Schema.for_package("pulumi_aws").version


def test_a_refusal_and_a_failure_cross_the_wire(remote):
    remote.Configure(pb.ConfigureRequest(args=struct({"region": "us-east-1"})))
    checked = remote.Check(pb.CheckRequest(urn=URN, news=struct({"cidrBlock": "none"})))
    assert [failure.property for failure in checked.failures] == ["cidrBlock"]
    planned = remote.Create(pb.CreateRequest(urn=URN, properties=struct({"cidrBlock": "10.0.0.0/16"}), preview=True))
    assert plain(planned.properties)["cidrBlock"] == "10.0.0.0/16"
    with pytest.raises(grpc.RpcError) as failed:
        remote.Create(pb.CreateRequest(urn=URN, properties=struct({"cidrBlock": "10.0.0.0/16"})))
    assert "CreateVpc" in failed.value.details()


def test_what_it_does_not_have_is_unimplemented_and_cancel_is_harmless(remote):
    with pytest.raises(grpc.RpcError) as refused:
        remote.GetSchema(pb.GetSchemaRequest())
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert remote.Cancel(empty_pb2.Empty()) == empty_pb2.Empty()
    assert remote.GetMapping(pb.GetMappingRequest(key="terraform")).data == b""
