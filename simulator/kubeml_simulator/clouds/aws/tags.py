"""Tags, the same for every type that has them."""

from collections.abc import Iterator

from kubeml_simulator.provider import Failure, join

from .case import Case

MOST, LONGEST_KEY, LONGEST_VALUE = (
    50,
    128,
    256,
)  # https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html (2026-11)


def judge(case: Case) -> Iterator[Failure]:
    """At most fifty tags; keys that begin with aws: are the cloud's own."""
    tags = case.inputs.get("tags")
    if not isinstance(tags, dict):
        return
    if len(tags) > MOST:
        yield Failure("tags", len(tags), f"at most {MOST} tags", "TooManyTags")
    for key in tags:
        if key.lower().startswith("aws:"):
            yield Failure(join("tags", key), why="tag keys that begin with aws: are reserved", allowed="another key")
        if not 1 <= len(key) <= LONGEST_KEY:
            yield Failure(
                join("tags", key),
                why="InvalidParameterValue: the key's length",
                allowed=f"1 to {LONGEST_KEY} characters",
            )
    for path, value in case.each("tags[*]"):
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            yield Failure(
                path, value, f"at most {LONGEST_VALUE} characters", "InvalidParameterValue: the value is too long"
            )
