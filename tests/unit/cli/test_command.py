"""The command as it is typed: exit codes, what is on stdout and what on stderr, and that nothing private or raw gets out."""

import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kubeml_simulator.cli import main

HUSH = "correct-horse-battery"
PROGRAM = f"""
import pulumi

class Web(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("shop:index:Web", name)
        own = pulumi.ResourceOptions(parent=self)
        space = pulumi.CustomResource("kubernetes:core/v1:Namespace", "space", {{"metadata": {{"name": "shop"}}}}, own)
        after = pulumi.ResourceOptions(parent=self, depends_on=[space])
        keys = pulumi.CustomResource("kubernetes:core/v1:Secret", "keys", {{
            "metadata": {{"name": "keys", "namespace": "shop"}}, "stringData": {{"password": pulumi.Output.secret("{HUSH}")}},
        }}, after)
        keys.urn.apply(lambda _: pulumi.log.warn("do not print {HUSH}"))
        self.register_outputs({{}})

Web("web")
pulumi.export("password", pulumi.Output.secret("{HUSH}"))
pulumi.export("zone", pulumi.Config().get("zone") or "a")
"""
KEYS = "urn:pulumi:dev::shop::shop:index:Web$kubernetes:core/v1:Secret::keys"


def project(folder: Path, program: str = PROGRAM, **stacks: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text(program)
    for name, text in (stacks or {"dev": "config: {}\n"}).items():
        (folder / f"Pulumi.{name}.yaml").write_text(text)
    return folder


@pytest.fixture
def typed(capsys):
    """Runs the command; gives code, stdout and stderr, and refuses what must be in none of them."""

    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert HUSH not in out + err
        assert "\x1b" not in out + err, "nothing here is a terminal"
        return code, out, err

    return run


@pytest.fixture
def shop(tmp_path):
    return project(tmp_path / "shop")


def test_a_stack_comes_up_stays_as_it_is_and_goes(typed, shop):
    code, out, _ = typed("up", "-C", shop)
    assert code == 0
    assert "changed: + 4 created" in out
    assert HUSH not in (shop / ".kubeml" / "dev" / "report.html").read_text()
    assert HUSH not in (shop / ".kubeml" / "dev" / "state.json").read_text()
    code, out, _ = typed("up", "-C", shop)
    assert code == 0
    assert "no change; 4 unchanged" in out
    code, out, _ = typed("destroy", "-C", shop)
    assert code == 0
    assert "removed: - 4 deleted" in out
    assert json.loads((shop / ".kubeml" / "dev" / "state.json").read_text())["deployment"]["resources"] == []


def test_progress_is_one_line_an_operation(typed, shop):
    _, out, _ = typed("up", "-C", shop)
    lines = [line for line in out.split("\n\n")[0].splitlines() if "warning" not in line]
    assert lines == [
        "     0.0s +  created    pulumi:pulumi:Stack shop-dev",
        "     0.0s +  created    shop:index:Web web",
        "     1.0s +  created    kubernetes:core/v1:Namespace space  (~1 s)",
        "     2.0s +  created    kubernetes:core/v1:Secret keys  (~1 s)",
    ]


def test_json_is_one_document_on_stdout_and_nothing_else(typed, shop):
    code, out, err = typed("preview", "-C", shop, "--output", "json")
    document = json.loads(out)
    assert err == ""
    assert (code, document["schemaVersion"], document["operation"], document["stack"]) == (0, 1, "preview", "dev")
    assert document["changes"] == {"create": 4}
    assert document["outputs"] == {"password": "[secret]", "zone": "a"}
    assert any(each["message"] == "do not print [secret]" for each in document["diagnostics"])
    checks = {each["check"] for each in document["policy"]}
    assert {"QTA-01", "NET-01"} <= checks, "a namespace without quota and network policy"


def test_the_same_stack_always_reads_the_same(typed, tmp_path):
    kinds = ["Namespace", "ConfigMap", "ServiceAccount"]
    program = "import pulumi\n" + "".join(
        f"pulumi.CustomResource('kubernetes:core/v1:{kind}', 'r{index}', {{'metadata': {{'name': 'r{index}'}}}})\n"
        for index, kind in enumerate(kinds * 5)
    )
    shop = project(tmp_path / "shop", program)
    first, *others = [typed("preview", "-C", shop, "--output", "json")[1] for _ in range(3)]
    assert json.loads(first)["changes"] == {"create": 16}
    assert others == [first, first], "registrations arrive in another order each time; what is shown must not"


@pytest.mark.parametrize(("form", "starts"), [("html", "<!DOCTYPE html>"), ("markdown", "### dev: preview")])
def test_other_renderings_are_the_only_thing_on_stdout_too(typed, shop, form, starts):
    code, out, _ = typed("preview", "-C", shop, f"--output={form}")
    assert code == 0
    assert out.startswith(starts)


def test_a_mandatory_violation_ends_with_1(typed, shop):
    code, out, _ = typed("preview", "-C", shop, "--profile", "prod")
    assert code == 1
    assert re.search(r"NET-01 mandatory\n +kubernetes:core/v1:Namespace space", out)


def test_the_stack_says_how_strict_the_checks_are(typed, tmp_path):
    shop = project(tmp_path / "shop", dev="config: {'kubeml:environment': prod}\n")
    assert typed("preview", "-C", shop)[0] == 1
    assert typed("preview", "-C", shop, "--profile=dev")[0] == 0, "what is typed goes before what the stack says"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["preview", "-C", "/"], "there is no project here or above: Pulumi.yaml is missing"),
        (["preview", "-C", "{}/nowhere"], "is no folder"),
        (["preview", "-C", "{}", "-s", "prod"], '"prod" is not a stack of this project; there is dev'),
        (["up", "-C", "{}", "--fail", "Namespace"], "'Namespace' is not TYPE::NAME"),
        (["preview", "-C", "{}", "--bogus"], "Unknown option"),
        (["preview", "-C", "{}", "--profile", "lax"], "lax"),
        (["preview", "-C", "{}", "--as-of", "someday"], "someday"),
        (["preview", "-C", "{}", "--policy-config", "{}/missing.json"], "No such file"),
        (["check", "{}/missing.json"], "No such file"),
        (["check", "{}/Pulumi.yaml"], "is not JSON"),
        (["exec", "-C", "{}", "--", "no-such-command-anywhere", "up"], "is not on PATH"),
        (["exec"], "name the command to run"),
        (["explain", "POD-99"], "POD-01"),
        (["catalog", "machines", "p9.large"], 'has "p9.large"'),
        (["prewiev"], "prewiev"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_says_why(typed, shop, words, said):
    code, out, err = typed(*(word.format(shop) for word in words))
    assert code == 2
    assert said in err
    assert out == ""


def test_one_of_several_stacks_must_be_named(typed, tmp_path):
    shop = project(tmp_path / "shop", dev="config: {}\n", prod="config: {}\n")
    code, _, err = typed("preview", "-C", shop)
    assert code == 2
    assert "there is dev, prod" in err


def test_an_error_is_a_document_as_well_where_json_was_asked_for(typed, shop):
    code, out, _ = typed("preview", "-C", shop, "-s", "prod", "--output", "json")
    document = json.loads(out)
    assert (code, document["exitCode"], document["ok"]) == (2, 2, False)
    assert document["problems"][0]["path"] == "--stack"


def test_a_wrong_option_is_a_document_too(typed, shop):
    code, out, err = typed("up", "-C", shop, "--output", "json", "--nonsense")
    assert (code, json.loads(out)["exitCode"]) == (2, 2)
    assert "--nonsense" in json.loads(out)["problems"][0]["message"]
    assert "`kubeml COMMAND --help`" in err


HOOKED = PROGRAM + "pulumi.ResourceHook('late', lambda _: None)\n"


@pytest.mark.parametrize("inside", [True, False])
def test_what_to_type_next_works_where_one_is(typed, tmp_path, monkeypatch, inside):
    shop = project(tmp_path / "my shop", "import pulumi\n")
    monkeypatch.chdir(shop if inside else tmp_path)
    _, out, _ = typed("up", "-C", shop, "--output", "json")
    where = "" if inside else "-C 'my shop' "
    assert json.loads(out)["nextCommands"] == [f"kubeml preview {where}-s dev", f"kubeml destroy {where}-s dev"]


@pytest.mark.parametrize("output", ["text", "json"])
def test_what_is_not_supported_is_refused_before_anything_is_done(typed, tmp_path, output):
    shop = project(tmp_path / "shop", HOOKED)
    code, out, _ = typed("up", "-C", shop, "--output", output)
    assert code == 2
    assert "the resource hook" in out
    assert "created" not in out
    if output == "json":
        assert json.loads(out)["changes"] == {}
    assert not (shop / ".kubeml" / "dev" / "state.json").exists(), "nothing was done"


def test_a_program_is_rehearsed_once_and_again_when_it_changes(typed, shop, monkeypatch):
    from kubeml_simulator import engine

    operations = []
    run = engine.run
    monkeypatch.setattr(
        engine, "run", lambda operation, *rest, **more: operations.append(operation) or run(operation, *rest, **more)
    )
    assert typed("up", "-C", shop)[0] == typed("up", "-C", shop)[0] == 0
    assert operations == ["preview", "up", "up"]
    state = shop / ".kubeml" / "dev" / "state.json"
    later = state.stat().st_mtime_ns + 10**9
    os.utime(shop / "__main__.py", ns=(later, later))
    typed("up", "-C", shop)
    assert operations[3:] == ["preview", "up"]


def test_all_that_is_wrong_with_a_stack_file_is_said_at_once(typed, tmp_path):
    shop = project(tmp_path / "shop", dev="config: {'kubeml:environment': lax}\nextra: 1\n: 2\n")
    code, _, err = typed("preview", "-C", shop)
    assert code == 2
    assert "Pulumi.dev.yaml" in err


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import pulumi\nraise pulumi.RunError('the zone is wrong')", "the zone is wrong"),
        ("import pulumi\npulumi.Config().require('zone')", "shop:zone"),
    ],
)
def test_a_program_that_refuses_ends_with_2_and_its_message(typed, tmp_path, program, said):
    code, out, err = typed("preview", "-C", project(tmp_path / "shop", program))
    assert code == 2
    assert said in out + err
    assert "failed (exit 2)" in out


