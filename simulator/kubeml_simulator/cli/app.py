"""The command line itself: names and help of the commands. Each is loaded when it is asked for, so that help is quick."""

import sys
from collections.abc import Sequence
from itertools import pairwise

from cyclopts import App, CycloptsError

from kubeml_simulator.cli.errors import Refusal, guarded

_COMMANDS = "kubeml_simulator.cli.commands"
_HELP = {
    "preview": ("run:preview", "Show what `up` would do: changes, findings of the checks, where every pod lands."),
    "up": ("run:up", "Bring a stack up in the simulator and write its state and its report to .kubeml/STACK."),
    "destroy": ("run:destroy", "Delete everything in a stack's simulated state, last made first."),
    "graph": ("graph:graph", "Print all resources of a stack in Pulumi's deployment format; touches no state."),
    "check": ("check:check", "Run the policy pack on an exported state or graph; `-` reads stdin."),
    "exec": ("execute:execute", "Run a command, such as `pulumi up`, with the simulated providers as its plugins."),
    "catalog": ("lookup:catalog", "Look up accelerators, machine types, charts and versions."),
    "explain": ("lookup:explain", "Say what a check of the policy pack wants, why, and how to satisfy it."),
}


def build() -> App:
    """Makes the command line."""
    app = App(
        name="kubeml",
        help="GPU platforms on Kubernetes, without a cloud: previews, runs and checks Pulumi stacks in a simulator.",
        help_epilogue="Exit codes: 0 done, 1 a mandatory check is violated, 2 wrong configuration or program, "
        "3 an operation failed, 130 interrupted.",
        version=_version,
        help_format="plaintext",
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for place, (name, (target, text)) in enumerate(_HELP.items()):
        app.command(f"{_COMMANDS}.{target}", name=name, help=text, sort_key=place)
    return app


def _version() -> str:
    from importlib.metadata import version

    return version("kubeml-simulator")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; gives the exit code (the script of the distribution hands it to `sys.exit`)."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    return guarded(lambda: _run(tokens), output=_output(tokens))


def _run(tokens: list[str]) -> int:
    try:
        code = build()(tokens, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        hint = "`kubeml --help` lists the commands, `kubeml COMMAND --help` their options"
        raise Refusal([("", f"{error}\n{hint}")]) from error
    return code if isinstance(code, int) else 0


def _output(tokens: list[str]) -> str:
    """The form in which an error is told, known before the command line is: it may be what is wrong."""
    own = tokens[: tokens.index("--")] if "--" in tokens else tokens
    return "json" if "--output=json" in own or ("--output", "json") in pairwise(own) else "text"
