"""Ten times the resources take about ten times the work: nothing in the evaluator looks at all of them for each."""

import time

import pytest

from kubeml_simulator.engine import Providers
from kubeml_simulator.engine.aliases import Aliases
from kubeml_simulator.engine.builtin import Builtin
from kubeml_simulator.engine.context import Context
from kubeml_simulator.engine.deletions import Deletions
from kubeml_simulator.engine.goals import Goal
from kubeml_simulator.engine.journal import Journal
from kubeml_simulator.engine.operations import Operations
from kubeml_simulator.engine.planner import Planner
from kubeml_simulator.engine.registry import Registry


def seconds(count, folder, provider):
    """How long it takes to plan, make, keep and delete a chain of so many things; the best of three."""

    def once():
        start = time.process_time()
        olds = []
        for _ in range(2):
            planner = planner_of(olds, folder, provider)
            register(planner, count)
            olds = planner.context.journal.resources()
        planner = planner_of(olds, folder, provider)
        register(planner, 1)
        Deletions(planner.context, planner.operations).run()
        assert len(planner.context.journal.resources()) == 3
        return time.process_time() - start

    return min(once() for _ in range(3))


def planner_of(olds, folder, provider):
    context = Context("up", "conf", "dev", folder, Journal(olds))
    registry = Registry(context, Providers({"conf": provider}), Builtin(lambda _: {}), str(folder))
    return Planner(context, registry, Operations(context, registry), [], Aliases(context))


def register(planner, count):
    stack = planner.register(Goal("pulumi:pulumi:Stack", "conf-dev", custom=False)).urn
    before = []
    for i in range(count):
        goal = Goal("conf:index:Thing", f"t{i}", custom=True, parent=stack, inputs={"value": i}, dependencies=before)
        before = [planner.register(goal).urn]


@pytest.mark.parametrize("few", [60])
def test_ten_times_the_resources_take_at_most_fifteen_times_the_time(few, tmp_path, conf_provider):
    seconds(few, tmp_path, conf_provider)
    assert seconds(10 * few, tmp_path, conf_provider) <= 15 * seconds(few, tmp_path, conf_provider)
