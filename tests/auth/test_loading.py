"""What a deployment loads depends on what its vendors need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from pathlib import Path
from gateway.cli.common import read
from gateway.cli.serve import make_app
make_app(read(Path(sys.argv[1])))
print([name for name in ("sqlalchemy", "alembic", "authlib", "oauthlib") if name in sys.modules])
"""
MAPPING = """
mapping: stock
contract: inventory.validate
vendor: acme
call:
  request: {method: GET, path: /stock}
"""
OAUTH1 = {
    name: {"env": "A"} for name in ("consumer_key", "consumer_secret", "token", "token_secret")
}
OAUTH2 = {
    "type": "oauth2",
    "token_url": "https://login.example.com/token",
    "client_id": {"env": "A"},
    "client_secret": {"env": "A"},
}
CASES = {
    "fixed": ({"type": "bearer", "token": {"env": "A"}}, []),
    "hmac": ({"type": "hmac", "secret": {"env": "A"}, "header": "X-A"}, []),
    "oauth1": ({"type": "oauth1", **OAUTH1}, ["oauthlib"]),
    "client credentials": ({**OAUTH2, "grant": "client_credentials"}, []),
    "refresh token": (
        {**OAUTH2, "grant": "refresh_token", "refresh_token": {"env": "A"}},
        ["sqlalchemy"],
    ),
}


@pytest.mark.parametrize(("auth", "loaded"), CASES.values(), ids=CASES)
def test_libraries_are_loaded_only_where_a_vendor_needs_them(
    configure, tmp_path, auth, loaded
) -> None:
    assert load_with(configure, tmp_path, auth=auth) == str(loaded)
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(("shared", "loaded"), [(False, []), (True, ["sqlalchemy"])])
def test_the_database_is_loaded_for_limits_only_where_they_are_shared(
    configure, tmp_path, shared, loaded
) -> None:
    limits = {"concurrency": 5, "shared": shared}
    assert load_with(configure, tmp_path, limits=limits) == str(loaded)
    assert not (tmp_path / "var").exists()


def load_with(configure, folder: Path, **settings: object) -> str:
    """Say which libraries a deployment of one vendor loads."""
    configure(MAPPING, vendors={"acme": {"base_url": "https://a.example", **settings}})
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder / "gateway.yaml")],
        env={"A": "a", "SECRET": "s"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return done.stdout.strip()
