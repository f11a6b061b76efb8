"""What is wrong is said once, completely, and where it is."""

import pytest

from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.problems import ConfigurationError, Problem, Problems, join, suggestion


def test_nothing_wrong_raises_nothing():
    Problems("anywhere").raise_if_any()


def test_problems_of_a_part_get_the_path_of_the_whole():
    problems = Problems("stack")
    problems.under("pools").under(2).extend(ConfigurationError([Problem("min", "too many"), Problem("", "odd")]))
    assert [problem.path for problem in problems] == ["stack.pools[2].min", "stack.pools[2]"]


def test_the_text_has_one_line_for_each_problem_in_the_order_found():
    problems = Problems()
    problems.add("b", "second things")
    problems.under("a").add("[0]", "first things")
    with pytest.raises(ConfigurationError) as raised:
        problems.raise_if_any()
    assert str(raised.value) == "b  second things\na[0]  first things"


def test_components_raise_what_pulumi_shows_without_a_traceback():
    import pulumi

    with pytest.raises(pulumi.RunError, match=r"min  too many") as raised:
        raise InvalidArgs([Problem("min", "too many")])
    assert isinstance(raised.value, ConfigurationError)


@pytest.mark.parametrize(
    ("path", "step", "whole"), [("", 0, "[0]"), ("a", 0, "a[0]"), ("a[0]", "b", "a[0].b"), ("", "", "")]
)
def test_paths_join_as_they_are_written(path, step, whole):
    assert join(path, step) == whole


def test_a_far_miss_gets_no_guess():
    assert suggestion("zebra", ["l4", "h100"]) == ""
