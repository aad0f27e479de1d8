"""`flask papers`: each paper of two cases in its folder, all on one sheet, and a clear word where something is not right."""

from click.testing import CliRunner
from PIL import Image

from workflow.papers_command import CASES, papers


def test_papers_of_both_cases_and_a_contact_sheet(tmp_path) -> None:
    keys = ["report_receipt", "exit_notice"]
    told = CliRunner().invoke(papers, [*keys, "--out", str(tmp_path), "--sheet", str(tmp_path / "all.png")])
    assert told.exit_code == 0, told.output
    for case in CASES:
        assert {file.stem for file in (tmp_path / case).glob("*.pdf")} == set(keys)
    with Image.open(tmp_path / "all.png") as sheet:
        assert sheet.width > 2 * 410
        assert len(sheet.getcolors()) > 10


def test_what_is_asked_wrongly_is_said(tmp_path) -> None:
    for words in (["--out", str(tmp_path)], ["--all"], ["no_such_paper", "--out", str(tmp_path)]):
        assert CliRunner().invoke(papers, words).exit_code == 2
