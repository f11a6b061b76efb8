"""The one place where what went wrong becomes a message and an exit code; nothing above it lets a traceback out.

Exit codes: 0 done; 1 a mandatory check is violated; 2 the configuration, the program or the command line is wrong; 3 an operation
failed, or kubeml itself did; 130 interrupted.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn

DONE, VIOLATED, WRONG, FAILED, INTERRUPTED = 0, 1, 2, 3, 130
TRACEBACK = "KUBEML_TRACEBACK"
_WIDEST = 60  # of the keys before messages that stand in one column


class Refusal(Exception):  # noqa: N818 - it is an answer, not an accident
    """What was asked for cannot be done: messages with their paths (a file, an option), shown as they are.

    >>> Refusal([("--stack", "there is no stack prod")]).problems
    [('--stack', 'there is no stack prod')]
    """

    def __init__(self, problems: Iterable[tuple[str, str]], exit_code: int = WRONG) -> None:
        self.problems = list(problems)
        self.exit_code = exit_code
        super().__init__("; ".join(f"{path}: {message}" for path, message in self.problems))


def refuse(path: str, message: str) -> NoReturn:
    """Raises the refusal of one thing."""
    raise Refusal([(path, message)])


def guarded(action: Callable[[], int], *, output: str = "text") -> int:
    """Runs `action` and gives its exit code; whatever it raises is told on stderr, and as a document on stdout for `json`."""
    try:
        return action()
    except KeyboardInterrupt:
        return _tell([("", "interrupted")], INTERRUPTED, output)
    except BrokenPipeError:  # the reader has gone: nothing is left to say, and Python shall not try at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        return _tell(*_explained(error), output)


def listed(problems: Iterable[tuple[str, str]]) -> Iterator[str]:
    r"""Makes the lines of problems; those within one file (their path is `FILE  KEY`) stand under its name.

    >>> print(*listed([("Pulumi.dev.yaml  app:size", "is text"), ("Pulumi.dev.yaml  app:n", "is missing"), ("-s", "which?")]), sep="\n")
    error: Pulumi.dev.yaml
      app:size  is text
      app:n     is missing
    error: -s: which?
    """
    files: dict[str, list[tuple[str, str]]] = {}
    for path, message in problems:
        file, within, key = path.partition("  ")
        files.setdefault(file if within else "", []).append((key.strip() if within else path, message))
    for file, rows in files.items():
        if file:
            yield f"error: {file}"
        width = min(max(len(key) for key, _ in rows), _WIDEST)
        for key, message in rows:
            text = message.replace("\n", "\n  ")
            yield f"  {key:<{width}}  {text}" if file else f"error: {key}: {text}" if key else f"error: {text}"


def _explained(error: Exception) -> tuple[list[tuple[str, str]], int]:
    """Makes the messages and the code of an error: one that carries `problems` speaks for itself, another is our own fault."""
    problems = getattr(error, "problems", None)
    if problems:
        return [_pair(each) for each in problems], int(getattr(error, "exit_code", WRONG))
    if isinstance(error, OSError) and error.filename:
        return [(str(error.filename), error.strerror or str(error))], WRONG
    from traceback import extract_tb

    last = extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__}: {error} ({os.path.basename(last.filename)}:{last.lineno})"  # noqa: PTH119
    return [("", f"kubeml itself failed: {where}; {TRACEBACK}=1 shows all of it")], FAILED


def _pair(problem: object) -> tuple[str, str]:
    if isinstance(problem, tuple):
        path, message = problem
        return str(path), str(message)
    return str(getattr(problem, "path", "")), str(getattr(problem, "message", problem))


def _tell(problems: list[tuple[str, str]], code: int, output: str) -> int:
    for line in listed(problems):
        print(line, file=sys.stderr)
    if output == "json":
        from kubeml_simulator.preview.document import problems as document

        print(json.dumps(document(problems, code), indent=2))
    return code
