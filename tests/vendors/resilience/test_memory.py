"""Faulty exchanges leave nothing behind; `python bench/faulty.py 10000` is the long run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_memory_stays_flat_over_two_thousand_faulty_exchanges() -> None:
    command = [sys.executable, "bench/faulty.py", "2000"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    for status in (200, 422, 500):
        assert f"{status}: " in told.stdout
