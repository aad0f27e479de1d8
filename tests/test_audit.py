"""The auditor: reads whole files, proves them, prints them outside the count; every look on record, nothing changed."""

import ast
import csv
import io
import re
from datetime import date
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from tests.signing_in import press, sign_in_as, token
from tests.test_casework import ROWS
from workflow.demonstration import Season
from workflow.desk import Desk
from workflow.domain.evidence import questions
from workflow.ledgers import Gap, Line, with_gaps
from workflow.store.chain import all_events
from workflow.store.database import begin_write
from workflow.store.history import record_of
from workflow.store.projections import Case, Document, FeeLine
from workflow.store.truth import AccessRow
from workflow.web.audit import harmless, written
from workflow.web.reading import PURPOSES

ROOT = Path(__file__).parent.parent
PAGES = ("/audit", "/audit/verify", "/audit/registers", "/audit/registers.csv")


@pytest.fixture
def auditor(client: FlaskClient, request: pytest.FixtureRequest) -> FlaskClient:
    """The auditor's browser, signed in after the season, whose days pass by."""
    if "issued" in request.fixturenames:
        request.getfixturevalue("issued")
    sign_in_as(client, "auditor")
    return client


@pytest.fixture
def issued(season: Season) -> str:
    """The reference of an application whose permit was issued."""
    season.request(ROWS)
    first = next(iter(season.desk.session.scalars(select(Case.subject).filter_by(flow="application"))))
    season.drive([first])
    season.desk.session.rollback()
    return season.desk.session.scalars(select(Case.reference).filter_by(subject=first)).one()


def events(desk: Desk) -> int:
    desk.session.rollback()
    return sum(1 for _ in all_events(desk.session))


def by_hand(desk: Desk, *changes: str) -> None:
    """Change the database past the application, as a thief would."""
    desk.session.rollback()
    begin_write(desk.session)
    for change in changes:
        desk.session.execute(text(change))
    desk.session.commit()


def readings(desk: Desk) -> int:
    desk.session.rollback()
    return desk.session.query(AccessRow).count()


def read(pdf: bytes) -> str:
    document = pdfium.PdfDocument(pdf)
    words = " ".join(document[page].get_textpage().get_text_range() for page in range(len(document)))
    document.close()
    return " ".join(words.split())


def print_it(auditor: FlaskClient, reference: str, reason: str, sign: str = "once") -> TestResponse:
    page = auditor.get(f"/audit/cases/{reference}")
    typed = {"csrf_token": token(page), "reason": reason, "request_id": sign}
    return auditor.post(f"/audit/cases/{reference}/print", data=typed)


# --- who, and what it leaves behind


@pytest.mark.parametrize(
    "user_name", ["officer", "registrar", "admin", "owner", "cashier", "hospital", "gate"]
)
def test_nobody_else_comes_in(client: FlaskClient, user_name: str) -> None:
    sign_in_as(client, user_name)
    assert {client.get(page).status_code for page in (*PAGES, "/audit/cases/X")} == {403}
    assert press(client, "/audit/cases/X/print", seen_on="/account").status_code == 403


def test_a_look_is_on_record_and_changes_nothing(auditor: FlaskClient, desk: Desk, issued: str) -> None:
    before = events(desk)
    for page in (
        *PAGES[:1],
        *PAGES[2:],
        f"/audit/cases/{issued}",
        f"/audit/verify?what=case&reference={issued}",
    ):
        known = readings(desk)
        assert auditor.get(page).status_code == 200
        assert readings(desk) > known, page
    assert events(desk) == before


def test_a_file_of_another_province_is_not_found(auditor: FlaskClient, desk: Desk, issued: str) -> None:
    assert auditor.get("/audit/cases/PNR-64-2569-999999").status_code == 404
    assert auditor.get("/audit/verify?what=case&reference=nothing").status_code == 404
    assert auditor.get("/audit/verify?what=office&office=XYZ").status_code == 404
    assert auditor.get("/audit/verify?what=day&office=system").status_code == 404
    by_hand(desk, "UPDATE case_row SET office = 'ELSEWHERE'")
    assert auditor.get(f"/audit/cases/{issued}").status_code == 404
    assert print_it_blindly(auditor, issued) == 404


def print_it_blindly(auditor: FlaskClient, reference: str) -> int:
    return press(auditor, f"/audit/cases/{reference}/print", seen_on="/account").status_code


