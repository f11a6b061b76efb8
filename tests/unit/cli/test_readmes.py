"""What the packages' own pages show is true."""

import pytest


def python_in(page):
    return page.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]


def test_the_simulators_page_runs_a_stack_in_python(root, tmp_path, monkeypatch, capsys):
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    (tmp_path / "__main__.py").write_text("import pulumi\npulumi.export('zone', 'a')\n")
    monkeypatch.chdir(tmp_path)
    exec(python_in(root / "simulator" / "README.md"), {})  # noqa: S102 - the page's own example
    assert capsys.readouterr().out == "0 {'create': 1}\n"


@pytest.mark.parametrize("command", ["preview", "up", "graph", "check", "exec", "destroy"])
def test_the_simulators_page_shows_only_commands_that_there_are(root, command):
    from kubeml_simulator.cli.app import build

    page = (root / "simulator" / "README.md").read_text(encoding="utf-8")
    assert f"kubeml {command} " in page
    assert command in build()
