"""What is known of a line where rows are joined to lines."""

from __future__ import annotations

import pytest

JOIN = """
mapping: acme.stock
contract: inventory.validate
vendor: acme
call:
  request: {method: GET, path: /stock}
lines:
  from: call
  rows: body.rows
  row: row.id
  line: LINE
  set: {available: row.n}
  unmatched: keep
"""


@pytest.mark.parametrize("of", ["", "  of: lines[?sku]\n"])
def test_a_line_of_a_join_has_the_fields_of_the_documents_lines(problems_of, of: str) -> None:
    text = JOIN + of
    assert problems_of(text.replace("LINE", "line.variant_id"), closed=True) == []
    assert problems_of(text.replace("LINE", "line.varaint_id"), closed=True) == ["unknown-field"]