def test_the_auditor_is_offered_no_step(auditor: FlaskClient, desk: Desk, issued: str) -> None:
    for page in (f"/audit/cases/{issued}", f"/cases/{issued}"):
        assert "/steps/" not in auditor.get(page).text


# --- the day and the file


def test_the_day_lists_what_was_recorded(auditor: FlaskClient, desk: Desk, issued: str) -> None:
    text_ = auditor.get("/audit").text
    assert issued in text_
    *_, last = all_events(desk.session)
    assert last.hash.hex() in text_
    assert issued not in auditor.get("/audit?on=1/1/2569").text


def test_the_file_shows_every_event_every_paper_and_who_looked(
    auditor: FlaskClient, desk: Desk, issued: str
) -> None:
    subject = desk.session.scalars(select(Case.subject).filter_by(reference=issued)).one()
    text_ = auditor.get(f"/audit/cases/{issued}").text
    assert all(e.hash.hex() in text_ for e in all_events(desk.session) if e.envelope.subject == subject)
    papers = list(desk.session.scalars(select(Document).filter_by(owner=subject)))
    assert papers
    assert all(paper.number in text_ for paper in papers)
    assert "แฟ้มเรื่อง" in auditor.get(f"/audit/cases/{issued}").text


def test_sealed_facts_stay_sealed(auditor: FlaskClient, desk: Desk, issued: str) -> None:
    page = auditor.get(f"/audit/cases/{issued}").text
    subject = desk.session.scalars(select(Case.subject).filter_by(reference=issued)).one()
    for done in record_of(desk.session, subject).history:
        for name, asked in questions(type(done.evidence)).items():
            value = getattr(done.evidence, name)
            if asked.sealed and isinstance(value, str) and len(value) > 6:
                assert value not in page, name


def test_the_print_needs_a_reason_and_is_outside_the_count(
    auditor: FlaskClient, desk: Desk, issued: str
) -> None:
    assert print_it(auditor, issued, "").status_code == 422
    subject = desk.session.scalars(select(Case.subject).filter_by(reference=issued)).one()
    counted = {
        p.number: (p.original_out, p.copies)
        for p in desk.session.scalars(select(Document).filter_by(owner=subject))
    }
    answer = print_it(auditor, issued, "สุ่มตรวจ")
    assert answer.status_code == 200
    told = read(answer.data)
    assert issued in told
    for entry in all_events(desk.session):
        if entry.envelope.subject == subject:
            assert entry.hash.hex()[:16] in told.replace(" ", "")
    desk.session.rollback()
    after = {
        p.number: (p.original_out, p.copies)
        for p in desk.session.scalars(select(Document).filter_by(owner=subject))
    }
    assert after == counted
    printed = [e for e in all_events(desk.session) if e.envelope.step == "print_audit_copy"]
    assert len(printed) == len(counted)
    assert print_it(auditor, issued, "สุ่มตรวจ").status_code == 200
    assert len([e for e in all_events(desk.session) if e.envelope.step == "print_audit_copy"]) == len(counted)


# --- verification


def proved(auditor: FlaskClient, asked: str) -> bool:
    page = auditor.get(f"/audit/verify?{asked}")
    assert page.status_code == 200
    return "saphan-notice--good" in page.text


WHAT = ("what=case&reference={}", "what=day&office=PNR&on=2026-11-23", "what=office&office=PNR")


def test_an_untouched_store_is_sound(auditor: FlaskClient, desk: Desk, issued: str) -> None:
    office = desk.session.scalars(select(Case.office).filter_by(reference=issued)).one()
    for asked in WHAT:
        assert proved(auditor, asked.format(issued).replace("PNR", office)), asked


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET hash = zeroblob(32) WHERE subject = :subject AND number = 2",
        "UPDATE event SET step = 'decide' WHERE subject = :subject AND number = 2",
        "UPDATE event SET bytes = CAST(replace(CAST(bytes AS text), '\"person\"', '\"Person\"') AS blob)"
        " WHERE subject = :subject AND number = 2",
        "UPDATE payload SET ciphertext = zeroblob(40)"
        " WHERE position = (SELECT position FROM event WHERE subject = :subject AND number = 2)",
    ],
)
def test_a_change_by_hand_is_found(auditor: FlaskClient, desk: Desk, issued: str, change: str) -> None:
    case = desk.session.scalars(select(Case).filter_by(reference=issued)).one()
    subject, office = case.subject, case.office
    triggers = desk.session.scalars(text("SELECT name FROM sqlite_schema WHERE type = 'trigger'")).all()
    by_hand(desk, *(f"DROP TRIGGER {name}" for name in triggers), change.replace(":subject", f"'{subject}'"))
    assert not proved(auditor, WHAT[0].format(issued))
    assert not proved(auditor, WHAT[2].replace("PNR", office))


