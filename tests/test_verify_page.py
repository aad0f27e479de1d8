"""The public page behind the code of a paper: what it tells of each, and that it tells no more."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from workflow import casework, vouching, withdrawals
from workflow.casework import Act
from workflow.demonstration import Season
from workflow.domain.everywhere import Correction, Reason
from workflow.domain.evidence import Nothing
from workflow.domain.masking import masked
from workflow.domain.namelist import ListRow
from workflow.domain.permit import EmploymentEnd, PermitEnd
from workflow.store import attempts, payloads
from workflow.store.attempts import Proof
from workflow.store.database import begin_write
from workflow.store.history import record_of
from workflow.store.projections import Case, Document
from workflow.store.truth import AccessRow, EventRow

ROW = ListRow(row=7, name_latin="SOK DARA", sex="M", pass_number="PL160816", birth_year=1987)
UNKNOWN = "x" * 26


@pytest.fixture
def issued(season: Season) -> Season:
    """One worker with a permit."""
    season.request((ROW,))
    season.drive([season.desk.session.scalars(select(Case.subject).filter_by(flow="application")).one()])
    return season


def code_of(season: Season, key: str) -> str:
    season.desk.session.rollback()
    newest = select(Document.code).filter_by(key=key).order_by(Document.version.desc()).limit(1)
    return season.desk.session.scalars(newest).one()


def subject_of(season: Season, flow: str) -> str:
    return season.desk.session.scalars(select(Case.subject).filter_by(flow=flow)).one()


def test_a_permit_in_force_is_told_in_three_languages(client: FlaskClient, issued: Season) -> None:
    answer = client.get(f"/v/{code_of(issued, 'permit_record')}")
    assert answer.status_code == 200
    assert [f'lang="{language}"' in answer.text for language in ("th", "km", "en")] == [True, True, True]
    assert "Genuine. The work permit is in force." in answer.text
    assert "สวนลำไยตัวอย่าง จำกัด" in answer.text
    assert "26 Feb 2027" in answer.text
    assert "S••• D•••" in answer.text
    assert "SPECIMEN" in answer.text


def test_neither_name_nor_number_nor_health_is_told(client: FlaskClient, issued: Season) -> None:
    for key in ("permit_record", "medical_record", "medical_referral", "entry_record", "bt29"):
        text = client.get(f"/v/{code_of(issued, key)}").text
        assert "SOK DARA" not in text
        assert "PL160816" not in text
        assert "1987" not in text
        assert "Class" not in text
    assert "สวนลำไยตัวอย่าง" not in client.get(f"/v/{code_of(issued, 'medical_record')}").text


def test_the_answer_is_kept_nowhere(client: FlaskClient, issued: Season) -> None:
    stored = [
        issued.desk.session.scalar(select(func.count()).select_from(table)) for table in (EventRow, AccessRow)
    ]
    headers = client.get(f"/v/{code_of(issued, 'permit_record')}").headers
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert "Set-Cookie" not in headers
    assert stored == [
        issued.desk.session.scalar(select(func.count()).select_from(table)) for table in (EventRow, AccessRow)
    ]


@pytest.mark.parametrize("code", [UNKNOWN, "1", "permit_record", "PNR-PR 1", "a" * 500, "%00", "' OR 1=1"])
def test_every_unknown_code_is_answered_alike(client: FlaskClient, season: Season, code: str) -> None:
    answer, other = client.get(f"/v/{code}"), client.get(f"/v/{UNKNOWN}")
    assert (answer.status_code, answer.text) == (404, other.text)


def test_a_code_may_be_typed_as_it_is_read(client: FlaskClient, issued: Season) -> None:
    code = code_of(issued, "permit_record")
    typed = "-".join(code[start : start + 4] for start in range(0, 26, 4)).upper()
    asked = client.get("/v", query_string={"code": f" {typed} "})
    assert "Genuine. The work permit is in force." in client.get(asked.location).text


def test_a_permit_that_has_run_out_has_ended(client: FlaskClient, issued: Season) -> None:
    issued.calendar.next_day(120)
    assert (
        "Genuine, but the work permit has ended." in client.get(f"/v/{code_of(issued, 'permit_record')}").text
    )


def test_work_that_was_ended_has_ended(client: FlaskClient, issued: Season) -> None:
    issued.calendar.next_day(10)
    today, permit = issued.calendar.today(), subject_of(issued, "permit")
    stated = {"reason_code": "resigned", "reason": "ลาออก"}
    left = EmploymentEnd(employer=issued.cast.entries["orchard"], last_day=today, **stated)
    casework.perform(issued.desk, issued.cast["owner"], permit, "end_employment", left, Act())
    told = client.get(f"/v/{code_of(issued, 'permit_record')}").text
    assert "no work is allowed under the permit now" in told
    assert "สวนลำไยตัวอย่าง จำกัด" not in told
    ended = PermitEnd(ended_on=today, **stated)
    casework.perform(issued.desk, issued.cast["officer"], permit, "end_permit", ended, Act())
    assert (
        "Genuine, but the work permit has ended." in client.get(f"/v/{code_of(issued, 'permit_record')}").text
    )


def test_a_permit_on_hold_is_told(client: FlaskClient, issued: Season) -> None:
    held = Reason(reason="ตรวจสอบ")
    casework.perform(issued.desk, issued.cast["registrar"], subject_of(issued, "permit"), "hold", held, Act())
    assert (
        "the work permit is on hold: no work now."
        in client.get(f"/v/{code_of(issued, 'permit_record')}").text
    )


def test_a_replaced_paper_no_longer_counts(client: FlaskClient, issued: Season) -> None:
    old, application = code_of(issued, "permit_record"), subject_of(issued, "application")
    record = record_of(issued.desk.session, application)
    checked = record.last("check_identity")
    values = checked.evidence.plain() | {"name_latin": "SOK DARAA"}
    proposed = Correction(number=checked.number, values=values, reason="สะกดผิด")
    casework.perform(issued.desk, issued.cast["officer"], application, "propose_correction", proposed, Act())
    casework.perform(issued.desk, issued.cast["clerk"], application, "confirm_correction", Nothing(), Act())
    told = client.get(f"/v/{old}").text
    assert "Replaced by a newer paper. This sheet no longer counts." in told
    assert "สวนลำไยตัวอย่าง" not in told
    assert (
        "Genuine. The work permit is in force." in client.get(f"/v/{code_of(issued, 'permit_record')}").text
    )


def test_the_paper_of_an_erased_person_is_one_of_nobody(client: FlaskClient, issued: Season) -> None:
    code, session = code_of(issued, "permit_record"), issued.desk.session
    worker = session.scalars(select(Case.worker).filter_by(flow="permit")).one()
    with casework.transaction(issued.desk):
        payloads.destroy(session, str(worker), now=issued.desk.now())
    answer = client.get(f"/v/{code}")
    assert (answer.status_code, answer.text) == (404, client.get(f"/v/{UNKNOWN}").text)


def test_another_paper_is_genuine_and_no_more(client: FlaskClient, issued: Season) -> None:
    text = client.get(f"/v/{code_of(issued, 'demand_letter')}").text
    assert "This paper is genuine and counts." in text
    assert "Demand letter" in text


@pytest.mark.parametrize(
    ("name", "shown"),
    [("SOK DARA", "S••• D•••"), ("សុខ ដារ៉ា", "សុ••• ដា•••"), ("นางมาลี สวนทดลอง", "น••• ส•••"), ("", "")],
)
def test_a_name_is_masked_to_its_first_letters(name: str, shown: str) -> None:
    assert masked(name) == shown


def token_of(season: Season, key: str) -> str:
    season.desk.session.rollback()
    newest = select(Document.subject).filter_by(key=key).order_by(Document.version.desc()).limit(1)
    paper = record_of(season.desk.session, season.desk.session.scalars(newest).one())
    return paper.history[0].evidence.facts["document"]["signed_url"]


def test_all_that_a_scanner_reads_may_be_sent(client: FlaskClient, issued: Season) -> None:
    for key in ("permit_record", "pocket_card"):
        text = client.post("/verify", data={"code": token_of(issued, key)}).text
        assert "Genuine. The work permit is in force." in text
        assert "S••• D•••" in text
        assert "SOK DARA" not in text
    code = code_of(issued, "permit_record")
    for read in (code, f"http://saphan.example/v/{code}\n", f"http://saphan.example/v/{code}#"):
        assert "Genuine." in client.post("/verify", data={"code": read}).text
    forged = token_of(issued, "permit_record")[:-20] + "A" * 20
    answer = client.post("/verify", data={"code": forged})
    assert (answer.status_code, "Not genuine" in answer.text) == (404, True)
    assert "Set-Cookie" not in answer.headers


def test_who_asks_for_many_papers_that_do_not_exist_waits(client: FlaskClient, issued: Season) -> None:
    code = code_of(issued, "permit_record")
    assert client.get(f"/v/{UNKNOWN}").status_code == 404
    begin_write(issued.desk.session)
    for _ in range(30):
        attempts.note(issued.desk.session, "paper", "127.0.0.1", Proof.PAPER_CODE, issued.calendar())
    issued.desk.session.commit()
    waiting = client.get(f"/v/{code}")
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (429, "60")
    assert [f'lang="{language}">' in waiting.text for language in ("th", "km", "en")] == [True, True, True]
    assert client.post("/sign-in", data={"user_name": "owner", "password": "x"}).status_code != 429
    issued.calendar.next_day(1)
    assert client.get(f"/v/{code}").status_code == 200


def test_a_replaced_paper_names_the_newer_and_a_pending_renewal_its_receipt(client: FlaskClient, issued: Season) -> None:
    old, application = code_of(issued, "permit_record"), subject_of(issued, "application")
    checked = record_of(issued.desk.session, application).last("check_identity")
    values = checked.evidence.plain() | {"name_latin": "SOK DARAA"}
    proposed = Correction(number=checked.number, values=values, reason="สะกดผิด")
    casework.perform(issued.desk, issued.cast["officer"], application, "propose_correction", proposed, Act())
    casework.perform(issued.desk, issued.cast["clerk"], application, "confirm_correction", Nothing(), Act())
    newer = select(Document.number).filter_by(key="permit_record").order_by(Document.version.desc()).limit(1)
    assert issued.desk.session.scalars(newer).one() in client.get(f"/v/{old}").text


def test_what_checks_without_a_network_is_handed_to_anybody(client: FlaskClient, issued: Season) -> None:
    keys = vouching.read_keys(client.get("/verify/keys.pem").data)
    first, again = (client.get("/verify/withdrawn.txt").text for _ in range(2))
    assert first == again
    assert withdrawals.read(first, keys).papers == {}
    casework.perform(
        issued.desk, issued.cast["registrar"], subject_of(issued, "permit"), "hold", Reason(reason="ตรวจสอบ"), Act()
    )
    listed = withdrawals.read(client.get("/verify/withdrawn.txt").text, keys)
    assert {why for why, _ in listed.papers.values()} == {"stopped"}


def test_the_page_is_light(client: FlaskClient, issued: Season) -> None:
    page = client.get(f"/v/{code_of(issued, 'permit_record')}")
    assert len(page.data) < 9_000
    assert "<script" not in page.text
