"""The state: Pulumi's format, whole at every moment, without a secret in clear, and a start for the next run."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading

import pytest

from kubeml_simulator.engine import ProjectError, Providers
from kubeml_simulator.engine.crypto import Crypter, WrongPassphraseError
from kubeml_simulator.engine.events import Diagnostic, Failed
from kubeml_simulator.engine.journal import needs
from kubeml_simulator.engine.state import StateFile

SECRET = "hush-hush-4711"


def test_the_state_is_a_deployment_of_version_3_in_dependency_order(desk):
    desk.write(
        'g = Group("g")\nx = Thing("x", pulumi.ResourceOptions(parent=g), value="one")\nThing("y", value=x.stamp)\n'
    )
    result = desk.run("up")
    state = json.loads(result.state_path.read_text())
    assert state["version"] == 3
    resources = state["deployment"]["resources"]
    seen = set()
    for resource in resources:
        assert {"urn", "custom", "type"} <= resource.keys()
        assert needs(resource) <= seen
        seen.add(resource["urn"])
    assert len(resources) == 5
    assert {r["urn"].split("::")[-1]: r.get("sourcePosition") for r in resources}["y"] == "project:///__main__.py#5"


def test_the_same_program_writes_the_same_state(desk):
    desk.write('x = Thing("x", value="one")\nThing("y", value=x.stamp)\n')
    first = desk.run("up").state_path.read_text()
    assert desk.run("up").state_path.read_text() == first


def test_a_preview_and_an_evaluation_leave_no_state(desk):
    desk.write('Thing("x", value="one")\n')
    desk.run("preview")
    assert desk.run("up", touch_state=False).changes == {"create": 2}
    assert not desk.state_path.exists()


@pytest.mark.parametrize("given", [True, False])
def test_a_secret_is_nowhere_in_clear(desk, monkeypatch, given):
    if not given:
        monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    program = f'x = Thing("x", value=pulumi.Output.secret("{SECRET}"), tags={{"a": pulumi.Output.secret({{"b": "{SECRET}"}})}})\n'
    program += 'pulumi.export("x", x.value)\nThing("y", pulumi.ResourceOptions(additional_secret_outputs=["stamp"]), value="one")\n'
    desk.write(program)
    first = desk.run("up")
    kept = "".join(path.read_text() for path in (desk.folder / ".kubeml").rglob("*") if path.is_file())
    assert "ciphertext" in kept
    assert SECRET not in kept.replace(
        f"x:{SECRET}", ""
    )  # the provider tells `stamp` in clear, as it does the real engine
    assert first.outputs["x"]["value"] == SECRET
    assert desk.run("up").changes == {"same": 3}


def test_pulumis_own_passphrase_opens_the_state(desk):
    desk.write(f'Thing("x", value=pulumi.Output.secret("{SECRET}"))\n')
    deployment = json.loads(desk.run("up").state_path.read_text())["deployment"]
    assert deployment["secrets_providers"]["type"] == "passphrase"
    sealed = next(r for r in deployment["resources"] if r["urn"].endswith("::x"))["inputs"]["value"]["ciphertext"]
    crypter = Crypter.of("a passphrase", deployment["secrets_providers"]["state"]["salt"])
    assert json.loads(crypter.decrypt(sealed)) == SECRET
    with pytest.raises(WrongPassphraseError):
        Crypter.of("another", deployment["secrets_providers"]["state"]["salt"])


def test_another_passphrase_is_an_error_that_says_what_to_do(desk, monkeypatch):
    desk.write(f'Thing("x", value=pulumi.Output.secret("{SECRET}"))\n')
    desk.run("up")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "another")
    with pytest.raises(ProjectError, match="set PULUMI_CONFIG_PASSPHRASE"):
        desk.run("up")


def test_a_passphrase_made_by_the_evaluator_is_the_owners_only(desk, monkeypatch):
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    desk.write(f'Thing("x", value=pulumi.Output.secret("{SECRET}"))\n')
    desk.run("up")
    assert (desk.folder / ".kubeml" / "passphrase").stat().st_mode & 0o777 == 0o600


def test_a_secret_of_the_configuration_is_masked_in_messages(desk):
    crypter = Crypter.new("a passphrase")
    stack = f"encryptionsalt: {crypter.state}\nconfig:\n  conf:token: {{secure: '{crypter.encrypt(SECRET)}'}}\n"

    class Talks(desk.provider):
        def Create(self, request, context):
            context.abort(None, f"refused the token {SECRET}")

    desk.write(f'print("{SECRET}")\nThing("x", value=pulumi.Config().require_secret("token"))\n', stack)
    desk.run("up", providers=Providers({"conf": Talks}))
    told = [event.message for event in desk.events if isinstance(event, Diagnostic | Failed)]
    assert len(told) == 3
    assert not any(SECRET in message for message in told)
    assert "refused the token [secret]" in told


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "is no deployment in Pulumi's format"),
        (b"[]", "is no deployment in Pulumi's format"),
        (b"\xff\xfe", "it is not text"),
        (b'{"version": 3, "deployment": []}', "is no deployment in Pulumi's format"),
        (b'{"version": 3, "deployment": {"resources": {"a": 1}}}', "resources must be a list"),
        (b'{"version": 3, "deployment": {"resources": [5, {"urn": 5}]}}', r"resources\[1\] is no resource"),
        (b'{"version": 3, "deployment": {"resources": [{"urn": "a::b::c::d"}]}}', 'its "type" must be text'),
    ],
)
def test_an_unreadable_state_is_an_error_with_its_path(desk, content, says):
    desk.write("pass\n")
    desk.state_path.parent.mkdir(parents=True)
    desk.state_path.write_bytes(content)
    with pytest.raises(ProjectError) as error:
        desk.run("up")
    told = "\n".join(f"{problem.path} {problem.message}" for problem in error.value.problems)
    assert re.search(rf"state\.json.*{says}", told), told


class Interrupting:
    """Makes a provider whose creation of one thing interrupts the run, once, and ends when it is told to stop."""

    def __init__(self, provider, at):
        self.provider, self.at, self.fired, self.told = provider, at, threading.Event(), threading.Event()

    def __call__(self):
        outer = self

        class Slow(outer.provider):
            def Create(self, request, context):
                if not request.preview and request.urn.endswith(f"::{outer.at}") and not outer.fired.is_set():
                    outer.fired.set()
                    os.kill(os.getpid(), signal.SIGINT)
                    assert outer.told.wait(60)
                return super().Create(request, context)

            def Cancel(self, request, context):
                outer.told.set()
                return super().Cancel(request, context)

        return Slow()


def test_an_interrupted_up_is_continued_by_the_next(desk):
    desk.write("last = None\nfor i in range(6):\n    last = Thing(f't{i}', value=last.stamp if last else 'first')\n")
    first = desk.run("up", providers=Providers({"conf": Interrupting(desk.provider, "t2")}))
    assert (first.exit_code, first.ok) == (130, False)
    assert sorted(desk.ids(first)) == ["t0", "t1", "t2"]
    second = desk.run("up")
    assert (second.exit_code, second.changes) == (0, {"create": 3, "same": 4})


def test_an_operation_that_was_under_way_is_pending_and_told_next_time(desk):
    desk.write('Thing("x", value="one")\n')
    desk.run("up")

    class Stuck(desk.provider):
        def Delete(self, request, context):
            raise KeyboardInterrupt

    first = desk.run("destroy", providers=Providers({"conf": Stuck}))
    assert first.exit_code == 130
    pending = json.loads(desk.state_path.read_text())["deployment"]["pending_operations"]
    assert [(item["type"], item["resource"]["id"]) for item in pending] == [("deleting", "x-none")]
    second = desk.run("destroy")
    assert [(d.severity, d.urn.split("::")[-1]) for d in second.diagnostics] == [("warning", "x")]
    assert (second.exit_code, second.resources) == (0, [])
    assert "pending_operations" not in json.loads(desk.state_path.read_text())["deployment"]


def test_two_runs_never_change_one_stack_at_once(desk):
    desk.write('Thing("x", value="one")\n')
    with StateFile(desk.folder / ".kubeml", "dev").locked():
        with pytest.raises(ProjectError, match="another run is changing this stack"):
            desk.run("up")
        assert desk.run("preview").ok
    assert desk.run("up").ok


def test_a_stack_reference_to_a_stack_without_state_says_where_it_looked(desk):
    desk.write('pulumi.StackReference("organization/conf/other")\n')
    result = desk.run("up")
    (error,) = [d for d in result.diagnostics if d.severity == "error"]
    assert "other/state.json does not exist" in error.message
    assert error.urn.endswith("::organization/conf/other")


@pytest.mark.skipif(shutil.which("pulumi") is None, reason="there is no pulumi on PATH to import a state with")
def test_a_real_pulumi_imports_the_state_and_opens_its_secrets(desk, monkeypatch, tmp_path):
    desk.write(f'x = Thing("x", value=pulumi.Output.secret("{SECRET}"))\npulumi.export("token", x.value)\n')
    desk.run("up")
    (tmp_path / "backend").mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path / 'backend'}")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_SKIP_UPDATE_CHECK", "true")

    def pulumi(*words):
        return subprocess.run(["pulumi", *words], cwd=desk.folder, capture_output=True, text=True, check=True).stdout

    pulumi("stack", "init", "dev")
    pulumi("stack", "import", "--stack", "dev", "--file", str(desk.state_path))
    assert json.loads(pulumi("stack", "output", "--stack", "dev", "--show-secrets", "--json")) == {"token": SECRET}
    exported = json.loads(pulumi("stack", "export", "--stack", "dev"))["deployment"]["resources"]
    kept = json.loads(desk.state_path.read_text())["deployment"]["resources"]
    assert [item["urn"] for item in exported] == [item["urn"] for item in kept]
