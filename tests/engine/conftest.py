"""What the evaluator's tests share: the conformance cases, and a folder in which a program runs."""

import importlib.util
import sys
import textwrap
from pathlib import Path

import pytest

from kubeml_simulator.engine import Providers, load_project, run

HERE = Path(__file__).parent


def _load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def conformance():
    return _load(HERE / "conformance.py")


@pytest.fixture(scope="session")
def conf_provider():
    """The cases' own provider, as a class."""
    return _load(HERE / "cases" / "provider" / "conf_provider.py").Conf


class Desk:
    """A project folder: `write` its program and stack, `run` an operation on it."""

    def __init__(self, folder, provider):
        self.folder, self.provider, self.events = folder, provider, []
        (folder / "Pulumi.yaml").write_text("name: conf\nruntime: python\n")

    def write(self, program, stack="config: {}\n"):
        lead = "import pulumi\nfrom conf import Group, Provider, Thing, lookup\n"
        (self.folder / "__main__.py").write_text(lead + textwrap.dedent(program))
        (self.folder / "Pulumi.dev.yaml").write_text(stack)

    def run(self, operation, **options):
        project = load_project(self.folder)
        self.events = []
        options.setdefault("providers", Providers({"conf": self.provider}))
        return run(operation, project, project.stack("dev"), listener=self.events.append, **options)

    def up(self, program=None, **options):
        if program is not None:
            self.write(program)
        return self.run("up", **options)

    @property
    def state_path(self):
        return self.folder / ".kubeml" / "dev" / "state.json"

    def ids(self, result):
        """Name to id of every resource that a provider made."""
        return {
            item["urn"].split("::")[-1]: item["id"] for item in result.resources if item["type"] == "conf:index:Thing"
        }


@pytest.fixture
def desk(tmp_path, monkeypatch, conf_provider):
    monkeypatch.setenv("PYTHONPATH", str(HERE / "cases" / "provider"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")
    return Desk(tmp_path, conf_provider)
