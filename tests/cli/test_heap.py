"""What is loaded is out of the garbage collector's way, and no garbage stays with it for ever."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.cli.heap import settle


class Knot:
    """Garbage that only the collector finds, once nobody holds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def unsettled() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_what_is_there_is_looked_at_no_more_until_it_is_settled_anew() -> None:
    knot = Knot()
    alive = weakref.ref(knot)
    settle()
    del knot
    gc.collect()
    assert alive() is not None
    settle()
    assert alive() is None


def test_every_command_looks_for_cycles_less_often_than_python_does() -> None:
    gc.set_threshold(700)
    CliRunner().invoke(main, ["completion", "bash"])
    assert gc.get_threshold()[0] > 700
