"""The embedded evaluator: runs a Pulumi program over Pulumi's own protocol and yields its graph, plan and state.

`load_project(directory).stack(name)` and `run("preview" | "up" | "destroy", project, stack, providers=Providers(...))` are
all that is needed.
"""

from kubeml_simulator.engine.analyzers import Analyzer, Remediation
from kubeml_simulator.engine.evaluate import run
from kubeml_simulator.engine.events import (
    Diagnostic,
    Event,
    Failed,
    Finding,
    Finished,
    Listener,
    Planned,
    PolicyFinding,
    Problem,
    ProjectError,
    Resource,
    Result,
    Span,
    Started,
    Step,
    Summary,
)
from kubeml_simulator.engine.host import ProviderError, Providers, RefusalError
from kubeml_simulator.engine.pack import PluginAnalyzer
from kubeml_simulator.engine.project import Project, Stack, load_project

__all__ = [
    "Analyzer",
    "Diagnostic",
    "Event",
    "Failed",
    "Finding",
    "Finished",
    "Listener",
    "Planned",
    "PluginAnalyzer",
    "PolicyFinding",
    "Problem",
    "Project",
    "ProjectError",
    "ProviderError",
    "Providers",
    "RefusalError",
    "Remediation",
    "Resource",
    "Result",
    "Span",
    "Stack",
    "Started",
    "Step",
    "Summary",
    "load_project",
    "run",
]
