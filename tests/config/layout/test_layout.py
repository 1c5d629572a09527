"""The one layout, case by case."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from gateway.config.layout.file import lay_out

if TYPE_CHECKING:
    from gateway.lossless import Json

SCHEMA: dict[str, Json] = {
    "properties": {
        "first": {},
        "list": {"items": {"anyOf": [{"type": "string"}, {"properties": {"a": {}, "b": {}}}]}},
        "names": {"additionalProperties": {"properties": {"a": {}, "b": {}}}},
        "last": {},
    }
}


def lay(text: str, schema: dict[str, Json] = SCHEMA) -> str:
    new = lay_out(dedent(text).lstrip("\n").encode(), schema)
    assert lay_out(new.encode(), schema) == new
    return new


CASES = {
    "keys stand in the order of the reference, those of one's own stay": (
        """
        last: 1
        names:
          z: {b: 1, a: 2}
          y: {}
        first: {b: 1, a: 2}
        """,
        """
        first: {b: 1, a: 2}
        names:
          z: {a: 2, b: 1}
          y: {}
        last: 1
        """,
    ),
    "a level is two spaces, and lists are indented": (
        """
        first:
            deep:
             - a:   1
               b:
                - c
             -   d
             -
               e: 2
        list:
        - - x
          - y
        """,
        """
        first:
          deep:
            - a: 1
              b:
                - c
            - d
            - e: 2
        list:
          - - x
            - y
        """,
    ),
    "quotes are double, and there where they are needed": (
        """
        first: 'plain'
        list:
          - 'it''s'
          - 'lines[?sku == ''A #1'']'
          - "!(body.errors)"
          - 'say "no"'
          - '!say "no"'
          - '12'
          - "yes"
          - '2025-08-20'
          - ''
          - "a\\tb"
          - ['x', "y z", 'https://a.example']
        "last": 'a: b'
        """,
        """
        first: plain
        list:
          - it's
          - "lines[?sku == 'A #1']"
          - "!(body.errors)"
          - say "no"
          - '!say "no"'
          - "12"
          - "yes"
          - "2025-08-20"
          - ""
          - "a\\tb"
          - [x, "y z", "https://a.example"]
        last: "a: b"
        """,
    ),
    "comments at the end of a line stand in one column": (
        """
        first: # above
          a: 1 # short
          b: 2       # also
          long: 12345678901234567890123456789012345678901234567890 # behind
          text: >- # folded
            a
            b
        """,
        """
        first:                                              # above
          a: 1                                              # short
          b: 2                                              # also
          long: 12345678901234567890123456789012345678901234567890  # behind
          text: >-                                          # folded
            a
            b
        """,
    ),
    "comments move with what they stand above or in": (
        """
        # of the file

        # of the last
        last: 1

        # of names
        names:
          z:
            b: 1
            # of a
            a: 2
            # the end of z
          # the end of names
        # of first
        first: 1
        # the end
        """,
        """
        # of the file

        # of first
        first: 1

        # of names
        names:
          z:
            # of a
            a: 2
            b: 1
            # the end of z
          # the end of names
        # of the last
        last: 1
        # the end
        """,
    ),
    "comments at a list's elements stand above the dash": (
        """
        list:
          # one
          -
            # two
            b: 1
            # three
            a: 2
          - # four
            b: 1
        """,
        """
        list:
          # one
          # two
          # three
          - a: 2
            b: 1
          # four
          - b: 1
        """,
    ),
    "blank lines stay, one at a time and none where a block begins": (
        """


        first:

          a: 1


          b: 2

        last: 1


        """,
        """
        first:
          a: 1

          b: 2

        last: 1
        """,
    ),
    "braces and brackets stay while they fit on a line": (
        f"""
        first: {{  a: 1,
          b: [ x,y ] }}
        list: [{", ".join(f"'number {each}'" for each in range(4))}, {{a: "{"x" * 60}", b: c}}]
        """,
        f"""
        first: {{a: 1, b: [x, y]}}
        list:
          - number 0
          - number 1
          - number 2
          - number 3
          - {{a: {"x" * 60}, b: c}}
        """,
    ),
    "braces with comments in them are moved as they are": (
        """
        first:
           deep: {a: 1,   # one
                  b: 2}   # two
        """,
        """
        first:
          deep: {a: 1,   # one
                 b: 2}                                      # two
        """,
    ),
    "texts of several lines keep their lines": (
        """
        first: |+
            literal
              more

            end

        list:
          - >2-
                kept
          - plain
              goes on

              here
          - "quoted
             too"
        last: |
          x
        """,
        """
        first: |+
          literal
            more

          end

        list:
          - >2-
                kept
          - plain
            goes on

            here
          - "quoted
            too"
        last: |
          x
        """,
    ),
    "a value below its key comes up beside it": (
        """
        first: # at the key
          # between
          value # at the value
        last:
        """,
        """
        # at the key
        # between
        first: value                                        # at the value
        last:
        """,
    ),
    "marks of a document and line ends of Windows go": (
        "--- # start\r\nfirst: 1  \r\nlast: 2\r\n...\r\n",
        """
        # start
        first: 1
        last: 2
        """,
    ),
    "a text that ends with the file keeps its end": (
        "first: 1\nlast: |\n  x",
        """
        first: 1
        last: |-
          x
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_the_layout(before: str, after: str) -> None:
    assert lay(before) == dedent(after).lstrip("\n")
