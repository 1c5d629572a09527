"""Each example of docs/authentication.md loads, and the page names what the log says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.plan.build import build

PAGE = (Path(__file__).parents[2] / "docs" / "authentication.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
MAPPING = """
mapping: stock
contract: inventory.validate
vendor: acme
call:
  request: {method: GET, path: /stock}
"""


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_an_example_loads(configure, tmp_path, block) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for path in re.findall(r"(?:secrets|certs)/[\w.-]+", block):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(pem)
    keys = yaml.safe_load(block)
    more = {"storage": keys.pop("storage")} if "storage" in keys else {}
    configuration = configure(
        MAPPING,
        vendors={"acme": {"base_url": "https://api.acme.example", **keys}},
        environment=dict.fromkeys(set(re.findall(r"env: (\w+)", block)) - {"GATEWAY_STORAGE"}, "a"),
        **more,
    )
    assert build(configuration) is not None
    assert configuration.problems.found == []


def test_every_type_has_an_example() -> None:
    types = {found for block in BLOCKS for found in re.findall(r"type: (\w+)", block)}
    assert types == {"bearer", "basic", "api_key", "oauth2", "oauth1", "hmac"}
    grants = {found for block in BLOCKS for found in re.findall(r"grant: (\w+)", block)}
    assert grants == {"client_credentials", "password", "refresh_token"}
