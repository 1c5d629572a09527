"""Expressions become Python: nothing of their text runs as such, however odd, deep or wide it is."""

from __future__ import annotations

import copy
import json

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import ExpressionFailed
from gateway.expressions.codegen.generator import generate
from gateway.expressions.compiler import compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.scope import Scope
from tests.expressions.test_against_jmespath import DOCUMENTS, EXPRESSIONS

ODD = [
    *("'", '"', '"""', "\\", "\\'", "\n", "\r", "\x00", "\u2028", "\ud800", "\U0001d11e", "é"),
    *("'); raise SystemExit  # ", "{root}", "%s", "{}", "__import__('os')", "None", "root", "run"),
]
