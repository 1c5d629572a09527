"""Placeholders: shaped like what they stand for, the same for the same, different for others."""

from __future__ import annotations

import json
import string
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.problems import Problems
from gateway.config.schemas import Schema, SchemaStore
from gateway.lossless import Json
from gateway.testing.masking import Masker


@pytest.fixture
def schema(tmp_path: Path) -> Schema:
    """Of objects whose `who` is personal."""
    document = {"properties": {"who": {"x-personal": True}, "what": {}}}
    (tmp_path / "s.json").write_text(json.dumps(document))
    found = SchemaStore.read([tmp_path], Problems()).get("s.json")
    assert found is not None
    return found


def masked(schema: Schema, document: Json, *secrets: str) -> Json:
    masker = Masker(secrets)
    return masker.masked(document, masker.learn(schema, document))


@pytest.mark.parametrize(
    ("value", "placeholder"),
    [
        ("Ann Lee", "Xxx Xxx"),
        ("+49 (30) 12-34", "+11 (11) 11-11"),
        ("ann@shop.example", "xxx@xxxx.xxxxxxx"),
        ("1990-12-31", "2026-01-01"),
        ("2026-11-22T11:00:00+01:00", "2026-01-01T00:00:00Z"),
        (1234, 1111),
        (Decimal("-5.20"), Decimal("-1.11")),
        (True, False),
        (None, None),
        ("", ""),
    ],
)
def test_a_placeholder_has_the_shape_of_its_value(
    schema: Schema, value: Json, placeholder: Json
) -> None:
    assert masked(schema, {"who": value}) == {"who": placeholder}


def test_what_is_personal_is_masked_wherever_it_stands(schema: Schema) -> None:
    document: Json = {"who": ["Ann Annson", 20262027], "what": ["to ANNSON!", 20262027, "Anna"]}
    made = {"who": ["Xxx Xxxxxx", 11111111], "what": ["to XXXXXX!", 11111111, "Anna"]}
    assert masked(schema, document) == made


def test_a_word_of_a_field_that_is_not_listed_is_masked_there_only(schema: Schema) -> None:
    document: Json = {"title": "Shirt", "note": "for Ann", "what": "Shirt for Ann"}
    assert masked(schema, document) == {
        "title": "Xxxxx",
        "note": "xxx Xxx",
        "what": "Shirt xxx Xxx",
    }


def test_a_secret_is_masked_within_other_text_too(schema: Schema) -> None:
    assert masked(schema, {"what": "id=sesame-1;"}, "sesame-1", "id") == {"what": "id=xxxxxx-1;"}


def test_what_is_left_is_told_by_its_path(schema: Schema) -> None:
    masker = Masker(())
    masker.learn(schema, {"who": "Annson"})
    assert masker.left_in({"a": [{"b": "by Annson"}]}, "case") == "case.a[0].b"
    assert masker.left_in({"a": {"Annson": 1}}, "case") == "case.a"
    assert masker.left_in({"a": "annson"}, "case") is None


names = st.lists(st.text(string.ascii_lowercase, min_size=4, max_size=5), unique=True, min_size=2)


@given(names)
def test_different_values_stay_different(many: list[str]) -> None:
    masker = Masker(())
    made = [masker.masked(name, [()]) for name in many]
    assert len(set(map(str, made))) == len(many)
    assert made == [masker.masked(name, [()]) for name in many]
