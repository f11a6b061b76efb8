"""`kubeml catalog`: the tables, filtered, as a table or as JSON; what is not known is said to be."""

import json

import pytest

from kubeml_simulator.cli import main
from pulumi_kubeml import catalog


@pytest.fixture
def typed(capsys):
    """Runs the command; gives code, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(list(words))
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return run


@pytest.fixture
def looked_up(typed):
    """Runs `kubeml catalog ... --output json` and reads what it prints."""

    def look(*words):
        code, out, err = typed("catalog", *words, "--output", "json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return look


def test_a_machine_is_one_object_of_a_fixed_shape(looked_up):
    (row,) = looked_up("machines", "a3-megagpu", "--cloud", "gcp", "--accelerator", "h100", "--count", "8")
    source = row.pop("source")
    assert "github.com/Cyclenerd/google-cloud-pricing-cost-calculator" in source
    assert row == {
        "cloud": "gcp",
        "machine_type": "a3-megagpu-8g",
        "architecture": "amd64",
        "vcpus": 208,
        "memory_bytes": 1872 * 2**30,
        "accelerator": "h100",
        "accelerators": 8,
        "allocatable": {
            "cpu_millicores": 207410,
            "memory_bytes": 1912094064640,
            "pods": 110,
            "resources": {"nvidia.com/gpu": 8},
        },
        "price": {"amount": 92.937588, "currency": "USD", "region": "us-east4", "date": "2026-08-03"},
    }


def test_a_machine_without_accelerator_or_price_has_none_and_never_a_zero_price(looked_up):
    rows = looked_up("machines")
    plain = next(row for row in rows if row["machine_type"] == "m7i.large")
    assert (plain["accelerator"], plain["accelerators"], plain["allocatable"]["resources"]) == (None, 0, {})
    assert next(row for row in rows if row["machine_type"] == "a4-highgpu-8g")["price"] is None
    assert all(row["price"] is None or row["price"]["amount"] > 0 for row in rows)
    assert all(row["source"] for row in rows)
    known = sum(len(catalog.machines(cloud)) + len(catalog.unknown_machines(cloud)) for cloud in catalog.CLOUDS)
    assert len(rows) == known


def test_what_is_not_known_of_a_machine_is_null_and_nothing_is_computed_from_it(looked_up):
    (row,) = looked_up("machines", "--cloud", "aws", "--accelerator", "gb200")
    assert (row["machine_type"], row["vcpus"], row["memory_bytes"]) == ("p6e-gb200.36xlarge", None, None)
    assert (row["allocatable"], row["price"], row["accelerators"]) == (None, None, 4)


def test_every_machine_has_a_name_of_its_own_that_a_pool_can_be_made_with(looked_up):
    names = [(row["cloud"], row["machine_type"]) for row in looked_up("machines")]
    assert len(names) == len(set(names))
    host, given, _ = looked_up("machines", "n1-standard-64", "--cloud", "gcp")
    assert (host["machine_type"], host["accelerators"]) == ("n1-standard-64", 0)
    assert (given["machine_type"], given["accelerators"]) == ("n1-standard-64+t4x4", 4)


def test_a_price_is_known_even_of_a_machine_of_which_too_little_is(looked_up):
    row = looked_up("machines", "Standard_NC144ds_xl", "--cloud", "azure")[0]
    assert row["price"] == {"amount": 5.5, "currency": "USD", "region": "eastus", "date": "2026-06-18"}
    assert (row["vcpus"], row["memory_bytes"], row["accelerators"]) == (144, None, None)


def test_filters_narrow_down(looked_up):
    every = {row["machine_type"] for row in looked_up("machines", "--accelerator", "h100")}
    eight = {row["machine_type"] for row in looked_up("machines", "--accelerator", "h100", "--count", "8")}
    assert eight < every
    assert {row["cloud"] for row in looked_up("machines", "--cloud", "azure")} == {"azure"}
    halves = looked_up("machines", "--count", "0.5")
    assert {row["accelerators"] for row in halves} == {0.5}


def test_an_accelerator_says_how_it_is_cut_and_where_it_is(looked_up):
    (row,) = looked_up("accelerators", "--accelerator", "h100")
    assert row["resource_key"] == "nvidia.com/gpu"
    assert {"profile": "1g.10gb", "resource_key": "nvidia.com/mig-1g.10gb"}.items() <= row["mig_profiles"][0].items()
    assert row["machine_types"]["aws"] == ["p5.4xlarge", "p5.48xlarge"]
    assert [floor["busbw_gb_per_s"] for floor in row["collective_floors"]] == [300, 250, 100]
    (tpu,) = looked_up("accelerators", "--accelerator", "tpu-v6e")
    assert tpu["machine_types"]["aws"] == "not offered"
    assert {"topology": "4x4", "hosts": 4}.items() <= next(
        each for each in tpu["topologies"] if each["topology"] == "4x4"
    ).items()


def test_only_what_a_cloud_has_is_shown_for_it(looked_up):
    assert "tpu-v6e" not in {row["key"] for row in looked_up("accelerators", "--cloud", "azure")}
    assert "rtx-pro-6000" in {row["key"] for row in looked_up("accelerators", "--cloud", "azure")}


def test_versions_of_every_cloud_have_dates_or_say_that_none_is_known(looked_up, typed):
    rows = looked_up("versions")
    assert {row["cloud"] for row in rows} == {"aws", "gcp", "azure"}
    assert (
        next(row for row in rows if (row["kind"], row["version"]) == ("eks", "1.35"))["standard_until"] == "2027-03-27"
    )
    assert looked_up("versions", "--cloud", "gcp")[0]["version"] == "1.35"
    code, out, _ = typed("catalog", "versions", "1.36", "--cloud", "aws")
    assert code == 0
    assert "unknown" in out


def test_a_table_says_unknown_and_never_zero(typed):
    code, out, _ = typed("catalog", "machines", "--accelerator", "gb200")
    assert code == 0
    line = next(line for line in out.splitlines() if "p6e-gb200" in line)
    assert line.split() == [
        "aws",
        "p6e-gb200.36xlarge",
        "unknown",
        "unknown",
        "arm64",
        "gb200",
        "4",
        "unknown",
        "unknown",
    ]


def test_the_chart_table_is_there_too(looked_up):
    assert "kueue" in {row["key"] for row in looked_up("charts")}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["machines", "--accelerator", "h1000"], "is not in the catalog; there is"),
        (["machines", "--accelerator", "h1000"], "did you mean h100?"),
        (
            ["machines", "--cloud", "aws", "--accelerator", "mi300x"],
            "no machines with --cloud aws --accelerator mi300x",
        ),
        (["machines", "--cloud", "nimbus"], "nimbus"),
        (["charts", "--accelerator", "h100"], "not told apart by accelerator"),
        (["accelerators", "--count", "8"], "it filters machines"),
        (["versions", "9.99"], 'of the 16 versions has "9.99"'),
    ],
)
def test_a_filter_that_finds_nothing_says_why(typed, words, said):
    code, out, err = typed("catalog", *words)
    assert code == 2
    assert said in " ".join(err.split())
    assert out == ""
