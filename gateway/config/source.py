"""YAML with positions: a file becomes nodes that know their line and column."""

from __future__ import annotations

import yaml

from gateway.config.compose import Composer, Trapped, Unusable
from gateway.config.draft import Draft
from gateway.config.nodes import Mapping, Node, Scalar, Sequence, Style, Wants, surprise_problem
from gateway.config.problems import Problems
from gateway.config.quick import read_quickly
from gateway.config.text import read_text

__all__ = [
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "Style",
    "Wants",
    "read_yaml",
    "surprise_problem",
]


def read_yaml(file: str, data: bytes, problems: Problems) -> Node | None:
    """Read one YAML document into nodes; every problem is added to `problems`.

    `file` is the name that places show. Where what was meant is plain (a missing quote), the
    problem is reported with the corrected line and reading goes on with it, so that one run finds
    all problems. None means that there is nothing to go on with.
    """
    source = read_text(file, data, problems)
    if source is None:
        return None
    draft = Draft(source, source, Problems())
    tree = read_quickly(draft)
    if tree is not None:
        return tree
    repairing = True
    while repairing:
        found = Problems()
        composer = Composer(draft, found)
        repair = None
        try:
            tree = composer.document()
        except Trapped as trapped:
            repair = trapped.repair
        except yaml.MarkedYAMLError as error:
            repair = composer.mend(error)
        except Unusable:
            pass
        if repair is not None:
            draft.take(repair)
        # Moving a line is a guess about all lines around it: nothing is built on that.
        repairing = repair is not None and repair.code != "yaml-indent"
    problems.found += draft.mended.found + found.found
    return tree
