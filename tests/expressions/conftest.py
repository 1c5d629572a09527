"""How thoroughly properties are tested: `--hypothesis-profile=nightly` tries ten times as much."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("nightly", max_examples=1_000)
