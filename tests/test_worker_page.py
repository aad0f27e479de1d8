"""The worker's own page: opened by the code of an own paper and four signs of the pass, in Khmer first."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.driving import does
from tests.signing_in import token
from workflow.demonstration import Season
from workflow.domain.application import MedicalClass, MedicalResult
from workflow.domain.everywhere import ServedHow, Serving
from workflow.domain.namelist import ListRow
from workflow.domain.permit import Hearing, Revocation, RevocationProposal
from workflow.store.projections import Case, Document
from workflow.store.truth import AccessRow

ROW = ListRow(
    row=7, name_latin="SOK DARA", name_khmer="សុខ ដារ៉ា", sex="M", pass_number="PL160816", birth_year=1987
)


@pytest.fixture
def issued(season: Season) -> Season:
    """One worker with a permit."""
    season.request((ROW,))
    season.drive([application(season)])
    return season


def application(season: Season) -> str:
    return season.desk.session.scalars(select(Case.subject).filter_by(flow="application")).one()


def code_of(season: Season, key: str = "permit_record") -> str:
    season.desk.session.rollback()
    return season.desk.session.scalars(select(Document.code).filter_by(key=key)).one()


def enter(client: FlaskClient, code: str, signs: str = "0816") -> TestResponse:
    page = client.get(f"/w/{code}")
    return client.post(f"/w/{code}", data={"csrf_token": token(page), "signs": signs})


def in_english(client: FlaskClient, path: str) -> str:
    client.get(f"{path}?lang=en")
    return client.get(path).text


def test_a_worker_reads_in_khmer_where_he_stands(client: FlaskClient, issued: Season) -> None:
    code = code_of(issued)
    answer = enter(client, code)
    page = client.get(answer.location).text
    assert '<html lang="km"' in page
    assert "សុខ ដារ៉ា" in page
    assert all(number in page for number in ("1506", "1694", "1300"))
    english = in_english(client, answer.location)
    assert "You may work until 26 Feb 2027" in english
    assert "สวนลำไยตัวอย่าง จำกัด" in english
    assert [f"{sum_of} baht" in english for sum_of in (100, 225, 325)] == [True, True, True]
    assert "Permit ends" in english


def test_three_papers_open_the_page_and_no_other(client: FlaskClient, issued: Season) -> None:
    opened = {
        key: enter(client, code_of(issued, key)).status_code
        for key in ("entry_record", "medical_referral", "bt29")
    }
    assert opened == {"entry_record": 303, "medical_referral": 303, "bt29": 422}


def test_every_wrong_pair_is_told_alike(client: FlaskClient, issued: Season) -> None:
    code = code_of(issued)
    answers = [
        enter(client, code, "0817"),
        enter(client, "x" * 26, "0816"),
        enter(client, code, ""),
        enter(client, code, "PL160816"),
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert {bool(re.search("0816|DARA", answer.text.replace("PL160816", ""))) for answer in answers} == {
        False
    }
    assert client.get(f"/w/{code}").status_code == 200
    assert "DARA" not in client.get(f"/w/{code}").text


@pytest.mark.parametrize(("ground", "told"), [("conditions", True), ("disease", False)])
def test_a_worker_reads_why_his_permit_was_revoked_and_where_to_appeal(
    client: FlaskClient, issued: Season, ground: str, told: bool
) -> None:
    permit, on = issued.desk.session.scalars(select(Case.subject).filter_by(flow="permit")).one(), issued.calendar.today()
    does(issued, "officer", permit, "propose_revocation", RevocationProposal(ground=ground, reason="ตามสำนวน"))
    does(issued, "officer", permit, "hear_worker", Hearing(heard_on=on, reached=True, told="ไม่ได้ทำ"))
    does(issued, "registrar", permit, "revoke", Revocation(ground=ground, reason="ตามสำนวน"))
    rules = issued.desk.in_force(on, "22")
    location = enter(client, code_of(issued)).location
    khmer = client.get(location).text
    assert (rules.get("revocation_grounds")[ground]["km"] in khmer, "ตามสำนวน" in khmer) == (told, told)
    assert rules.get("appeal")["km"] in khmer
    assert "The order was not served yet" in in_english(client, location)
    served = Serving(served_to="คนงาน", served_on=on, how=ServedHow.IN_PERSON)
    does(issued, "officer", permit, "serve_order", served)
    assert "Last day to appeal" in in_english(client, location)


def test_guessing_is_slowed(client: FlaskClient, app: Flask, issued: Season) -> None:
    code = code_of(issued)
    statuses = [enter(client, code, f"{number:04d}").status_code for number in range(8)]
    assert statuses[-1] == 429
    late = enter(app.test_client(), code)
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) > 0


def test_khmer_and_thai_digits_are_as_good(client: FlaskClient, issued: Season) -> None:
    assert enter(client, code_of(issued), "០៨១៦").status_code == 303
    assert enter(client, code_of(issued), " ๐๘๑๖ ").status_code == 303


def test_the_page_closes_by_itself_and_by_hand(client: FlaskClient, issued: Season) -> None:
    code = code_of(issued)
    page = client.get(enter(client, code).location)
    client.post(f"/w/{code}/close", data={"csrf_token": token(page)})
    assert "DARA" not in client.get(f"/w/{code}").text
    enter(client, code)
    issued.calendar.next_day(1)
    assert "DARA" not in client.get(f"/w/{code}").text


def test_a_look_is_on_record_as_the_workers_own(client: FlaskClient, issued: Season) -> None:
    before = issued.desk.session.scalar(select(func.count()).select_from(AccessRow)) or 0
    client.get(enter(client, code_of(issued)).location)
    issued.desk.session.rollback()
    assert (issued.desk.session.scalar(select(func.count()).select_from(AccessRow)) or 0) == before + 1


def test_the_result_of_the_medical_check_is_not_told(client: FlaskClient, season: Season) -> None:
    season.request((ROW,))
    season.drive([application(season)], until="requested")
    hospital = season.cast.entries["hospital"]
    unfit = MedicalResult(
        hospital=hospital, certificate_number="MC-1", doctor="นายแพทย์ศุภชัย", doctor_licence="ว.1",
        examined_on=season.calendar.today(), result=MedicalClass.UNFIT,
    )  # fmt: skip
    season.many("hospital", "record_medical", [application(season)], lambda _: unfit)
    page = in_english(client, enter(client, code_of(season, "medical_referral")).location)
    assert "The office tells you what comes next" in page
    assert "not passed" not in page
    assert "You may not work yet" in page


def test_nothing_is_kept_by_browsers_or_search_engines(client: FlaskClient, issued: Season) -> None:
    headers = client.get(enter(client, code_of(issued)).location).headers
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]


def test_a_worker_reads_which_rules_he_meets_but_no_medical_result(client: FlaskClient, issued: Season) -> None:
    code = code_of(issued)
    shut = client.get(f"/w/{code}/rules").text
    assert "The permit runs until" not in shut
    address = enter(client, code).location
    assert f"{address}/rules" in client.get(address).text
    page = in_english(client, f"{address}/rules")
    assert "The permit runs until 26 Feb 2027" in page
    assert "What ends the permit" in page
    assert "Days that a medical check is valid" not in page
