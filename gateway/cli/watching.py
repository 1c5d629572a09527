"""`gateway test --watch`: once more whenever a file of the deployment changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import click
from watchfiles import watch

from gateway.cli.show import printable
from gateway.config.load import load
from gateway.config.text import shown_path

_SUFFIXES = {".yaml", ".yml", ".json"}
_ROUND_MILLISECONDS = 200


def watching(config: Path, run: Callable[[], object]) -> None:
    """Run at once, and after each change until Ctrl-C; what ends a run ends no other."""
    with suppress(KeyboardInterrupt):
        ran = False
        while True:
            folders = _folders(config)
            for changed in _changes(folders):
                if ran and not changed:
                    continue
                if changed:
                    click.echo(printable(f"\n── changed: {', '.join(changed)}"))
                ran = True
                _once(run)
                click.echo("Watching. Ctrl-C ends it.", err=True)
                if _folders(config) != folders:
                    break


def _once(run: Callable[[], object]) -> None:
    try:
        run()
    except SystemExit:  # problems are printed by then
        pass
    except click.UsageError as error:
        error.show()


def _changes(folders: set[Path]) -> Iterator[list[str]]:
    """Give the files of each round of changes; an empty one once the watch has begun."""
    rounds = watch(
        *folders,
        watch_filter=lambda _, path: Path(path).suffix in _SUFFIXES,
        recursive=False,
        rust_timeout=_ROUND_MILLISECONDS,
        yield_on_timeout=True,
    )
    for changes in rounds:
        yield sorted({shown_path(Path(path)) for _, path in changes})


def _folders(config: Path) -> set[Path]:
    """Give the folders that hold files of the deployment, or would hold new ones."""
    folders = load(config, {}, stand_in=True).folders
    return {folder for folder in folders if folder.is_dir()}
