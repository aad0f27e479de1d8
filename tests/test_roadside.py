"""Checking a paper where there is no network: the code of a real permit, pinned keys and the list of withdrawn papers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from tests.test_verify_page import ROW, code_of, issued, subject_of  # noqa: F401 - a fixture
from workflow import casework, printing, withdrawals
from workflow.casework import Act
from workflow.cli import COMMANDS
from workflow.demonstration import Season
from workflow.domain.everywhere import Correction, Reason
from workflow.domain.evidence import Nothing
from workflow.domain.permit import EmploymentEnd, PermitEnd
from workflow.store import payloads, seals
from workflow.store.database import begin_write
from workflow.store.history import record_of
from workflow.store.projections import Document
from workflow.store.seals import Purpose

Terminal = Callable[..., Result]


@pytest.fixture
def terminal(app: Flask) -> Terminal:
    """The office's commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
    return lambda *words: app.test_cli_runner().invoke(args=list(words))


def printed(season: Season, key: str = "permit_record") -> str:
    """What a scanner reads from the large code of the newest paper of a kind."""
    season.desk.session.rollback()
    newest = select(Document.subject).filter_by(key=key).order_by(Document.version.desc()).limit(1)
    paper = season.desk.session.scalars(newest).one()
    return record_of(season.desk.session, paper).history[0].evidence.facts["document"]["signed_url"]


def test_a_permit_is_judged_offline_in_three_languages(issued: Season, terminal: Terminal) -> None:  # noqa: F811
    for key in ("permit_record", "pocket_card"):
        told = terminal("verify-qr", printed(issued, key))
        assert told.exit_code == 0, told.output
    told = terminal("verify-qr", printed(issued))
    for part in ("in force", "S••• D•••", "สวนลำไยตัวอย่าง จำกัด", "26 Feb 2027", "SPECIMEN", "Chanthaburi"):
        assert part in told.output
    for part in ("SOK", "DARA", "PL160816", "1987"):
        assert part not in told.output
    thai, khmer = (terminal("verify-qr", printed(issued), "--lang", said).output for said in ("th", "km"))
    assert "จันทบุรี" in thai
    assert "ចន្ទបុរី" in khmer


def test_key_and_list_are_enough(issued: Season, terminal: Terminal, tmp_path: Path) -> None:  # noqa: F811
    key, listed = tmp_path / "key.pem", tmp_path / "withdrawn.txt"
    key.write_text(terminal("keys", "show").output)
    assert terminal("withdrawn", "--out", str(listed)).exit_code == 0
    words = ("verify-qr", printed(issued), "--key", str(key))
    assert "No list" in terminal(*words).output
    assert terminal(*words, "--list", str(listed)).exit_code == 0
    assert terminal(*words, "--on", "2027-02-27").exit_code == 5
    assert terminal(*words, "--on", "2026-01-01").exit_code == 6
    text = printed(issued)
    assert terminal("verify-qr", text[:-30] + "A" * 30, "--key", str(key)).exit_code == 1
    listed.write_text(listed.read_text().replace("saphan", "Saphan"))
    told = terminal(*words, "--list", str(listed))
    assert (told.exit_code, "not signed by a trusted key" in told.output) == (1, True)


def test_revoked_replaced_and_stopped_are_told_apart(issued: Season, terminal: Terminal) -> None:  # noqa: F811
    desk, cast, permit = issued.desk, issued.cast, subject_of(issued, "permit")
    casework.perform(desk, cast["registrar"], permit, "hold", Reason(reason="ตรวจสอบ"), Act())
    assert terminal("verify-qr", printed(issued)).exit_code == 9
    old, application = printed(issued), subject_of(issued, "application")
    checked = record_of(desk.session, application).last("check_identity")
    values = checked.evidence.plain() | {"name_latin": "SOK DARAA"}
    proposed = Correction(number=checked.number, values=values, reason="สะกดผิด")
    casework.perform(desk, cast["officer"], application, "propose_correction", proposed, Act())
    casework.perform(desk, cast["clerk"], application, "confirm_correction", Nothing(), Act())
    told = terminal("verify-qr", old)
    newer = desk.session.scalars(select(Document.number).filter_by(key="permit_record", state="owed")).all()
    assert (told.exit_code, newer[-1] in told.output) == (4, True)
    assert terminal("verify-qr", printed(issued)).exit_code == 9
    casework.perform(desk, cast["registrar"], permit, "release", Reason(reason="ตรวจแล้ว"), Act())
    assert terminal("verify-qr", printed(issued)).exit_code == 0
    stated = {"reason_code": "resigned", "reason": "ลาออก"}
    left = EmploymentEnd(employer=cast.entries["orchard"], last_day=issued.calendar.today(), **stated)
    casework.perform(desk, cast["owner"], permit, "end_employment", left, Act())
    ended = PermitEnd(ended_on=issued.calendar.today(), **stated)
    casework.perform(desk, cast["officer"], permit, "end_permit", ended, Act())
    assert terminal("verify-qr", printed(issued)).exit_code == 8


