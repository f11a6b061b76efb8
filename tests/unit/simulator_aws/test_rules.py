"""Each rule of the table, with a value that it takes and one that it refuses."""

import json

import pytest

from kubeml_simulator.clouds.aws import rules
from kubeml_simulator.clouds.aws.case import Case
from kubeml_simulator.clouds.aws.models import Shape, nearest
from kubeml_simulator.provider import World

HERE = Case("aws:iam/role:Role", "urn:pulumi:s::p::aws:iam/role:Role::x", {}, "us-east-1", World())
GOOD = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}


def judged(rule, value, argument=""):
    """What a rule finds, as paths and reasons."""
    return {failure.path: failure.reason() for failure in rules.RULES[rule](HERE, "at", value, argument)}


@pytest.mark.parametrize(
    ("rule", "argument", "right", "wrong", "words"),
    [
        ("cidr", "4", "10.0.0.0/8", "10.0.0.0/33", "no CIDR block"),
        ("cidr", "6", "2001:db8::/56", "10.0.0.0/8", "an IPv6 block"),
        ("cidr", "4 16..28", "10.0.0.0/28", "10.0.0.0/29", "from /16 to /28"),
        (
            "arn",
            "iam:role/",
            "arn:aws:iam::123456789012:role/x",
            "arn:aws:iam::123456789012:user/x",
            "not an ARN of that kind",
        ),
        ("arn", "", "arn:aws:s3:::bucket", "bucket", "it is no ARN"),
        (
            "arn",
            "iam:role/|iam:user/",
            "arn:aws-cn:iam::123456789012:user/x",
            "arn:aws:s3:::x",
            "arn:aws:iam:...:user/",
        ),
        ("json", "", "{}", "[]", "no JSON object"),
        ("json", "", '{"a": 1}', '{"a": 1', "no JSON"),
        ("values", "1|3|5", 3, 4, "allowed: 1, 3, 5"),
        ("range", "1..64", 64, 65, "allowed: 1 to 64"),
        ("pattern", "[a-z]+", "abc", "aBc", "the pattern [a-z]+"),
        (
            "exists",
            "aws:iam/role:Role#name|=service-*",
            "service-role",
            "other",
            "NotFound: no aws:iam/role:Role has this name",
        ),
    ],
)
def test_a_rule_takes_what_is_right_and_refuses_what_is_wrong(rule, argument, right, wrong, words):
    assert judged(rule, right, argument) == {}
    assert words in judged(rule, wrong, argument)["at"]


@pytest.mark.parametrize(
    ("kind", "document", "paths"),
    [
        ("identity", {"Version": "2012-10-17", "Statement": [GOOD]}, []),
        ("identity", {"Statement": GOOD}, []),
        ("trust", {"Statement": [TRUST]}, []),
        ("identity", {"Version": "2020-01-01", "Statement": [GOOD]}, ["at.Version"]),
        ("identity", {"Statement": []}, ["at.Statement"]),
        ("identity", {"Statement": ["x"]}, ["at.Statement[0]"]),
        ("identity", {"Statement": [GOOD | {"Effect": "Maybe"}]}, ["at.Statement[0].Effect"]),
        ("identity", {"Statement": [GOOD, {"Effect": "Allow", "Resource": "*"}]}, ["at.Statement[1]"]),
        ("identity", {"Statement": [GOOD | {"Principal": "*"}]}, ["at.Statement[0].Principal"]),
        ("identity", {"Statement": [{"Effect": "Allow", "Action": "*"}]}, ["at.Statement[0]"]),
        ("trust", {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}, ["at.Statement[0]"]),
        ("trust", {"Statement": [TRUST | {"Resource": "*"}]}, ["at.Statement[0].Resource"]),
        ("resource", {"Statement": [GOOD]}, ["at.Statement[0]"]),
    ],
)
def test_a_policy_document_is_read_statement_by_statement(kind, document, paths):
    assert list(judged("policy", json.dumps(document), kind)) == paths


@pytest.mark.parametrize(
    ("shape", "right", "wrong", "words"),
    [
        (Shape("s.E", "string", enum=("a", "b")), "a", "c", "allowed: a, b"),
        (Shape("s.I", "integer", min=1, max=5), 5, 6, "too large; allowed: at most 5"),
        (Shape("s.I", "integer", min=1, max=5), 1, 0, "too small; allowed: at least 1"),
        (Shape("s.S", "string", min=2, max=3), "ab", "a", "at least 2 characters"),
        (Shape("s.S", "string", min=2, max=3), "abc", "abcd", "at most 3 characters"),
        (Shape("s.P", "string", pattern="[a-z]+"), "abc", "ABC", "the pattern [a-z]+"),
    ],
)
def test_a_published_shape_is_kept(shape, right, wrong, words):
    assert list(shape.judge("at", right)) == []
    assert [words in failure.reason() for failure in shape.judge("at", wrong)] == [True]


def test_a_long_list_of_values_is_shortened_to_the_near_ones():
    values = tuple(f"m{n}.large" for n in range(40))
    assert nearest("m39.larger", values) == "m3.large, m30.large, m31.large, m32.large, m33.large, m34.large, m35.large, m36.large, m37.large, m38.large, m39.large, ... (40 in all)"  # fmt: skip
    assert nearest("zzz", values).startswith("m0.large, m1.large")