def test_an_input_that_the_provider_refuses_ends_with_2_and_its_path(typed, tmp_path):
    inputs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": 7}
    program = f"import pulumi\npulumi.CustomResource('kubernetes:core/v1:ConfigMap', 'c', {inputs})"
    code, out, _ = typed("up", "-C", project(tmp_path / "shop", program))
    assert code == 2
    assert re.search(r"error: kubernetes:core/v1:ConfigMap c: data 7 is not allowed: ", out)


def test_an_operation_that_fails_ends_with_3_and_the_next_up_makes_only_the_rest(typed, shop):
    code, out, _ = typed("up", "-C", shop, "--fail", "kubernetes:core/v1:Secret::keys", "--output", "json")
    document = json.loads(out)
    assert code == 3
    assert [each["urn"] for each in document["resources"] if each["failed"]] == [KEYS]
    state = json.loads((shop / ".kubeml" / "dev" / "state.json").read_text())
    assert KEYS not in {each["urn"] for each in state["deployment"]["resources"]}
    code, out, _ = typed("up", "-C", shop)
    assert code == 0
    assert "changed: + 1 created; 3 unchanged" in out


def test_a_failure_that_nothing_matched_is_reported(typed, shop):
    code, out, _ = typed("up", "-C", shop, "--fail", "kubernetes:core/v1:Secret::kyes")
    assert code == 0
    assert "--fail kubernetes:core/v1:Secret::kyes: no resource of this run has this type and name" in out


