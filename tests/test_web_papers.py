"""Papers on screen: a view is no print, the original goes once, copies are numbered, a spoiled sheet is told."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

import pdf
from pdf import PaperFault
from tests.signing_in import sign_in_as
from tests.walking import read, words
from workflow.demonstration import Season
from workflow.domain.namelist import ListRow
from workflow.store.history import record_of
from workflow.store.projections import Case, Document
from workflow.store.truth import AccessRow

ROWS = (ListRow(row=7, name_latin="KIM KOSAL", sex="M", pass_number="PL160816", birth_on=date(1979, 3, 5)),)


@pytest.fixture
def english(client: FlaskClient) -> FlaskClient:
    """A browser whose reader chose English."""
    client.get("/sign-in?lang=en")
    return client


@pytest.fixture
def referral(season: Season) -> Document:
    """The referral of one worker to the hospital."""
    season.request(ROWS)
    season.drive(list(season.desk.session.scalars(select(Case.subject).filter_by(flow="application"))), until="requested")
    assert season.left == []
    return season.desk.session.scalars(select(Document).filter_by(key="medical_referral")).one()


def steps(season: Season, paper: Document) -> list[str]:
    """The life of a paper so far."""
    season.desk.session.rollback()
    return [done.step for done in record_of(season.desk.session, paper.subject).history]


def sent(client: FlaskClient, paper: Document, verb: str, **typed: str) -> TestResponse:
    """Send one of the forms of a paper's page."""
    page = client.get(f"/papers/{paper.subject}")
    return client.post(f"/papers/{paper.subject}/{verb}", data=read(page).fields.to_dict() | typed)


def test_a_paper_is_opened_on_screen_without_counting(english: FlaskClient, season: Season, referral: Document) -> None:
    sign_in_as(english, "officer")
    reference = season.desk.session.scalar(select(Case.reference).where(Case.subject == referral.owner))
    answer = english.get(f"/papers/{referral.subject}/view")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert f"{reference}-medical_referral-PNR-MF-1-2569.pdf" in answer.headers["Content-Disposition"]
    assert steps(season, referral) == ["owe_paper", "make_paper"]
    assert season.desk.session.scalar(select(AccessRow.person)) == season.cast["officer"].person


def test_the_original_goes_once_and_further_sheets_are_numbered_copies(
    english: FlaskClient, season: Season, referral: Document
) -> None:
    sign_in_as(english, "officer")
    assert "Print the original" in words(english.get(f"/papers/{referral.subject}"))
    assert sent(english, referral, "print").mimetype == "application/pdf"
    without = sent(english, referral, "print")
    assert (without.status_code, "Say why a further copy is printed." in words(without)) == (422, True)
    copy = sent(english, referral, "print", reason="นายจ้างขอ")
    assert "copy-1.pdf" in copy.headers["Content-Disposition"]
    assert steps(season, referral)[2:] == ["print_original", "print_copy"]
    assert "Print a copy 1" in words(english.get(f"/papers/{referral.subject}"))


def test_pressing_print_twice_gives_one_original(english: FlaskClient, season: Season, referral: Document) -> None:
    sign_in_as(english, "officer")
    typed = read(english.get(f"/papers/{referral.subject}")).fields.to_dict() | {"reason": "x"}
    first, second = (english.post(f"/papers/{referral.subject}/print", data=typed) for _ in range(2))
    assert (first.mimetype, second.status_code) == ("application/pdf", 303)
    assert steps(season, referral)[2:] == ["print_original"]


def test_a_spoiled_sheet_is_told_with_its_reason_and_gives_the_original_again(
    english: FlaskClient, season: Season, referral: Document
) -> None:
    sign_in_as(english, "officer")
    assert sent(english, referral, "print").status_code == 200
    assert sent(english, referral, "spoil").status_code == 422
    told = sent(english, referral, "spoil", why="กระดาษติด", sheet="A-12")
    assert told.status_code == 303
    assert sent(english, referral, "print").mimetype == "application/pdf"
    assert steps(season, referral)[2:] == ["print_original", "spoil_sheet", "print_original"]
    assert "กระดาษติด" in words(english.get(f"/papers/{referral.subject}"))


def test_all_papers_of_a_request_come_in_one_file(english: FlaskClient, season: Season, referral: Document) -> None:
    sign_in_as(english, "officer")
    request = season.desk.session.scalar(select(Case.reference).filter_by(flow="request"))
    answer = english.get(f"/cases/{request}/papers.pdf")
    assert answer.data.startswith(b"%PDF-")
    assert f"{request}-papers.pdf" in answer.headers["Content-Disposition"]


READERS = {"owner": 200, "hospital": 200, "owner2": 404, "cashier": 404, "admin": 404}


@pytest.mark.parametrize(("user", "status"), READERS.items())
def test_a_paper_opens_only_to_those_for_whom_it_is_made(
    english: FlaskClient, season: Season, referral: Document, user: str, status: int
) -> None:
    sign_in_as(english, user)
    assert english.get(f"/papers/{referral.subject}").status_code == status
    assert english.get(f"/papers/{referral.subject}/view").status_code == status


def test_an_auditor_prints_copies_that_do_not_count(english: FlaskClient, season: Season, referral: Document) -> None:
    sign_in_as(english, "auditor")
    answer = sent(english, referral, "print", reason="ตรวจสอบ")
    assert answer.mimetype == "application/pdf"
    assert steps(season, referral)[2:] == ["print_audit_copy"]
    assert sent(english, referral, "spoil", why="x").status_code == 403


def test_a_paper_that_cannot_be_made_stays_owed_and_says_so(
    english: FlaskClient, season: Season, referral: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def jammed(key: str, facts: object) -> bytes:
        raise PaperFault("the press is jammed")

    monkeypatch.setattr(pdf, "render", jammed)
    sign_in_as(english, "officer")
    answer = english.get(f"/papers/{referral.subject}/view")
    assert (answer.status_code, "It stays owed" in words(answer)) == (503, True)
    assert steps(season, referral) == ["owe_paper"]
