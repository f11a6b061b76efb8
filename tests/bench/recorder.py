"""A monitor that answers at once and does nothing: what is left of a program's time is the SDK's and its runner's own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from kubeml_simulator.engine import runner


class Recorder(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Counts what is registered."""

    def __init__(self) -> None:
        self.registered = 0

    def SupportsFeature(self, request: Any, _context: Any) -> resource_pb2.SupportsFeatureResponse:
        return resource_pb2.SupportsFeatureResponse(
            hasSupport=request.id in {"secrets", "resourceReferences", "outputValues"}
        )

    def RegisterResource(self, request: Any, _context: Any) -> resource_pb2.RegisterResourceResponse:
        self.registered += 1
        urn = f"urn:pulumi:dev::bench::{request.type}::{request.name}"
        return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)

    def RegisterResourceOutputs(self, _request: Any, _context: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def Log(self, _request: Any, _context: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()


@contextmanager
def serving() -> Iterator[tuple[Recorder, str]]:
    """Serves a recorder on loopback; gives it and its address."""
    recorder = Recorder()
    server = grpc.server(ThreadPoolExecutor(40))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(recorder, server)
    engine_pb2_grpc.add_EngineServicer_to_server(recorder, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield recorder, f"127.0.0.1:{port}"
    finally:
        server.stop(None)


def recorded(folder: Path, way: str) -> int:
    """Runs the program of a folder the evaluator's way or the SDK's own; gives how many resources it registered."""
    with serving() as (recorder, address):
        command = [
            sys.executable, "-P", str(runner.__file__), "--monitor", address, "--engine", address, "--project", "bench", "--stack", "dev",
            "--organization", "organization", "--root", str(folder), "--program", str(folder), "--way", way, "--dry-run",
        ]  # fmt: skip
        environment = {**os.environ, "PULUMI_CONFIG": json.dumps({}), "PULUMI_CONFIG_SECRET_KEYS": "[]"}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return recorder.registered
