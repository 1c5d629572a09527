"""The JSON Schemas that make an editor complete keys and show what they mean.

Made from the very records that the reader uses; schemas/gateway/ holds the result.
"""

from __future__ import annotations

import json
from pathlib import Path

from gateway.config.mapping_spec import MAPPING_FILE
from gateway.config.spec import GATEWAY_FILE
from gateway.lossless import Json

_DRAFT = "http://json-schema.org/draft-07/schema#"


def editor_schemas() -> dict[str, str]:
    """Give the text of each schema by its file's name."""
    return {
        "gateway.json": schema_text(GATEWAY_FILE.json_schema()),
        "mapping.json": schema_text(MAPPING_FILE.json_schema()),
    }


def write(folder: Path) -> None:
    """Write the schemas into a folder."""
    for name, text in editor_schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


def schema_text(schema: dict[str, Json]) -> str:
    """Write a schema as a file."""
    return json.dumps({"$schema": _DRAFT, **schema}, indent=2, ensure_ascii=False) + "\n"
