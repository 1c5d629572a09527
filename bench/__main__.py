"""`python -m bench [SECTION …]`: measures, prints the tables, and on demand writes the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from bench import report
from bench.sections import SECTIONS, Block
from bench.shipped import ROOT

_PAGE = ROOT / "docs" / "performance.md"
_BLOCK = "<!-- {name}: written by `make bench WRITE=1` -->\n"
_END = "<!-- end -->"


@click.command()
@click.argument("sections", nargs=-1, type=click.Choice(list(SECTIONS)))
@click.option("--write", is_flag=True, help="Put what was measured into docs/performance.md.")
def main(sections: tuple[str, ...], *, write: bool) -> None:
    """Measure these sections of docs/performance.md, or all, and print the figures as tables."""
    page = _PAGE.read_text()
    pictures: dict[str, str] = {}
    for origin, block in _blocks(sections):
        text = "\n".join([origin, "", *block.lines])
        click.echo(f"{text}\n")
        if block.picture is not None:
            file = f"{block.name}.svg"
            pictures[file] = block.picture
            text += f"\n\n![{block.name}]({_PAGE.stem}/{file})"
        page = _put(page, block.name, text)
    if write:
        _PAGE.write_text(page)
        folder = _PAGE.with_suffix("")
        folder.mkdir(exist_ok=True)
        for file, picture in pictures.items():
            (folder / file).write_text(picture)


def _blocks(sections: tuple[str, ...]) -> Iterator[tuple[str, Block]]:
    """Give each block with the line that says where its figures come from."""
    for name, section in SECTIONS.items():
        if name in sections or not sections:
            for block in section.blocks():
                yield report.origin(name, section.beside()), block


def _put(page: str, name: str, table: str) -> str:
    """Replace the named block of the page."""
    head = _BLOCK.format(name=name)
    block = re.compile(re.escape(head) + ".*?" + re.escape(_END), re.DOTALL)
    changed, count = block.subn(lambda _: f"{head}{table}\n{_END}", page)
    if count != 1:
        raise SystemExit(f"{_PAGE.name} has no block `{name}`.")
    return changed


if __name__ == "__main__":
    main()
