"""A rehearsal from the command line: the same seed and day give the same bytes, and what it leaves is sound."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from workflow import app as application
from workflow.cli import COMMANDS
from workflow.config import Config

LIST = "ชื่อ-สกุล,เพศ,เลขบัตรผ่านแดน\nKIM KOSAL,ชาย,PL160816\nSOK DARA,หญิง,PL160817\nCHAN THIDA,หญิง,PL160816\n"


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The commands in a home of their own, which holds no office yet."""
    home = tmp_path_factory.mktemp("home")
    database = f"sqlite:///{home / 'saphan.sqlite'}"
    app = application.create_app(
        Config(home=home, database=database, site="https://saphan.example", demonstration=False)
    )
    for one in COMMANDS:
        app.cli.add_command(one)
    return app


def run(command: Flask, *words: str) -> Result:
    return command.test_cli_runner().invoke(args=list(words))


def test_a_rehearsal_is_repeatable_to_the_byte_and_its_store_verifies(command: Flask, tmp_path: Path) -> None:
    names = tmp_path / "list.csv"
    names.write_text(LIST, encoding="utf-8")
    papers = []
    for folder in ("first", "second"):
        done = run(command, "demo", str(names), "--out", str(tmp_path / folder), "--on", "2027-03-01")
        assert done.exit_code == 0, done.output
        papers.append({file.name: file.read_bytes() for file in (tmp_path / folder).iterdir()})
    account = json.loads(done.output.splitlines()[-1])
    assert (account["rows"], account["accepted"], account["refused"], account["permits"]) == (3, 2, 1, 2)
    assert papers[0] == papers[1]
    assert len(papers[0]) == account["documents"]

    verified = run(command, "verify")
    assert verified.exit_code == 0, verified.output
    assert "BREACH" not in verified.output
