"""`kubeml graph`: the graph of a stack, and nothing else, on stdout."""

import json
import sys

from kubeml_simulator.cli.evaluation import prepare
from kubeml_simulator.cli.options import Checks, Target


def graph(target: Target | None = None, checks: Checks | None = None) -> int:
    """Prints all resources of a stack in Pulumi's deployment format, as `up` from nothing would make them; touches no state.

    Args:
        target: which stack.
        checks: which checks; only those that correct inputs change what is printed.
    """
    evaluation = prepare(target or Target(), checks or Checks())
    result = evaluation.run("up", touch_state=False)
    if result.exit_code > 1:  # a violation is the business of `kubeml check`
        from kubeml_simulator.cli.plain import diagnostic
        from kubeml_simulator.preview.build import redactor

        redact = redactor(result, evaluation.redactor())
        for each in result.diagnostics:
            if str(each.severity) in {"warning", "error"}:
                print(diagnostic(str(each.severity), redact(each.message), each.urn, each.position), file=sys.stderr)
        return result.exit_code
    from kubeml_simulator.preview.values import withheld

    print(json.dumps({"version": 3, "deployment": {"resources": withheld(result.resources)}}, indent=2))
    return 0
