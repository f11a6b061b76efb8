"""What the embedded evaluator does with a project, the real engine does too: same steps, same inputs, same state."""

from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases"


def default_provider(urn):
    """Whether a URN is of a provider that no program made; the real engine tells of its steps only sometimes."""
    return "pulumi:providers:" in urn and "::default" in urn


def differences(found, expected, path=""):
    """Where two values differ, innermost paths first said."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in sorted({*found, *expected}, key=str):
            yield from differences(found.get(key, "-"), expected.get(key, "-"), f"{path}/{key}")
    elif found != expected:
        yield f"{path}: embedded {found}, real {expected}"


def agree(real, embedded):
    """Both worked, and nothing they did or left differs."""
    assert real.ok, real.said
    assert embedded.ok, embedded.said
    done = [
        {key: value for key, value in outcome.steps.items() if not default_provider(key[1])}
        for outcome in (embedded, real)
    ]
    apart = [
        *differences(embedded.changes, real.changes, "changes"),
        *differences(*({" ".join(key): value for key, value in steps.items()} for steps in done), "steps"),
        *differences(embedded.resources, real.resources, "state"),
    ]
    assert not apart, "\n".join(apart)


def both_do(operation, real, embedded):
    expected, found = real.run(operation), embedded.run(operation)
    agree(expected, found)
    return expected


def test_a_small_project_from_its_first_preview_to_its_end(both):
    real, embedded, project = both(CASES / "small", "dev")
    before = (project / "stacks" / "Pulumi.dev.yaml").read_bytes()
    preview = real.run("preview"), embedded.run("preview")
    assert [outcome.ok for outcome in preview] == [True, True], preview
    assert preview[1].changes == preview[0].changes
    up = both_do("up", real, embedded)
    assert set(up.changes) == {"create"}
    again = both_do("up", real, embedded)
    assert set(again.changes) == {"same"}, "a second up changes nothing"
    configuration = project / "stacks" / "Pulumi.dev.yaml"
    configuration.write_bytes(before.replace(b"replicas: 2", b"replicas: 3").replace(b'size: "1"', b'size: "2"'))
    changed = both_do("up", real, embedded)
    assert {op for op in changed.changes if op != "same"} == {"update", "replace"}, changed.changes
    destroyed = both_do("destroy", real, embedded)
    assert not destroyed.resources


def test_the_reference_stack_comes_up_and_goes_again(both, root):
    real, embedded, _ = both(root, "dev-eks", "Pulumi.yaml", "__main__.py", "stacks")
    preview = real.run("preview"), embedded.run("preview")
    assert [outcome.ok for outcome in preview] == [True, True], preview[0].said + preview[1].said
    assert preview[1].changes == preview[0].changes
    both_do("up", real, embedded)
    again = both_do("up", real, embedded)
    assert set(again.changes) == {"same"}, "a second up changes nothing"
    assert not both_do("destroy", real, embedded).resources


def test_what_fails_is_named_and_made_up_for_by_the_next_run(both):
    real, embedded, _ = both(CASES / "small", "dev")
    asked = "kubernetes:core/v1:Namespace::research"
    for engine in (real, embedded):
        failed = engine.run("up", asked)
        assert not failed.ok
        assert asked in failed.said
        assert any("aws:eks/cluster:Cluster::main" in urn for urn in failed.resources), (
            "what was made before stays in the state"
        )
        assert not any(urn.endswith(asked) for urn in failed.resources)
        rest = engine.run("up")
        assert rest.ok, rest.said
        assert {"create", "same"} <= set(rest.changes)
    agree(real.run("up"), embedded.run("up"))


@pytest.mark.parametrize("operation", ["preview", "up"])
def test_an_input_that_is_refused_is_refused_by_both(both, operation):
    real, embedded, project = both(CASES / "small", "dev")
    program = project / "__main__.py"
    program.write_text(
        program.read_text(encoding="utf-8").replace('cidr_block="10.0.0.0/16"', 'cidr_block="10.0.0.0/40"'),
        encoding="utf-8",
    )
    expected, found = real.run(operation), embedded.run(operation)
    assert not expected.ok
    assert not found.ok
    assert "10.0.0.0/40" in expected.said
    assert "10.0.0.0/40" in found.said
