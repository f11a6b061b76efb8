"""`kubeml exec`: a command, above all the real `pulumi`, that finds the simulated providers where it looks for plugins."""

import os
import shutil
from typing import Annotated

from cyclopts import Parameter

from kubeml_simulator.cli.errors import refuse
from kubeml_simulator.cli.options import HERE, Cwd, Fail
from kubeml_simulator.cli.target import find


def execute(*command: Annotated[str, Parameter(allow_leading_hyphen=True)], cwd: Cwd = HERE, fail: Fail = ()) -> int:
    """Runs a command, such as `pulumi up`, with the simulated providers as its plugins; gives the command's own exit code.

    Args:
        command: the command and its arguments, after --.
        cwd: the folder of the project, or one below it.
        fail: TYPE::NAME of a resource whose create, update or delete shall fail; may be given again.
    """
    if not command:
        refuse("exec", "name the command to run after --, as in kubeml exec -- pulumi preview")
    if shutil.which(command[0]) is None:
        refuse(command[0], "is not on PATH; kubeml preview, up and destroy run a stack without it")
    project = find(cwd)
    from kubeml_simulator.cli.evaluation import failing
    from kubeml_simulator.plugins import exec_
    from kubeml_simulator.provider.failures import VARIABLE

    if fail:
        os.environ[VARIABLE] = ",".join(failing(fail))
    return exec_(command, project)
