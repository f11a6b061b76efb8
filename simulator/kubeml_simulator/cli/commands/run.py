"""`kubeml preview`, `up` and `destroy`."""

from contextlib import nullcontext
from pathlib import Path
from typing import Literal

from kubeml_simulator.cli.evaluation import Evaluation, Operation, Runner, prepare, saved
from kubeml_simulator.cli.options import Checks, Cluster, Fail, Target
from kubeml_simulator.preview.document import Report

Output = Literal["text", "json", "markdown", "html"]


def preview(
    target: Target | None = None, checks: Checks | None = None, *, output: Output = "text", runner: Runner = "fast"
) -> int:
    """Shows what `up` would do: changes, findings of the checks, where every pod lands.

    Args:
        target: which stack.
        checks: which checks.
        output: text for people, or one document on stdout: json, markdown, html.
        runner: fast, or sdk for Pulumi's own way of waiting and logging.
    """
    evaluation = prepare(target or Target(), checks or Checks(), runner=runner)
    return _run("preview", evaluation, output)


def up(
    target: Target | None = None,
    checks: Checks | None = None,
    cluster: Cluster | None = None,
    *,
    fail: Fail = (),
    output: Output = "text",
    runner: Runner = "fast",
) -> int:
    """Brings a stack up in the simulator and writes its state and its report to .kubeml/STACK.

    Args:
        target: which stack.
        checks: which checks.
        cluster: what stands for the Kubernetes cluster.
        fail: TYPE::NAME of a resource whose create, update or delete shall fail; may be given again.
        output: text for people, or one document on stdout: json, markdown, html.
        runner: fast, or sdk for Pulumi's own way of waiting and logging.
    """
    evaluation = prepare(target or Target(), checks or Checks(), fail=fail, runner=runner)
    return _run("up", evaluation, output, cluster)


def destroy(
    target: Target | None = None, checks: Checks | None = None, *, fail: Fail = (), output: Output = "text"
) -> int:
    """Deletes everything in a stack's simulated state, last made first.

    Args:
        target: which stack.
        checks: which checks.
        fail: TYPE::NAME of a resource whose delete shall fail; may be given again.
        output: text for people, or one document on stdout: json, markdown, html.
    """
    evaluation = prepare(target or Target(), checks or Checks(), fail=fail)
    return _run("destroy", evaluation, output)


def _run(operation: Operation, evaluation: Evaluation, output: Output, options: Cluster | None = None) -> int:
    from kubeml_simulator.cli.consoles import console, live
    from kubeml_simulator.cli.local import local
    from kubeml_simulator.cli.rehearsal import rehearse

    screen = console()
    redact = evaluation.redactor()
    title = f"{evaluation.project.name} {evaluation.stack.name}"
    if output != "text":
        progress = nullcontext()
    elif live(screen):
        from kubeml_simulator.cli.tree import shown_live

        progress = shown_live(screen, operation, title, redact)
    else:
        from kubeml_simulator.cli.plain import written

        progress = written(operation, print, redact)
    rehearsal = (
        rehearse(evaluation, screen.print if output == "text" and live(screen) else None) if operation == "up" else None
    )
    if rehearsal is not None:
        with progress as listener:
            rehearsal.tell(listener)
        _write(evaluation.report(operation, rehearsal.result), output)
        return rehearsal.result.exit_code
    with local(options or Cluster(), _home(evaluation)) as cluster:
        with progress as listener:
            result = evaluation.run(operation, listener, cluster=cluster)
        report = evaluation.report(operation, result, cluster)
    if operation == "up":
        report = saved(report, _folder(evaluation, report))
    _write(report, output)
    return result.exit_code


def _folder(evaluation: Evaluation, report: Report) -> Path:
    state = Path(report.state) if report.state else None
    return state.parent if state else _home(evaluation)


def _home(evaluation: Evaluation) -> Path:
    return evaluation.project.directory / ".kubeml" / evaluation.stack.name


def _write(report: Report, output: Output) -> None:
    match output:
        case "json":
            import json

            from kubeml_simulator.preview.document import as_json

            print(json.dumps(as_json(report), indent=2, ensure_ascii=False))
        case "html":
            from kubeml_simulator.preview.report import render

            print(render(report))
        case "markdown":
            from kubeml_simulator.preview.markdown import render as markdown

            print(markdown(report), end="")
        case "text":
            from kubeml_simulator.cli.consoles import console
            from kubeml_simulator.cli.summary import write

            write(report, console())
