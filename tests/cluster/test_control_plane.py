"""The control plane itself: it starts, it is a real one, and nothing of it is left when its owner is gone."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kubeml_simulator.kubernetes.control_plane import (
    ApiError,
    ControlPlane,
    ControlPlaneError,
    UnavailableError,
    binaries,
)
from kubeml_simulator.kubernetes.control_plane import plane as plane_module
from kubeml_simulator.kubernetes.control_plane.waiting import until


def processes_with(text):
    """The processes whose command line holds a text."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if text in line:
                found.append(int(entry.name))
    return found


def gone(text):
    until(
        lambda: not processes_with(text),
        seconds=20,
        otherwise=lambda: AssertionError(f"still running: {processes_with(text)}"),
    )
    assert not Path(text).exists()


def test_it_says_the_version_that_is_pinned(plane, root):
    version = plane.client.request("GET", "/version")["gitVersion"]
    assert f"\tk8s.io/kubernetes {version} " in (root / "tools" / "go.mod").read_text()


def test_it_listens_on_loopback_only(plane):
    ours = processes_with(str(plane.kubeconfig.parents[1]))
    links = [str(entry.readlink()) for pid in ours for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()]
    inodes = {link[8:-1] for link in links if link.startswith("socket:")}
    listening = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                listening.add(fields[1].partition(":")[0])
    assert listening == {"0100007F"}


def test_who_has_no_token_is_nobody(plane):
    from kubeml_simulator.kubernetes.control_plane.client import Client

    stranger = Client(plane.client.address, "guessed", plane.kubeconfig.parent / "ca.crt")
    with pytest.raises(ApiError, match="Unauthorized"):
        stranger.list("v1", "Pod")
    stranger.close()


def test_nothing_is_left_after_the_block(programs):
    with ControlPlane(folder=programs) as plane:
        data = str(plane.kubeconfig.parents[1])
        assert len(processes_with(data)) == 6, "five programs and their keeper"
    gone(data)


def test_nothing_is_left_when_the_block_raises(programs):
    seen = []

    def fail(plane):
        seen.append(str(plane.kubeconfig.parents[1]))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), ControlPlane(folder=programs) as plane:
        fail(plane)
    gone(*seen)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_nothing_is_left_when_the_owner_is_ended(programs, how):
    program = (
        "import sys; from pathlib import Path; from kubeml_simulator.kubernetes.control_plane import ControlPlane\n"
        "with ControlPlane(folder=Path(sys.argv[1])) as plane:\n"
        "    print(plane.kubeconfig.parents[1], flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(programs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as owner:
        data = owner.stdout.readline().strip()
        assert len(processes_with(data)) == 6
        owner.send_signal(how)
        owner.wait()
    gone(data)


def test_a_program_that_stops_is_told_with_its_last_words_and_its_log_is_kept(tmp_path, programs):
    for name in binaries.PROGRAMS:
        (tmp_path / name).symlink_to(programs / name)
    (tmp_path / "kube-apiserver").unlink()
    (tmp_path / "kube-apiserver").write_text("#!/bin/sh\necho no room for an api server >&2\nexit 7\n")
    (tmp_path / "kube-apiserver").chmod(0o755)
    with pytest.raises(ControlPlaneError, match=r"kube-apiserver stopped by itself \(7\)\nno room"):
        ControlPlane(folder=tmp_path, logs=tmp_path / "logs").__enter__()
    assert "no room" in (tmp_path / "logs" / "kube-apiserver.log").read_text()


def test_a_port_that_another_has_taken_meanwhile_is_replaced_by_one_that_is_free(monkeypatch, programs):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        chosen = [plane_module._free_ports(4), plane_module._free_ports(4)]
        chosen[0][2] = taken
        monkeypatch.setattr(plane_module, "_free_ports", lambda _: chosen.pop(0))
        with ControlPlane(folder=programs) as plane:
            assert plane.client.ready()
    assert not chosen


def test_without_go_it_says_what_is_needed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("KUBEML_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(UnavailableError, match=r"needs Go 1\.26 or later \(there is none here\)"):
        binaries.build()


def test_an_old_go_is_named(monkeypatch, tmp_path):
    (tmp_path / "go").write_text("#!/bin/sh\necho go1.19.8\n")
    (tmp_path / "go").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("KUBEML_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(UnavailableError, match=r"/go is 1\.19"):
        binaries.build()


def test_other_pins_are_other_programs(tmp_path):
    (tmp_path / "go.mod").write_text("module m\n")
    (tmp_path / "go.sum").write_text("")
    first = binaries.directory(tmp_path)
    (tmp_path / "go.sum").write_text("x\n")
    assert binaries.directory(tmp_path) != first