def test_a_row_that_lies_is_found(auditor: FlaskClient, desk: Desk, issued: str) -> None:
    by_hand(desk, f"UPDATE case_row SET state = 'refused' WHERE reference = '{issued}'")
    assert not proved(auditor, WHAT[0].format(issued))


# --- registers


def test_the_register_of_permits_and_receipts(auditor: FlaskClient, desk: Desk, issued: str) -> None:
    days = "first=2026-11-01&last=2027-06-30"
    for kind, number in (
        ("permits", desk.session.scalars(select(Document.number).filter_by(key="permit_record")).first()),
        ("fee_records", desk.session.scalars(select(Document.number).filter_by(key="fee_receipt")).first()),
        ("receipts", desk.session.scalars(select(FeeLine.receipt).filter_by(status="paid")).first()),
    ):
        page = auditor.get(f"/audit/registers?kind={kind}&{days}").text
        assert number in page, kind
        rows = list(csv.reader(io.StringIO(auditor.get(f"/audit/registers.csv?kind={kind}&{days}").text[1:])))
        assert any(number == row[0] for row in rows), kind


def line(number: str) -> Line:
    return Line(number, date(2026, 11, 23), "R", "T", "", "paid")


def gaps(desk: Desk, *numbers: str) -> list[tuple[str, int]]:
    return [
        (g.first, g.count)
        for g in with_gaps(desk, [line(n) for n in numbers], "receipts")
        if isinstance(g, Gap)
    ]


def test_gaps_are_named_one_by_one_unless_too_many(desk: Desk) -> None:
    assert gaps(desk, "12 1", "12 2", "12 2", "12 4") == [("12 3", 1)]
    assert gaps(desk, "12 1", "13 9") == []
    assert gaps(desk, "PNR-PR 3/2569", "PNR-PR 5/2569", "PNR-PR 1/2570") == [("PNR-PR 4/2569", 1)]
    assert gaps(desk, "12 1", "12 500") == [("12 2", 498)]
    assert gaps(desk, "", "ABC") == []
    assert gaps(desk, "A 0009", "A 0011") == [("A 0010", 1)]


def test_a_gap_says_where_the_number_went(desk: Desk, issued: str) -> None:
    known = desk.session.scalars(select(FeeLine.receipt).filter_by(status="paid")).first()
    book, digits = known.split(" ")
    around = [line(f"{book} {int(digits) + step:0{len(digits)}}") for step in (-1, 1)]
    (found,) = [gap for gap in with_gaps(desk, around, "receipts") if isinstance(gap, Gap)]
    assert found.first == known
    assert "day" in found.values


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert next(csv.reader(io.StringIO(written([[cell]]), newline="")))[0].startswith("'")
    assert harmless("นาง = x") == "นาง = x"


def test_nonsense_days_are_today(auditor: FlaskClient) -> None:
    for days in (
        "first=x&last=31/31/31",
        "first=9999&last=0",
        "kind=%00",
        "first=2027-01-01&last=2026-01-01",
    ):
        assert auditor.get(f"/audit/registers?{days}").status_code == 200
    assert re.search("2569", auditor.get("/audit?on=garbage").text)


PURPOSE_AT = {"note_reading": 1, "note_look": 2}


def purposes_stated() -> set[str]:
    """Every purpose that a screen puts on record, read from the code: the words before the colon."""
    found = set()
    for path in (ROOT / "workflow/web").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            place = PURPOSE_AT.get(getattr(node.func, "id", "")) if isinstance(node, ast.Call) else None
            if place is not None and len(node.args) > place:
                found |= {head_of(choice) for choice in choices_in(node.args[place])}
    return found - {""}


def choices_in(stated: ast.expr) -> list[ast.expr]:
    return [stated.body, stated.orelse] if isinstance(stated, ast.IfExp) else [stated]


def head_of(stated: ast.expr) -> str:
    first = stated.values[0] if isinstance(stated, ast.JoinedStr) else stated
    return first.value.partition(":")[0] if isinstance(first, ast.Constant) else ""


def test_what_every_look_is_for_has_words_in_the_catalogues() -> None:
    assert len(purposes_stated()) > 15
    assert purposes_stated() - PURPOSES == set()
