"""`flask papers`: every paper of the table for an ordinary and a long-named sample case, and all of them on one sheet."""

import subprocess
import tempfile
from pathlib import Path

import click
from PIL import Image, ImageDraw

from pdf.__main__ import main as preview
from workflow.domain.documents import DOCUMENTS

CASES = ("sample", "long")
DOTS, ACROSS, MARGIN = 50, 8, 12
"""The contact sheet: dots an inch, papers a row, room around each in dots."""


@click.command("papers")
@click.argument("keys", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every paper of the table.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the papers of both cases.")
@click.option("--sheet", type=click.Path(path_type=Path, dir_okay=False), help="One picture (PNG) of all first pages.")
def papers(keys: tuple[str, ...], every: bool, out: Path | None, sheet: Path | None) -> None:
    """Print the papers of two sample cases, to look at them."""
    unknown = [key for key in keys if key not in DOCUMENTS]
    if unknown:
        raise click.BadParameter(f"not in the table of papers: {', '.join(unknown)}")
    if out is None and sheet is None or not (keys or every or sheet):
        raise click.UsageError("Say which papers (--all or their keys) and where to (--out, --sheet).")
    wanted = keys or tuple(DOCUMENTS)
    with tempfile.TemporaryDirectory() as spare:
        folder = out or Path(spare)
        for case in CASES if out else CASES[:1]:
            if preview([f"--{case}", "--out", str(folder / case), *wanted]):
                raise click.ClickException("A paper could not be made.")
        if sheet:
            contact_sheet([folder / CASES[0] / f"{key}.pdf" for key in wanted], Path(spare)).save(sheet)
    click.echo(f"{len(wanted)} papers")


def contact_sheet(files: list[Path], spare: Path) -> Image.Image:
    """Lay the first page of each paper beside the others, each under its key."""
    pages = []
    for file in files:
        page = spare / file.stem
        subprocess.run(
            ["pdftoppm", "-r", str(DOTS), "-f", "1", "-l", "1", "-singlefile", "-png", file, page], check=True
        )
        with Image.open(page.with_suffix(".png")) as drawn:
            pages.append(drawn.convert("L"))
    wide, high = (max(sides) + 2 * MARGIN for sides in zip(*(page.size for page in pages), strict=True))
    across = min(ACROSS, len(pages))
    whole = Image.new("L", (wide * across, high * -(-len(pages) // across)), 200)
    named = ImageDraw.Draw(whole)
    for place, (file, page) in enumerate(zip(files, pages, strict=True)):
        x, y = place % across * wide + MARGIN, place // across * high + MARGIN
        whole.paste(page, (x, y))
        named.text((x, y - MARGIN), file.stem, fill=0)
    return whole
