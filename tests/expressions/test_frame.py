"""The scope at run time."""

from __future__ import annotations

import pytest

from gateway.expressions.frame import Frame


class Counter:
    """Computes a name, and remembers with which frames."""

    def __init__(self, value: object) -> None:
        self.value = value
        self.frames: list[Frame] = []

    def __call__(self, frame: Frame) -> object:
        self.frames.append(frame)
        return self.value


def test_gives_its_values() -> None:
    assert Frame({"order": 1})["order"] == 1


def test_a_name_that_nobody_has_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="nope"):
        Frame({}, parent=Frame({}))["nope"]


def test_a_lazy_name_is_not_computed_before_its_use() -> None:
    compute = Counter(1)
    Frame({"a": 1}, {"b": compute})["a"]
    assert compute.frames == []


@pytest.mark.parametrize("value", [1, None, []])
def test_a_lazy_name_is_computed_once_also_when_null(value: object) -> None:
    compute = Counter(value)
    frame = Frame({}, {"b": compute})
    assert [frame["b"], frame["b"]] == [value, value]
    assert len(compute.frames) == 1


def test_a_lazy_name_is_computed_in_the_frame_that_declares_it() -> None:
    compute = Counter("value")
    parent = Frame({}, {"b": compute})
    children = [Frame({"b2": 1}, parent=Frame({}, parent=parent)) for _ in range(3)]
    assert [child["b"] for child in children] == ["value"] * 3
    assert len(compute.frames) == 1
    assert compute.frames[0] is parent
    assert parent["b"] == "value"


def test_a_lazy_name_may_use_others() -> None:
    frame = Frame({"a": 1}, {"b": lambda scope: [scope["c"]], "c": lambda scope: scope["a"]})
    assert frame["b"] == [1]


def test_a_childs_own_name_comes_before_its_parents() -> None:
    parent = Frame({"body": "outer"})
    assert Frame({"body": "inner"}, parent=parent)["body"] == "inner"
    assert Frame({}, {"body": lambda _: "lazy"}, parent)["body"] == "lazy"
    assert parent["body"] == "outer"


def test_one_that_fails_keeps_nothing() -> None:
    def fail(_frame: Frame) -> object:
        raise ValueError("no")

    frame = Frame({}, {"b": fail})
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            frame["b"]