def test_an_interrupt_ends_with_130(typed, shop, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("kubeml_simulator.engine.run", interrupted)
    code, _, err = typed("up", "-C", shop)
    assert (code, err) == (130, "error: interrupted\n")


def test_a_fault_of_our_own_is_told_without_a_traceback(typed, shop, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("kubeml_simulator.engine.run", broken)
    code, _, err = typed("up", "-C", shop)
    assert code == 3
    assert "kubeml itself failed: ZeroDivisionError: division by zero (test_command.py:" in err


def test_the_graph_is_a_deployment_with_everything_known_and_touches_no_state(typed, shop):
    code, out, err = typed("graph", "-C", shop)
    document = json.loads(out)
    assert (code, err, list(document), list(document["deployment"])) == (
        0,
        "",
        ["version", "deployment"],
        ["resources"],
    )
    by_name = {each["urn"].rpartition("::")[2]: each for each in document["deployment"]["resources"]}
    assert by_name["keys"]["id"], "what up would make is known"
    assert not (shop / ".kubeml").exists()


def test_a_graph_is_checked_wherever_it_comes_from(typed, shop, tmp_path, monkeypatch):
    _, graph, _ = typed("graph", "-C", shop)
    file = tmp_path / "graph.json"
    file.write_text(graph)
    assert typed("check", file)[0] == 0, "advisory under dev"
    code, out, _ = typed("check", file, "--profile", "prod", "--output", "json")
    document = json.loads(out)
    assert (code, document["ok"], document["profile"]) == (1, False, "prod")
    monkeypatch.setattr("sys.stdin", io.StringIO(graph))
    code, out, _ = typed("check", "-", "--profile", "prod", "--output", "sarif")
    [run] = json.loads(out)["runs"]
    assert code == 1
    assert {each["ruleId"] for each in run["results"]} == {each["check"] for each in document["policy"]}
    assert {each["ruleId"] for each in run["results"]} <= {each["id"] for each in run["tool"]["driver"]["rules"]}


def test_a_check_can_be_turned_off_by_its_name(typed, shop, tmp_path):
    config = tmp_path / "policy.json"
    config.write_text(json.dumps({"all": "disabled"}))
    code, out, _ = typed("preview", "-C", shop, "--profile=prod", "--policy-config", config)
    assert code == 0
    assert "no violation" in out
    config.write_text(json.dumps({"no-such-check": "mandatory"}))
    code, _, err = typed("preview", "-C", shop, "--policy-config", config)
    assert code == 2
    assert "no-such-check" in err


def test_a_terminal_gets_the_tree(shop):
    mine, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
    command = [
        sys.executable,
        "-c",
        "import sys; from kubeml_simulator.cli import main; sys.exit(main())",
        "up",
        "-C",
        str(shop),
    ]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True
    ) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                read = os.read(mine, 65536)
            except OSError:  # the other side has gone
                break
            if not read:
                break
            seen += read
    os.close(mine)
    assert process.returncode == 0
    assert b"\x1b[" in seen
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    assert "└── +  shop:index:Web web  ✓" in text
    assert "└── +  kubernetes:core/v1:Secret keys  ✓ ~1 s" in text
    assert HUSH not in text


def test_help_loads_nothing_that_help_does_not_need():
    code = (
        "import sys; from kubeml_simulator.cli import main; main(['--help'])\n"
        "heavy = {'pulumi', 'grpc', 'pulumi_kubeml', 'kubeml_policies', 'jinja2', 'yaml', 'rich.live'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "preview" in done.stdout


PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def no_secrets(args, report):
    if args.resource_type == "kubernetes:core/v1:Secret":
        report("a Secret belongs into a vault")

PolicyPack("house", enforcement_level=EnforcementLevel.ADVISORY, policies=[
    ResourceValidationPolicy(name="no-secrets", description="No Secret in a stack.", validate=no_secrets),
])
"""


def test_a_pack_of_ones_own_runs_beside_the_built_in_checks(typed, shop, tmp_path):
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (pack / "__main__.py").write_text(PACK)
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"no-secrets": "mandatory"}))
    code, out, _ = typed("preview", "-C", shop, "--policy-pack", pack, "--output", "json")
    document = json.loads(out)
    found = {(each["check"], each["level"], each["urn"]) for each in document["policy"] if each["pack"] == "house"}
    assert (code, found) == (0, {("no-secrets", "advisory", KEYS)})
    assert [each.split()[0] for each in document["packs"]] == ["kubeml", "house"]
    code, out, _ = typed("preview", "-C", shop, "--policy-pack", pack, "--policy-config", config)
    assert code == 1
    assert "no-secrets mandatory" in out
