"""The search: finds people and numbers as people write them, and only among the cases that the searcher may see."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.signing_in import sign_in_as
from tests.test_casework import ROWS
from workflow.demonstration import Season
from workflow.desk import Desk
from workflow.store.database import begin_write
from workflow.store.projections import Case, Document, FeeLine, OfficialNumber, Worker
from workflow.store.truth import AccessRow
from workflow.web.search import MOST, folded


@pytest.fixture
def paid(season: Season) -> str:
    """The reference of an application whose permit was issued."""
    season.request(ROWS)
    first = next(iter(season.desk.session.scalars(select(Case.subject).filter_by(flow="application"))))
    season.drive([first])
    season.desk.session.rollback()
    return season.desk.session.scalars(select(Case.reference).filter_by(subject=first)).one()


@pytest.fixture
def officer(client: FlaskClient, paid: str) -> FlaskClient:
    sign_in_as(client, "officer")
    return client


def finds(client: FlaskClient, words: str, reference: str) -> bool:
    answer = client.get("/search", query_string={"q": words})
    assert answer.status_code == 200
    return reference in answer.text


def test_a_person_is_found_however_the_name_and_the_numbers_are_written(
    officer: FlaskClient, desk: Desk, paid: str
) -> None:
    case = desk.session.scalars(select(Case).filter_by(reference=paid)).one()
    worker = desk.session.get_one(Worker, case.worker)
    first, *_, last = worker.name_latin.split()
    number = worker.pass_key
    spaced = f"{number[:2]}-{number[2:5]} {number[5:]}"
    ways = [worker.name_latin, f"{last} {first}".lower(), first.title(), number, spaced, paid, paid.lower()]
    ways += [name for name in (worker.name_khmer, worker.name_thai, worker.foreigner_number) if name]
    assert [words for words in ways if not finds(officer, words, paid)] == []


def test_receipts_papers_and_permits_are_found_by_number(officer: FlaskClient, desk: Desk, paid: str) -> None:
    case = desk.session.scalars(select(Case).filter_by(reference=paid)).one()
    receipt = desk.session.scalars(select(FeeLine.receipt).filter_by(application=case.subject)).first()
    paper = desk.session.scalars(select(Document.number).filter_by(owner=case.subject)).first()
    permit = desk.session.scalars(
        select(OfficialNumber.value).filter_by(kind="permit", subject=case.subject)
    ).one()
    thai = paper.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    for words in (receipt, receipt.replace(" ", "-"), paper, paper.lower(), thai, permit.replace(":", " ")):
        assert finds(officer, words, paid), words


@pytest.mark.parametrize("words", ["%", "_", "%%", "\\", "' OR 1=1 --", "__", "a" * 500, "\x00\x01", "ก"])
def test_signs_of_the_database_are_only_signs(officer: FlaskClient, paid: str, words: str) -> None:
    assert not finds(officer, words, paid)


def test_an_office_that_may_not_see_a_case_does_not_find_it(
    client: FlaskClient, desk: Desk, paid: str
) -> None:
    sign_in_as(client, "officer")
    case = desk.session.scalars(select(Case).filter_by(reference=paid)).one()
    worker = desk.session.get_one(Worker, case.worker)
    paper = desk.session.scalars(select(Document.number).filter_by(owner=case.subject)).first()
    name, held = worker.name_latin, worker.pass_key
    desk.session.rollback()
    begin_write(desk.session)
    for row in desk.session.scalars(select(Case)):
        row.office = "ELSEWHERE"
    desk.session.commit()
    assert not [words for words in (name, held, paid, paper) if finds(client, words, f">{paid}<")]
    assert f"/cases/{paid}" not in client.get("/search", query_string={"q": name}).text


@pytest.mark.parametrize("user_name", ["owner", "hospital", "gate", "admin"])
def test_the_search_is_for_the_office(client: FlaskClient, user_name: str) -> None:
    sign_in_as(client, user_name)
    assert client.get("/search?q=kim").status_code == 403


def test_the_cashier_finds_receipts_and_opens_only_papers_of_money(
    client: FlaskClient, desk: Desk, paid: str
) -> None:
    sign_in_as(client, "cashier")
    case = desk.session.scalars(select(Case).filter_by(reference=paid)).one()
    papers = {p.key: p for p in desk.session.scalars(select(Document).filter_by(owner=case.subject))}
    text = client.get("/search", query_string={"q": papers["permit_record"].number}).text
    assert f"/papers/{papers['permit_record'].subject}" not in text
    assert finds(client, papers["fee_receipt"].number, paid)


def test_a_search_is_on_record(officer: FlaskClient, desk: Desk) -> None:
    before = desk.session.query(AccessRow).count()
    officer.get("/search?q=KIM")
    officer.get("/search")
    officer.get("/search?q=K")
    desk.session.rollback()
    assert desk.session.query(AccessRow).count() == before + 1


def test_numbers_are_folded() -> None:
    assert folded("๑๐๐ - 00-๑:a") == "100001A"
    assert MOST == 50
