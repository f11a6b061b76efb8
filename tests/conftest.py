"""What every test shares: the recorded facts beside the repository, a printed seed, and an account of what did not run."""

import os
import random
import signal
import subprocess
from collections import Counter
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("KUBEML_SHARED", ROOT.parent / "shared"))

hypothesis.settings.register_profile("kubeml", deadline=None, max_examples=60, database=None)
hypothesis.settings.load_profile("kubeml")


def pytest_configure(config: pytest.Config) -> None:
    """Give the run one seed, the same in every worker: that of the commit, so that a commit always gets the same answer.

    Each commit draws other examples; `--hypothesis-seed` draws those of another one.
    """
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    ):  # as in the background of a shell; the tests interrupt programs
        signal.signal(signal.SIGINT, signal.default_int_handler)
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.option.hypothesis_seed = worker["kubeml_seed"]
    elif getattr(config.option, "hypothesis_seed", None) is None:
        config.option.hypothesis_seed = _seed_of_the_commit()


def _seed_of_the_commit() -> int:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=8", "HEAD"]
    try:
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout, 16)
    except (OSError, subprocess.CalledProcessError):  # no git, or an archive without history
        return random.SystemRandom().randrange(2**32)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Item) -> None:
    """Hand the seed to a worker."""
    node.workerinput["kubeml_seed"] = node.config.option.hypothesis_seed


def pytest_report_header(config: pytest.Config) -> str:
    """Say how to draw the same examples again."""
    return f"examples are drawn with --hypothesis-seed={config.option.hypothesis_seed}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the judges of whole runs have to tell, and which tests did not run here, and why."""
    passed = terminalreporter.stats.get("passed", [])
    told = [line for report in passed for name, line in report.user_properties if name == "told"]
    if told:
        terminalreporter.section("judged")
        for line in told:
            terminalreporter.write_line(line)
    why: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        why[reason.removeprefix("Skipped: ")] += 1
    if why:
        terminalreporter.section("not run on this machine")
        for reason, count in sorted(why.items()):
            terminalreporter.write_line(f"{count:4} {'test' if count == 1 else 'tests'}: {reason}")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The recorded facts beside the repository; a clone without them skips what compares with them."""
    if not SHARED.is_dir():
        pytest.skip(
            f"the recorded facts are not beside the repository (KUBEML_SHARED names another folder: {SHARED.name})"
        )
    return SHARED
