"""What is wrong is told with its place in the program, and ends in the exit code that says whose fault it is."""

import sys

import pytest
from pulumi.runtime.proto import provider_pb2

from kubeml_simulator.engine import PluginAnalyzer, ProjectError, Providers


def errors(result):
    return [item for item in result.diagnostics if item.severity == "error"]


def test_two_resources_of_one_urn_are_told_with_the_second_ones_line(desk):
    desk.write('Thing("x", value="one")\n\nThing("x", value="two")\n')
    result = desk.run("preview")
    (error,) = errors(result)
    assert "Duplicate resource URN 'urn:pulumi:dev::conf::conf:index:Thing::x'" in error.message
    lines = {"__main__.py:3", "__main__.py:5"}
    assert error.position in lines
    assert any(line in error.message for line in lines - {error.position})
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("option", "says"),
    [
        (
            "parent=ghost",
            'the parent "urn:pulumi:dev::conf::conf:index:Thing::ghost" of conf:index:Thing "x" is not in the stack',
        ),
        (
            "depends_on=[ghost]",
            '"urn:pulumi:dev::conf::conf:index:Thing::ghost" that this resource depends on is not in the stack',
        ),
        (
            "deleted_with=ghost",
            '"urn:pulumi:dev::conf::conf:index:Thing::ghost" that this resource depends on is not in the stack',
        ),
    ],
)
def test_a_resource_that_names_one_that_is_not_there_is_told_with_its_line(desk, option, says):
    desk.write(f"""
        urn = "urn:pulumi:dev::conf::conf:index:Thing::ghost"
        ghost = Group("ghost")
        ghost.__dict__["urn"] = pulumi.Output.from_input(urn)
        ghost = ghost if "{option}".startswith("parent") else pulumi.resource.DependencyResource(urn)
        Thing("x", pulumi.ResourceOptions({option}), value="one")
    """)
    result = desk.run("up")
    assert [(error.message, error.position) for error in errors(result)] == [(says, "__main__.py:8")]
    assert result.exit_code == 2
    assert desk.ids(result) == {}


def test_an_unknown_provider_is_told_with_its_line(desk):
    desk.write("""
        ghost = pulumi.resource.DependencyProviderResource("urn:pulumi:dev::conf::pulumi:providers:conf::ghost::1234")
        Thing("x", pulumi.ResourceOptions(provider=ghost), value="one")
    """)
    (error,) = errors(desk.run("up"))
    assert "ghost" in error.message
    assert "is not in the stack" in error.message
    assert error.position == "__main__.py:5"


def test_a_package_that_nobody_provides_is_refused_by_name(desk):
    desk.write("""
        class Nowhere(pulumi.CustomResource):
            def __init__(self, name):
                super().__init__("nowhere:index:Thing", name, {})
        Nowhere("x")
    """)
    result = desk.run("up", providers=Providers({"conf": desk.provider}, environment={"PATH": ""}))
    (error,) = errors(result)
    assert error.message == (
        'the provider "nowhere" is not simulated (simulated: conf) and there is no pulumi-resource-nowhere on PATH'
    )
    assert (error.position, result.exit_code) == ("__main__.py:7", 2)


def test_an_exception_of_the_program_shows_the_users_frames_only(desk):
    desk.write("""
        def wrong():
            raise ValueError("the program is wrong")
        wrong()
    """)
    result = desk.run("up")
    (error,) = errors(result)
    assert error.message.startswith("Program failed with an unhandled exception:\nTraceback")
    assert error.message.rstrip().endswith("ValueError: the program is wrong")
    assert "runpy" not in error.message
    assert "runner.py" not in error.message
    assert (error.position, result.exit_code) == ("__main__.py:5", 2)


def test_a_run_error_has_no_traceback(desk):
    desk.write('raise pulumi.RunError("pools[0].min is above max")\n')
    (error,) = errors(desk.run("preview"))
    assert error.message == "pools[0].min is above max"


def test_all_refused_inputs_of_a_preview_are_told_at_once(desk):
    desk.write(
        'Thing("a", value="invalid")\nx = Thing("b", value="invalid")\nThing("c", value=x.stamp)\nThing("d", value="ok")\n'
    )
    result = desk.run("preview")
    assert sorted((error.urn.split("::")[-1], error.position) for error in errors(result)) == [
        ("a", "__main__.py:3"),
        ("b", "__main__.py:4"),
    ]
    assert [step.name for step in result.steps if step.type == "conf:index:Thing"] == ["d"]
    assert result.exit_code == 2


def test_a_failed_operation_ends_in_3_and_the_next_up_makes_only_the_rest(desk):
    program = 'x = Thing("x", value="one")\ny = Thing("y", value=x.stamp{fail})\nThing("z", value=y.stamp)\nThing("free", value="v")\n'
    first = desk.up(program.format(fail=', fail="create"'))
    assert (first.exit_code, sorted(desk.ids(first))) == (3, ["free", "x"])
    assert [error.urn for error in errors(first)] == ["urn:pulumi:dev::conf::conf:index:Thing::y"]
    second = desk.up(program.format(fail=""))
    assert (second.exit_code, second.changes) == (0, {"create": 2, "same": 3})


