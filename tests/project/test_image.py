"""The image and the deployment example: the least rights that a gateway runs with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def service(root: Path) -> dict[str, object]:
    compose = yaml.safe_load((root / "deploy" / "compose.yaml").read_text())
    assert set(compose["services"]) == {"gateway"}
    found: dict[str, object] = compose["services"]["gateway"]
    return found


def test_the_image_runs_as_a_numbered_user_who_is_not_root(image: dict[str, list[str]]) -> None:
    (user,) = image["USER"]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)


def test_the_image_needs_no_shell(
    image: dict[str, list[str]], served: list[str], healthcheck: list[str]
) -> None:
    """Its commands are in the exec form, and its last stage runs none to be built."""
    assert served[:2] == ["/app/.venv/bin/gateway", "serve"]
    assert healthcheck[0] == "/app/.venv/bin/python"
    assert "RUN" not in image


def test_the_image_has_one_port_and_stops_on_sigterm(image: dict[str, list[str]]) -> None:
    assert image["EXPOSE"] == ["8080"]
    assert image["STOPSIGNAL"] == ["SIGTERM"]


def test_the_image_holds_what_the_script_assembled_and_nothing_else(
    root: Path, image: dict[str, list[str]]
) -> None:
    assert image["COPY"] == [
        "--from=build /app /app",
        "--from=build --chown=10001:10001 /data /data",
    ]
    assert 'RUN ["/source/scripts/assemble.sh", "/app"]' in (root / "Dockerfile").read_text()


def test_the_engine_is_given_what_the_script_takes_and_nothing_else(root: Path) -> None:
    script = (root / "scripts" / "assemble.sh").read_text()
    taken = re.search(r" -cf - \\\n(.+?) \|\n", script)
    assert taken
    ignored = (root / ".dockerignore").read_text().splitlines()
    given = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert given == {*taken[1].split(), "scripts"}


def test_the_deployment_can_neither_write_nor_gain_rights(
    service: dict[str, object], image: dict[str, list[str]]
) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"] == ["/tmp"]  # noqa: S108 - a mount's place, not a file of ours
    assert [service["user"]] == image["USER"]
    assert service.keys().isdisjoint({"cap_add", "privileged", "network_mode", "pid", "devices"})


def test_the_deployment_opens_one_port_and_asks_for_health_as_the_image_does(
    service: dict[str, object], healthcheck: list[str]
) -> None:
    assert service["ports"] == ["8080:8080"]
    check = service["healthcheck"]
    assert isinstance(check, dict)
    assert check["test"] == ["CMD", *healthcheck]


def test_the_deployment_mounts_all_but_its_data_read_only(
    service: dict[str, object], image: dict[str, list[str]]
) -> None:
    volumes = service["volumes"]
    assert isinstance(volumes, list)
    assert [volume for volume in volumes if not volume.endswith(":ro")] == ["orders:/data"]
    assert {volume.split(":")[1] for volume in volumes} == {
        "/config/gateway.yaml",
        "/config/mappings",
        *image["VOLUME"],
    }
    assert any("sqlite:////data/" in line for line in image["ENV"])


def test_the_deployment_sets_every_variable_that_the_configuration_requires(
    root: Path, service: dict[str, object]
) -> None:
    """None has a value of its own there: each must come from outside."""
    required = set(re.findall(r"\{env: (\w+)\}", (root / "gateway.yaml").read_text()))
    environment = service["environment"]
    assert isinstance(environment, dict)
    assert required <= environment.keys()
    assert all(value.startswith(f"${{{name}:?") for name, value in environment.items())
