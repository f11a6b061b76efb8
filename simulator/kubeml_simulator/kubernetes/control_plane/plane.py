"""One local control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok on loopback, started and stopped.

>>> from kubeml_simulator.kubernetes.control_plane import ControlPlane
>>> with ControlPlane() as plane:  # doctest: +SKIP
...     plane.client.get("v1", "Namespace", "default")["status"]["phase"]
'Active'
"""

import json
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

from kubeml_simulator.kubernetes.control_plane import binaries, credentials
from kubeml_simulator.kubernetes.control_plane.client import Client
from kubeml_simulator.kubernetes.control_plane.credentials import LOOPBACK, Credentials
from kubeml_simulator.kubernetes.control_plane.errors import ControlPlaneError
from kubeml_simulator.kubernetes.control_plane.waiting import until

SERVICES = "172.20.0.0/16"  # what EKS takes outside of 10.0.0.0/8
_PODS = "10.128.0.1/14"
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_ATTEMPTS = 3  # a port that was free may be another's by the time a program listens on it
_TAKEN = "address already in use"
_CHATTER = re.compile(r"[IW]\d{4} ")  # how information and warnings begin in the logs of Kubernetes
_MANY = 5000  # requests a second: nobody is held back on a machine of one's own


class ControlPlane:
    """A control plane that runs while the block does; `client` applies to it.

    Args:
        logs: where the logs are kept if it does not start or dies; by default a folder of its own among the temporary ones.
        folder: the programs, by default those that are built (or found) for the pins.
    """

    def __init__(self, *, logs: Path | None = None, folder: Path | None = None) -> None:
        self._programs = folder
        self._logs = logs
        self._keeper: subprocess.Popen[bytes] | None = None
        self._data = Path()
        self._client: Client | None = None
        self.kubeconfig = Path()
        self.seconds = 0.0
        """How long it took until all was ready."""

    @property
    def client(self) -> Client:
        """The client of a running control plane, as a cluster's administrator."""
        if self._client is None:
            raise ControlPlaneError("the control plane is not running")
        return self._client

    def __enter__(self) -> Self:
        began = time.monotonic()
        programs = self._programs or binaries.build()
        for left in reversed(range(_ATTEMPTS)):
            self._data = Path(tempfile.mkdtemp(prefix="kubeml-"))
            try:
                self._start(programs)
                break
            except BaseException as error:
                again = left > 0 and isinstance(error, ControlPlaneError) and _TAKEN in str(error)
                self.stop(keep_logs=not again)
                if not again:
                    raise
        self.seconds = time.monotonic() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(keep_logs=isinstance(error, ControlPlaneError))

    def stop(self, *, keep_logs: bool = False) -> None:
        """Ends every process and removes what they kept; stopping twice is no error."""
        if self._client is not None:
            self._client.close()
            self._client = None
        if keep_logs and self._data != Path():
            self._keep_logs()
        if self._keeper is not None:
            self._end(self._keeper)
            self._keeper = None

    # Starting.

    def _start(self, programs: Path) -> None:
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(files(__package__ or "") / "keeper.py"), str(self._data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        known = credentials.make(self._data / "credentials")
        client_port, peer_port, api_port, kwok_port = _free_ports(4)
        self._run(programs / "etcd", *_etcd(self._data / "etcd", client_port, peer_port))
        self._run(programs / "kube-apiserver", *_api_server(self._data, known, client_port, api_port))
        self._client = Client((LOOPBACK, api_port), known.tokens["kubeml"], known.authority)
        self.kubeconfig = known.kubeconfig("kubeml", api_port)
        self._wait("kube-apiserver", self._client.ready)
        manager = known.kubeconfig("system:kube-controller-manager", api_port)
        self._run(programs / "kube-controller-manager", *_controller_manager(self._data, known, manager))
        scheduler = self._data / "scheduler.json"
        scheduler.write_text(json.dumps(_scheduler(known.kubeconfig("system:kube-scheduler", api_port))))
        self._run(programs / "kube-scheduler", f"--config={scheduler}", "--secure-port=0")
        stages = self._data / "stages.yaml"
        stages.write_bytes((files(__package__ or "") / "data" / "stages.yaml").read_bytes())
        self._run(programs / "kwok", *_kwok(known.kubeconfig("kwok", api_port), stages, kwok_port))
        self._wait("kube-controller-manager", self._controllers_run)

    def _run(self, program: Path, *arguments: str) -> None:
        keeper = self._keeper
        assert keeper is not None
        assert keeper.stdin is not None
        line = json.dumps([str(self._log(program.name)), str(program), *arguments])
        keeper.stdin.write(line.encode() + b"\n")
        keeper.stdin.flush()

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        def ask() -> bool:
            self.check()
            return ready()

        until(ask, seconds=_START_SECONDS, otherwise=lambda: self._failure(name, "is not ready"))

    def check(self) -> None:
        """Raises ControlPlaneError if a program has stopped by itself."""
        stream = self._keeper.stdout if self._keeper else None
        if stream is not None and select.select([stream], [], [], 0)[0]:
            log, _, code = stream.readline().decode().strip().partition(" ")
            name = Path(log).stem if log else "the keeper of the programs"
            raise self._failure(name, f"stopped by itself ({code or 'without a code'})")

    def _controllers_run(self) -> bool:
        """The default service account is made by a controller: without it no pod can be."""
        return self.client.get("v1", "ServiceAccount", "default", "default") is not None

    def _failure(self, name: str, what: str) -> ControlPlaneError:
        log = self._log(name)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
        said = [line[:300] for line in lines if line.strip() and not _CHATTER.match(line)]
        return ControlPlaneError("\n".join((f"{name} {what}", *said[-3:])))

    # Stopping.

    def _end(self, keeper: "subprocess.Popen[bytes]") -> None:
        if keeper.stdin is not None:
            keeper.stdin.close()
        try:
            keeper.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            keeper.kill()
            keeper.wait()
        if keeper.stdout is not None:
            keeper.stdout.close()

    def _log(self, name: str) -> Path:
        return self._data / f"{name}.log"

    def _keep_logs(self) -> None:
        kept = self._logs or Path(tempfile.mkdtemp(prefix="kubeml-logs-"))
        kept.mkdir(parents=True, exist_ok=True)
        for log in self._data.glob("*.log"):
            shutil.copy(log, kept / log.name)


def _etcd(data: Path, client_port: int, peer_port: int) -> list[str]:
    client, peer = f"http://{LOOPBACK}:{client_port}", f"http://{LOOPBACK}:{peer_port}"
    return [
        "--name=local",
        f"--data-dir={data}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=local={peer}",
        "--unsafe-no-fsync",  # nothing of it outlives the run
        "--log-level=error",
    ]


def _api_server(data: Path, known: Credentials, etcd_port: int, port: int) -> list[str]:
    return [
        f"--etcd-servers=http://{LOOPBACK}:{etcd_port}",
        f"--bind-address={LOOPBACK}",
        f"--advertise-address={LOOPBACK}",
        "--endpoint-reconciler-type=none",  # it refuses loopback, and nothing in this cluster asks for the API server
        f"--secure-port={port}",
        f"--cert-dir={data / 'certificates'}",
        f"--tls-cert-file={known.certificate}",
        f"--tls-private-key-file={known.key}",
        f"--token-auth-file={known.token_file}",
        "--authorization-mode=Node,RBAC",
        "--anonymous-auth=false",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={known.signing_key}",
        f"--service-account-signing-key-file={known.signing_key}",
        f"--service-cluster-ip-range={SERVICES}",
        "--allow-privileged=true",
        "--profiling=false",
    ]


def _controller_manager(data: Path, known: Credentials, kubeconfig: Path) -> list[str]:
    return [
        f"--kubeconfig={kubeconfig}",
        f"--service-account-private-key-file={known.signing_key}",
        f"--root-ca-file={known.authority}",
        "--use-service-account-credentials=true",
        "--leader-elect=false",
        f"--cert-dir={data / 'certificates'}",
        "--secure-port=0",
        f"--kube-api-qps={_MANY}",
        f"--kube-api-burst={_MANY}",
        "--profiling=false",
    ]


def _scheduler(kubeconfig: Path) -> dict[str, object]:
    return {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "leaderElection": {"leaderElect": False},
        "clientConnection": {"kubeconfig": str(kubeconfig), "qps": _MANY, "burst": _MANY},
        "enableProfiling": False,
    }


def _kwok(kubeconfig: Path, stages: Path, port: int) -> list[str]:
    return [
        f"--kubeconfig={kubeconfig}",
        f"--config={stages}",
        "--manage-all-nodes=true",
        f"--server-address={LOOPBACK}:{port}",
        f"--cidr={_PODS}",
    ]


def _free_ports(count: int) -> list[int]:
    """Makes ports that nobody listens on, all at once so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
