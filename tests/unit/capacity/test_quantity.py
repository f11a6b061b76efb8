"""Quantities against exact fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_kubeml.capacity.quantity import MAX, QuantityError, amount, amounts, parse, show

SUFFIXES = {
    **{suffix: Fraction(10) ** power for suffix, power in zip("num", (-9, -6, -3), strict=True)},
    **{suffix: Fraction(10) ** power for suffix, power in zip("kMGTPE", range(3, 19, 3), strict=True)},
    **{f"{suffix}i": Fraction(2) ** power for suffix, power in zip("KMGTPE", range(10, 61, 10), strict=True)},
    "": Fraction(1),
}
NUMBERS = st.tuples(st.sampled_from(["", "+", "-"]), st.integers(0, 10**6), st.integers(0, 999))
RESOURCES = st.sampled_from(
    ["cpu", "requests.cpu", "memory", "limits.memory", "ephemeral-storage", "hugepages-2Mi", "pods", "nvidia.com/gpu"]
)


@given(NUMBERS, st.sampled_from(sorted(SUFFIXES)))
def test_a_quantity_is_its_number_times_its_suffix(number: tuple[str, int, int], suffix: str) -> None:
    sign, whole, part = number
    exact = (whole + Fraction(part, 1000)) * SUFFIXES[suffix] * (-1 if sign == "-" else 1)
    assert parse(f"{sign}{whole}.{part:03}{suffix}") == max(-MAX, min(MAX, exact))


@given(st.integers(-1000, 1000), st.integers(-6, 6), st.sampled_from("eE"))
def test_an_exponent_is_a_power_of_ten(number: int, exponent: int, letter: str) -> None:
    assert parse(f"{number}{letter}{exponent}") == number * Fraction(10) ** exponent


@given(st.fractions(0, 10**6), RESOURCES)
def test_an_amount_is_never_less_than_asked_and_less_than_one_unit_more(exact: Fraction, resource: str) -> None:
    unit = 1000 if "cpu" in resource else 1
    text = f"{int(exact * 10**9)}n"
    asked = Fraction(int(exact * 10**9), 10**9) * unit
    assert asked <= amount(resource, text) < asked + 1
    assert -amount(resource, text) == amount(resource, f"-{text}"), "rounded away from zero on both sides"


@given(st.integers(0, MAX), RESOURCES)
def test_what_is_shown_is_read_as_the_same_amount(value: int, resource: str) -> None:
    value = min(value, MAX // 1000)
    assert amount(resource, show(resource, value)) == value


@given(st.integers(0, 2**40))
def test_bytes_are_shown_with_the_largest_suffix_that_is_exact(value: int) -> None:
    text = show("memory", value)
    number = int(text.rstrip("iKMGTPE"))
    assert text.isdigit() or number % 1024 != 0


@given(st.floats(0, 1e6, allow_nan=False))
def test_a_number_counts_as_it_is_written(number: float) -> None:
    assert parse(number) == Fraction(repr(number))


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        " 1",
        "1 ",
        "1GB",
        "1ki",
        "1KI",
        "Mi",
        "1e",
        "1e3Ki",
        "0x1",
        "1_000",
        "--1",
        "1.2.3",
        "٣",
        "e3",
        ".",
        "1e9999",
        True,
        None,
        [1],
    ],
)
def test_what_is_no_quantity_is_refused_with_what_is_allowed(wrong: object) -> None:
    with pytest.raises(QuantityError) as refused:
        parse(wrong)
    assert str(refused.value) == (
        f'"{wrong}" is not a quantity: a number with one of n u m k M G T P E or Ki Mi Gi Ti Pi Ei, or an exponent such as e3'
    )


@pytest.mark.parametrize(
    ("resource", "text", "value"),
    [
        ("cpu", "100m", 100),
        ("cpu", 2, 2000),
        ("cpu", "0.0001", 1),
        ("memory", "1.5Gi", 1610612736),
        ("memory", "128974848000m", 128974848),
        ("memory", "129e6", 129_000_000),
        ("memory", "1E", 10**18),
        ("nvidia.com/gpu", "4", 4),
        ("pods", 110.0, 110),
        ("memory", "10Ei", MAX),
        ("memory", ".5Ki", 512),
        ("memory", "1.", 1),
    ],
)
def test_documented_spellings(resource: str, text: str | float, value: int) -> None:
    assert amount(resource, text) == value


def test_a_resource_list_is_read_at_once() -> None:
    assert amounts({"cpu": "500m", "memory": "1Ki", "nvidia.com/gpu": 1}) == {
        "cpu": 500,
        "memory": 1024,
        "nvidia.com/gpu": 1,
    }
