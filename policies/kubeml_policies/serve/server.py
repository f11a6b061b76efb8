"""The server: one port on loopback, its number the first line on standard output, as the engine expects."""

import os
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

from kubeml_policies.serve.servicer import Servicer, environment_of

MAX_MESSAGE = 400 * 1024 * 1024
"""Bytes of one message, the engine's own limit."""


def start(environment: str = "") -> tuple[grpc.Server, int]:
    """Start serving the pack; gives the server and its port."""
    server = grpc.server(
        ThreadPoolExecutor(max_workers=4),
        options=[("grpc.max_receive_message_length", MAX_MESSAGE), ("grpc.max_send_message_length", MAX_MESSAGE)],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Servicer(environment), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def main() -> None:
    """Serve until the engine ends this process."""
    server, port = start(environment_of(os.environ.get("PULUMI_CONFIG", "")))
    print(port, flush=True)
    server.wait_for_termination()
