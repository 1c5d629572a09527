"""`gateway demo`: what a newcomer runs first."""

from __future__ import annotations

import json
import shlex
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def documents(output: str) -> list[dict[str, object]]:
    """Give the JSON documents of the output's sections, in order."""
    sections = output.split("\n── ")[1:]
    bodies = [section.partition("\n")[2] for section in sections]
    return [json.loads(body) for body in bodies if body.startswith("{\n")]


def test_once_shows_signed_requests_and_their_answers_and_ends_with_0(run) -> None:
    result = run("demo", "--once", "--port", "0")
    assert result.exit_code == 0, result.output
    before, shipped, reduced, taxed, paid, unknown, after, short = documents(result.output)
    available = [
        [item["available"] for item in document["checkout"]["items"]]  # type: ignore[index]
        for document in (before, after)
    ]
    assert available == [[79, 2], [77, 1]]
    assert short["error"]["details"]["reason"] == "out_of_stock"  # type: ignore[index]
    checkouts = [each["checkout"] for each in (shipped, reduced, taxed, paid)]
    assert [rate["price"] for rate in checkouts[0]["shipping_rates"]] == ["6.40", "18.65"]  # type: ignore[index]
    assert [item["price"] for item in checkouts[1]["items"]] == ["17.91", "7.65"]  # type: ignore[index]
    assert checkouts[2]["tax"] == "3.02"  # type: ignore[index]
    assert checkouts[3]["payments"][0]["status"] == "verified"  # type: ignore[index]
    assert unknown["error"]["category"] == "promotion_codes"  # type: ignore[index]
    for title in ("POST /inventory/consume, signed → 422", "POST /sync/consume, signed → 200"):
        assert title in result.output


def test_the_log_lines_stand_together_after_the_answers(run) -> None:
    output = run("demo", "--once", "--port", "0").output
    answers, _, logged = output.partition("── What the gateway logged")
    assert '"event":' not in answers
    lines = [json.loads(line) for line in logged.splitlines()[1:]]
    exchanges = [line["status"] for line in lines if line["event"] == "exchange"]
    assert exchanges == [200] * 5 + [422, 200, 200, 200, 422, 200]


def test_it_runs_without_any_variable_and_from_any_folder(spawn, tmp_path) -> None:
    popen = spawn("demo", "--once", "--port", 0, cwd=tmp_path).popen
    _, err = popen.communicate()
    assert (popen.returncode, err) == (0, "")


@pytest.mark.parametrize("port", [None, 0])
def test_a_taken_port_is_said_with_the_way_out(spawn, port: int | None) -> None:
    """The default port is taken here, whoever has it; another test may be that somebody."""
    try:
        taken = socket.create_server(("127.0.0.1", 8080 if port is None else port))
    except OSError:
        taken = socket.socket()
    with taken:
        option = () if port is None else ("--port", taken.getsockname()[1])
        popen = spawn("demo", *option).popen
        out, err = popen.communicate()
    assert (popen.returncode, out) == (1, "")
    assert "the port is taken" in err
    assert "--port" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_on_as_it_says_until_it_is_stopped(spawn, tmp_path: Path, sent) -> None:
    demo = spawn("demo", "--port", 0, cwd=tmp_path)
    demo.await_line("stdout", "From another shell")
    first = demo.await_line("stdout", "  NACELLE_SIGNATURE_SECRET=")
    second = demo.await_line("stdout", "    ")
    variable, command = shlex.split(first.removesuffix("\\"))[0], shlex.split(second)
    name, _, value = variable.partition("=")
    again = subprocess.run(
        command, env={name: value}, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["checkout"]["items"][0]["available"] == 77
    code, out, err = demo.end(sent)
    assert (code, err) == (0, "")
    assert '"event":"exchange"' in out