def test_the_list_names_no_person_and_keeps_its_edition_while_nothing_happens(issued: Season) -> None:  # noqa: F811
    first, later = withdrawals.newest(issued.desk), withdrawals.newest(issued.desk)
    assert first.split()[4] == later.split()[4]
    assert "SOK" not in first
    assert first.startswith("saphan withdrawn 1\n")


def test_why_a_permit_stopped_is_said_by_its_class() -> None:
    from workflow.store.projections import Case

    said = {
        (state, flags): withdrawals._why(Case(state=state, flags=flags))
        for state, flags in (("active", ""), ("active", "suspended"), ("revoked", ""), ("exited", ""), ("deceased", ""))
    }
    assert list(said.values()) == [None, "stopped", "revoked", "ended", "ended"]


def test_a_revoked_key_is_trusted_no_more(issued: Season, terminal: Terminal) -> None:  # noqa: F811
    session, text = issued.desk.session, printed(issued)
    begin_write(session)
    row = seals.in_use(session, Purpose.CODES)
    seals.revoke(session, row, issued.desk.now())
    session.commit()
    assert seals.private_part(session, row) == b""
    told = terminal("verify-qr", text)
    assert (told.exit_code, "no key of codes yet" in told.output) == (1, True)
    key = terminal("keys", "show").output
    assert key.startswith("-----BEGIN PUBLIC KEY-----")
    told = terminal("verify-qr", text)
    assert (told.exit_code, "key that is not trusted" in told.output) == (10, True)
    assert terminal("keys", "list").output.count("\trevoked ") == 1


def test_a_changed_row_of_a_key_is_noticed(issued: Season) -> None:  # noqa: F811
    session = issued.desk.session
    row = seals.in_use(session, Purpose.CODES)
    row.office = "other"
    with pytest.raises(payloads.Tampered):
        seals.private_part(session, row)
    session.rollback()


def test_a_signed_paper_is_told_apart_from_what_was_made_of_it(issued: Season, terminal: Terminal, tmp_path: Path) -> None:  # noqa: F811
    desk, file, pem = issued.desk, tmp_path / "paper.pdf", tmp_path / "ca.pem"
    paper = desk.session.scalars(select(Document).filter_by(key="permit_record")).one()
    subject, number = paper.subject, paper.number
    body = printing.make(desk, subject)
    file.write_bytes(body)
    pem.write_text(terminal("keys", "authority").output)
    key, listed = tmp_path / "key.pem", tmp_path / "withdrawn.txt"
    key.write_text(terminal("keys", "show").output)
    offline = ("verify-paper", str(file), "--ca", str(pem))
    with_list = (*offline, "--key", str(key), "--list", str(listed))
    told = terminal("verify-paper", str(file))
    assert (told.exit_code, number in told.output) == (0, True), told.output
    assert terminal(*offline).exit_code == 0
    for changed, exit_code in ((body[:-9], 1), (body + b"\n", 1), (body.replace(b"a", b"b", 1), 1), (b"%PDF", 11)):
        file.write_bytes(changed)
        assert [terminal("verify-paper", str(file)).exit_code, terminal(*offline).exit_code] == [exit_code] * 2
    file.write_bytes(printing.pdf.stamp(body, "copy 1"))
    assert terminal(*offline).exit_code == 11
    file.write_bytes(body)
    desk.session.rollback()
    held = Reason(reason="ตรวจสอบ")
    casework.perform(desk, issued.cast["registrar"], subject_of(issued, "permit"), "hold", held, Act())
    terminal("withdrawn", "--out", str(listed))
    assert [terminal("verify-paper", str(file)).exit_code, terminal(*with_list).exit_code] == [9, 9]
    begin_write(desk.session)
    seals.revoke(desk.session, seals.in_use(desk.session, Purpose.PAPERS, paper.office), desk.now())
    desk.session.commit()
    terminal("withdrawn", "--out", str(listed))
    assert [terminal("verify-paper", str(file)).exit_code, terminal(*with_list).exit_code] == [12, 12]
    pem.write_text("no certificate")
    assert "no certificate" in terminal(*offline).output


def test_after_a_revoked_key_papers_are_signed_with_a_new_one(issued: Season, terminal: Terminal, tmp_path: Path) -> None:  # noqa: F811
    desk, file = issued.desk, tmp_path / "paper.pdf"
    papers = desk.session.scalars(select(Document.subject).filter_by(state="owed").order_by(Document.number)).all()
    first = next(one for one in papers if desk.session.get(Document, one).key == "permit_record")
    printing.make(desk, first)
    desk.session.rollback()
    office = desk.session.get(Document, first).office
    begin_write(desk.session)
    seals.revoke(desk.session, seals.in_use(desk.session, Purpose.PAPERS, office), desk.now())
    desk.session.commit()
    other = next(one for one in papers if desk.session.get(Document, one).key == "pocket_card")
    file.write_bytes(printing.make(desk, other))
    assert terminal("verify-paper", str(file)).exit_code == 0