def test_a_provider_that_breaks_is_an_error_and_no_traceback(desk):
    class Broken(desk.provider):
        def Create(self, request, context):
            raise KeyError("made")

    desk.write('Thing("x", value="one")\n')
    result = desk.run("up", providers=Providers({"conf": Broken}))
    (error,) = errors(result)
    assert error.message == "the provider failed in Create: KeyError: 'made'"
    assert result.exit_code == 3


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ('Thing("x", pulumi.ResourceOptions(replacement_trigger="a"), value="one")\n', 'the option replacement_trigger of conf:index:Thing "x"'),
        ('pulumi.ResourceHook("h", lambda args: None)\n', 'the resource hook "h"'),
        ('class R(pulumi.ComponentResource):\n    def __init__(self): super().__init__("conf:index:Far", "far", {}, None, True)\nR()\n',
         'the remote component conf:index:Far "far"'),
    ],
)  # fmt: skip
def test_what_the_evaluator_does_not_do_is_refused_by_name(desk, program, name):
    desk.write(program)
    result = desk.run("up")
    (error,) = errors(result)
    assert name in error.message
    assert "is not supported" in error.message
    assert (result.exit_code, desk.ids(result)) == (2, {})


@pytest.mark.parametrize("operation", ["preview", "up"])
def test_a_function_of_a_refused_provider_ends_the_program_with_the_refusal_alone(desk, operation):
    class Strict(desk.provider):
        def CheckConfig(self, request, context):
            return provider_pb2.CheckResponse(failures=[provider_pb2.CheckFailure(property="region", reason="is none")])

    desk.write('Thing(lookup("k"), value="one")\n')
    result = desk.run(operation, providers=Providers({"conf": Strict}))
    (error,) = errors(result)
    assert "region is none" in error.message, "and no traceback of the SDK"
    assert result.exit_code == 2


def test_what_a_program_prints_is_passed_on(desk):
    desk.write('print("hello")\npulumi.log.warn("careful")\n')
    result = desk.run("preview")
    assert [(d.severity, d.message) for d in result.diagnostics] == [("warning", "careful"), ("info", "hello")] or [
        (d.severity, d.message) for d in result.diagnostics
    ] == [("info", "hello"), ("warning", "careful")]
    assert result.ok


def test_a_virtual_environment_that_is_not_there_is_told(desk):
    desk.write('pulumi.export("a", 1)\n')
    (desk.folder / "Pulumi.yaml").write_text("name: conf\nruntime: {name: python, options: {virtualenv: venv}}\n")
    result = desk.run("preview")
    (warning,) = result.diagnostics
    assert warning.severity == "warning"
    assert str(desk.folder / "venv") in warning.message
    assert result.outputs == {"a": 1}


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "has no PulumiPolicy.yaml"),
        (
            {"PulumiPolicy.yaml": "runtime: python\n", "__main__.py": "raise ValueError(1)\n"},
            "is no policy pack that runs",
        ),
    ],
)
def test_a_folder_that_is_no_policy_pack_is_told(desk, tmp_path, files, says):
    desk.write("")
    pack = tmp_path / "pack"
    pack.mkdir()
    for name, text in files.items():
        (pack / name).write_text(text)
    with pytest.raises(ProjectError, match=says):
        desk.run("preview", analyzers=[PluginAnalyzer(pack)])
    assert desk.run("preview").ok


def test_a_policy_configuration_is_checked_against_the_pack(desk, conformance):
    desk.write("")
    file = desk.folder / "policy.json"
    file.write_text('{"limt": "mandatory", "limit": "sometimes"}')
    with pytest.raises(ProjectError) as caught:
        desk.run("preview", analyzers=[PluginAnalyzer(conformance.CASES / "policy", file)])
    assert [problem.path.split("  ")[-1] for problem in caught.value.problems] == ["limt", "limit"]


def test_a_program_whose_python_has_no_pulumi_is_told(desk):
    bare = desk.folder / "venv" / "bin" / "python"
    bare.parent.mkdir(parents=True)
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    bare.chmod(0o755)
    desk.write("")
    (desk.folder / "Pulumi.yaml").write_text("name: conf\nruntime: {name: python, options: {virtualenv: venv}}\n")
    result = desk.run("preview")
    assert [(d.severity, "install the project's requirements" in d.message) for d in result.diagnostics] == [
        ("info", True),
        ("error", False),
    ]
    assert result.exit_code == 2


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (3, 2)])
def test_a_program_that_exits_by_itself_is_judged_by_its_exit_code(desk, code, expected):
    desk.write(f'import sys\nThing("x", value="one")\nsys.exit({code})\n')
    result = desk.run("up")
    assert (result.exit_code, desk.ids(result)) == (expected, {"x": "x-none"})
