"""`kubeml exec`: a command, above all the real `pulumi`, that finds the simulated providers where it looks for plugins."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from cyclopts import Parameter

from kubeml_simulator.cli.errors import refuse
from kubeml_simulator.cli.options import Fail


def execute(*command: Annotated[str, Parameter(allow_leading_hyphen=True)], fail: Fail = ()) -> int:
    """Runs a command, such as `pulumi up`, with the simulated providers as its plugins; gives the command's own exit code.

    Args:
        command: the command and its arguments, after --.
        fail: TYPE::NAME of a resource whose create, update or delete shall fail; may be given again.
    """
    if not command:
        refuse("exec", "name the command to run after --, as in kubeml exec -- pulumi preview")
    program = shutil.which(command[0])
    if program is None:
        refuse(command[0], "is not on PATH; kubeml preview, up and destroy run a stack without it")
    from kubeml_simulator.cli.evaluation import failing
    from kubeml_simulator.plugins import ambient
    from kubeml_simulator.provider.failures import VARIABLE

    with TemporaryDirectory(prefix="kubeml-plugins-") as folder:
        environment = {**os.environ, **ambient(Path(folder))}
        if fail:
            environment[VARIABLE] = ",".join(failing(fail))
        return subprocess.run([program, *command[1:]], env=environment, check=False).returncode
