"""Cases on screen: every desk sees its trays and facts, every step has its page, every refusal its words."""

import io
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.driving import one, propose, record
from tests.signing_in import sign_in_as
from tests.walking import fill, send, words
from workflow import administration, casework
from workflow.casework import Act
from workflow.demonstration import Season
from workflow.demonstration.invention import drawn_photo
from workflow.demonstration.people import OFFICES
from workflow.domain.actor import SYSTEM
from workflow.domain.everywhere import Reason
from workflow.domain.namelist import ListRow
from workflow.domain.record import Record
from workflow.store.history import record_of
from workflow.store.projections import Account, Case
from workflow.store.truth import AccessRow

ROWS = (
    ListRow(row=7, name_latin="KIM KOSAL", sex="M", pass_number="PL160816", birth_on=date(1979, 3, 5)),
    ListRow(row=8, name_latin="NUON SREYMOM", sex="F", pass_number="BB545140", birth_year=1999),
)


@pytest.fixture
def english(client: FlaskClient) -> FlaskClient:
    """A browser whose reader chose English."""
    client.get("/sign-in?lang=en")
    return client


def driven(season: Season, until: str) -> list[Case]:
    """A list of two workers, brought to a state."""
    season.request(ROWS)
    applications = list(season.desk.session.scalars(select(Case.subject).filter_by(flow="application")))
    season.drive(applications, until=until)
    assert season.left == []
    season.desk.session.expire_all()
    found = season.desk.session.scalars(select(Case).filter_by(flow="application").order_by(Case.reference))
    return list(found)


def case_at(season: Season, until: str) -> str:
    """The reference of the first worker of the list."""
    return driven(season, until)[0].reference


def now(season: Season, reference: str) -> Record:
    """The case as the store has it now."""
    season.desk.session.rollback()
    return record_of(season.desk.session, season.desk.session.scalar(select(Case.subject).filter_by(reference=reference)))


# desks --------------------------------------------------------------------------------------


def test_the_first_page_counts_what_waits_on_a_desk_and_opens_the_first_tray(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "opened")
    sign_in_as(english, "officer")
    page = english.get("/")
    assert "2 Identities to check" in words(page)
    assert "The identity is not checked yet · next: Check identity" in words(page)
    assert f"/cases/{reference}" in page.text


NOBODY_DECIDES = "No registrar's appointment runs today"


@pytest.mark.parametrize(
    ("elsewhere", "days", "told"), [(False, 0, False), (False, -1, True), (True, 0, True)], ids=["here", "over", "elsewhere"]
)
def test_a_desk_is_told_where_no_registrar_of_its_province_is_appointed_today(
    english: FlaskClient, season: Season, elsewhere: bool, days: int, told: bool
) -> None:
    desk, registrar = season.desk, season.cast["registrar"]
    far = replace(OFFICES["CTI"], code="SKA", province="27")
    casework.begin(desk, SYSTEM, "office", "enter_office", far, Act(), chain="SKA", subject="SKA")
    subject = administration.subject_of(desk, registrar.account)
    stated, until = record_of(desk.session, subject).history[0].evidence, season.calendar.today() + timedelta(days=days)
    changed = replace(stated, office="SKA" if elsewhere else "CTI", valid_until=until)
    casework.perform(desk, SYSTEM, subject, "amend_account", changed, Act())
    sign_in_as(english, "officer")
    assert (NOBODY_DECIDES in words(english.get("/"))) is told


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("kosal kim", True),
        ("pl-160 816", True),
        ("PL160816", True),
        ("000001", True),
        ("สวนลำไย", True),
        ("K_SAL", False),
        ("%", False),
        ("nobody at all", False),
    ],
)
def test_the_search_finds_by_name_pass_reference_and_employer(
    english: FlaskClient, season: Season, asked: str, found: bool
) -> None:
    reference = case_at(season, "opened")
    sign_in_as(english, "officer")
    page = english.get("/desk", query_string={"q": asked})
    assert page.status_code == 200
    assert (f"/cases/{reference}" in page.text) is found


def test_every_role_has_a_first_page_and_sees_no_more_than_its_own(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "filed")
    seen = {"officer": True, "peo": True, "registrar": True, "cashier": True, "hospital": True, "gate": True,
            "owner": True, "auditor": True, "owner2": False, "gate2": False, "admin": False}  # fmt: skip
    for user, sees in seen.items():
        client = english.application.test_client()
        client.get("/sign-in?lang=en")
        sign_in_as(client, user)
        assert client.get("/desk").status_code == 200, user
        assert client.get(f"/cases/{reference}").status_code == (200 if sees else 404), user
        assert (f"/cases/{reference}" in client.get("/desk?q=KOSAL").text) is sees, user


def test_without_a_registrar_in_force_the_desk_says_that_nobody_may_decide(english: FlaskClient, season: Season) -> None:
    sign_in_as(english, "officer")
    assert "nobody here may decide" not in words(english.get("/"))
    session, yesterday = season.desk.session, season.calendar.today() - timedelta(days=1)
    session.rollback()
    session.get(Account, season.cast["registrar"].account).valid_until = yesterday
    session.commit()
    assert "nobody here may decide" in words(english.get("/"))


# the page of a case -------------------------------------------------------------------------


def test_the_page_of_a_case_tells_where_it_stands_and_the_look_is_on_record(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "assessed")
    sign_in_as(english, "officer")
    page = words(english.get(f"/cases/{reference}"))
    for told in ("May not work yet", "The application waits for the registrar", "Give an opinion", "PL160816",
                 "Application for a work permit (BT.29)", "Stay ends", "HI-000001", "MC-2569-00001"):  # fmt: skip
        assert told in page, told
    season.desk.session.rollback()
    readers = list(season.desk.session.scalars(select(AccessRow.person)))
    assert readers == [season.cast["officer"].person]


def test_what_went_well_is_no_warning_on_the_page(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "assessed")
    sign_in_as(english, "officer")
    assert 'saphan-tag--active">Application fee paid' in english.get(f"/cases/{reference}").text


def test_a_permit_says_until_when_the_worker_may_work(english: FlaskClient, season: Season) -> None:
    case_at(season, "issued")
    permit = season.desk.session.scalar(select(Case.reference).filter_by(flow="permit"))
    sign_in_as(english, "owner")
    assert "May work until" in words(english.get(f"/cases/{permit}"))


@pytest.mark.parametrize(
    ("user", "told", "kept"),
    [
        ("officer", ["MC-2569-00001", "352 baht", "100 baht"], []),
        ("owner", ["Passed", "352 baht"], ["MC-2569-00001", "ว.00001"]),
        ("hospital", ["MC-2569-00001"], ["352 baht", "100 baht", "Application fee paid", "BT.29"]),
        ("gate", ["Stay until"], ["MC-2569-00001", "352 baht", "100 baht", "Class 1", "Refer to the hospital"]),
        ("cashier", ["100 baht"], ["MC-2569-00001", "Class 1"]),
        ("auditor", ["MC-2569-00001", "100 baht"], []),
    ],
)
def test_each_role_reads_the_facts_of_its_own_desk(
    english: FlaskClient, season: Season, user: str, told: list[str], kept: list[str]
) -> None:
    reference = case_at(season, "assessed")
    sign_in_as(english, user)
    page = words(english.get(f"/cases/{reference}"))
    assert [fact for fact in told if fact not in page] == []
    assert [fact for fact in kept if fact in page] == []


def test_a_request_shows_its_list_its_workers_and_the_process(english: FlaskClient, season: Season) -> None:
    request = season.request(ROWS)
    sign_in_as(english, "officer")
    page = words(english.get(f"/cases/{request.reference}"))
    assert "Name list: 2 workers" in page
    assert "KIM KOSAL" in page
    assert "The case stands here" in words(english.get(f"/cases/{request.reference}/process"))


# steps --------------------------------------------------------------------------------------


def test_a_step_is_done_from_its_page_with_what_the_list_already_said(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "opened")
    sign_in_as(english, "officer")
    path = f"/cases/{reference}/steps/check_identity"
    typed = fill(english, path, title="Mr", name_thai="คิม โกศล", pass_province="pailin", pass_issued_on="1/6/2569",
                 pass_expires_on="๓๑/๑๒/๒๕๗๐", address="ที่พักคนงาน 99")  # fmt: skip
    assert (typed["name_latin"], typed["birth_on"], typed["pass_number"]) == ("KIM KOSAL", "05/03/1979", "PL160816")
    typed["photo"] = (io.BytesIO(drawn_photo(season.invention.chance)), "photo.jpg")
    answer = english.post(path, data=typed)
    assert answer.status_code == 303, words(answer)
    page = english.get(answer.location)
    assert "Done: Check identity" in words(page)
    record = now(season, reference)
    assert record.state == "requested"
    stated = record.last("check_identity").evidence
    assert (stated.pass_expires_on, stated.birth_on) == (date(2027, 12, 31), date(1979, 3, 5))
    picture = english.get(re.search(rf"/cases/{reference}/files/[0-9a-f]+", page.text)[0])
    assert picture.mimetype == "image/jpeg"


def test_what_cannot_be_read_is_told_at_its_field_and_stays(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "requested")
    sign_in_as(english, "officer")
    answer = send(english, f"/cases/{reference}/steps/refer_to_hospital", appointment_on="31/2/2569", note="เช้า")
    assert answer.status_code == 422
    assert 'href="#appointment_on"' in answer.text
    assert 'value="31/2/2569"' in answer.text
    assert 'value="เช้า"' in answer.text
    assert now(season, reference).last("refer_to_hospital").evidence.note == ""


def test_what_the_rules_refuse_is_told_at_its_field_and_nothing_is_stored(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "requested")
    sign_in_as(english, "officer")
    before = now(season, reference).version
    answer = send(english, f"/cases/{reference}/steps/refer_to_hospital", appointment_on="1/1/2560")
    assert answer.status_code == 422
    assert "This day has passed." in words(answer)
    assert now(season, reference).version == before


def test_a_step_sent_twice_is_done_once(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "requested")
    sign_in_as(english, "officer")
    path, before = f"/cases/{reference}/steps/plan_entry", now(season, reference).version
    typed = fill(english, path)
    assert [english.post(path, data=typed).status_code for _ in range(2)] == [303, 303]
    assert now(season, reference).version == before + 1
    typed["contact"] = "somebody else"
    again = english.post(path, data=typed)
    assert again.status_code == 409
    assert "what was done then stands" in words(again)


def test_whoever_was_slower_is_told_what_happened_and_may_send_again(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "requested")
    sign_in_as(english, "officer")
    path = f"/cases/{reference}/steps/plan_entry"
    typed = fill(english, path, contact="นายมา 081")
    held = now(season, reference)
    for step in ("hold", "release"):
        casework.perform(season.desk, season.cast["clerk"], held.subject, step, Reason(reason="ตรวจสอบ"), Act())
    answer = english.post(path, data=typed)
    assert answer.status_code == 409
    assert "Put on hold" in words(answer)
    assert "นายมา 081" in answer.text
    fresh = re.search(r'name="seen_version" value="(\d+)"', answer.text)[1]
    typed["seen_version"] = fresh
    assert english.post(path, data=typed).status_code == 303


def test_a_step_whose_turn_has_passed_keeps_what_was_typed(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "requested")
    sign_in_as(english, "officer")
    path, held = f"/cases/{reference}/steps/end_without_permit", now(season, reference)
    typed = fill(english, path, reason_code="other", reason="กลับบ้านก่อนกำหนด")
    casework.perform(season.desk, season.cast["owner"], held.subject, "withdraw", Reason(reason="กลับบ้าน"), Act())
    typed["seen_version"] = str(held.version + 1)
    answer = english.post(path, data=typed)
    assert answer.status_code == 409
    assert "cannot be done any more" in words(answer)
    assert "กลับบ้านก่อนกำหนด" in answer.text
    assert now(season, reference).version == held.version + 1


def test_a_step_out_of_turn_of_another_role_or_of_nobody_is_refused(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "requested")
    sign_in_as(english, "officer")
    assert english.get(f"/cases/{reference}/steps/issue_permit").status_code == 409
    assert english.get(f"/cases/{reference}/steps/decide").status_code == 403
    assert english.get(f"/cases/{reference}/steps/fly_away").status_code == 404
    assert english.get("/cases/PNR-64-2569-999999/steps/hold").status_code == 404
    assert english.get("/cases/PNR-64-2569-999999").status_code == 404


def test_what_already_speaks_against_a_step_is_told_before_anything_is_typed(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "cleared")
    sign_in_as(english, "officer")
    page = english.get(f"/cases/{reference}/steps/refer_to_hospital")
    assert "This cannot be done now" in words(page)
    assert 'name="appointment_on"' not in page.text


def test_an_officer_keys_in_for_the_hospital_from_paper(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "requested")
    sign_in_as(english, "officer")
    season.calendar.next_day(2)
    english = _again(english, "officer")
    picture = (io.BytesIO(drawn_photo(season.invention.chance)), "certificate.jpg")
    answer = send(
        english, f"/cases/{reference}/steps/record_medical", certificate_number="MC-9", doctor="พ. ดี", doctor_licence="ว.9",
        examined_on="24/11/2569", result="1", act__happened_on="24/11/2569", act__note="เอกสารมาถึงวันนี้", act__scan=picture,
    )  # fmt: skip
    assert answer.status_code == 303, words(answer)
    done = now(season, reference).last("record_medical")
    assert done.on_behalf_of == "hospital"
    assert done.scan is not None
    assert done.happened_at < done.recorded_at - timedelta(hours=12)
    page = words(english.get(f"/cases/{reference}"))
    assert "for: Hospital" in page
    assert "Recorded on" in page


def _again(client: FlaskClient, user: str) -> FlaskClient:
    """Another day, another visit."""
    fresh = client.application.test_client()
    fresh.get("/sign-in?lang=en")
    sign_in_as(fresh, user)
    return fresh


def test_an_entry_for_an_earlier_day_needs_its_reason(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "requested")
    sign_in_as(english, "officer")
    answer = send(english, f"/cases/{reference}/steps/plan_entry", act__happened_on="20/11/2569")
    assert answer.status_code == 422
    assert 'href="#act-note"' in answer.text


def test_a_file_that_is_no_picture_is_refused_at_its_field(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "requested")
    sign_in_as(english, "officer")
    junk = (io.BytesIO(b"MZ not a picture"), "photo.jpg")
    answer = send(english, f"/cases/{reference}/steps/attach_file", shows="photo", file=junk)
    assert answer.status_code == 422
    assert "not a readable JPEG" in words(answer)


def test_the_registrar_proves_himself_before_deciding_and_keeps_what_he_typed(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "assessed")
    english = _again(english, "registrar")
    path = f"/cases/{reference}/steps/decide"
    typed = fill(english, path, order="permit", conditions="ไม่มี")
    season.calendar.moment += timedelta(minutes=20)
    asked = english.post(path, data=typed)
    assert asked.status_code == 403
    assert "ไม่มี" in asked.text
    assert now(season, reference).state == "assessed"


# corrections --------------------------------------------------------------------------------


def test_a_correction_is_proposed_by_one_and_confirmed_by_another(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "requested")
    sign_in_as(english, "officer")
    path = f"/cases/{reference}/steps/propose_correction"
    assert "Check identity" in words(english.get(path))
    number = now(season, reference).last("check_identity").number
    answer = send(english, f"{path}?number={number}", new__name_thai="คิม โกศล", reason="สะกดผิด")
    assert answer.status_code == 303, words(answer)
    confirm = f"/cases/{reference}/steps/confirm_correction"
    assert "a second person confirms it" in words(english.get(confirm))
    clerk = _again(english, "clerk")
    assert send(clerk, confirm).status_code == 303
    record = now(season, reference)
    assert record.last("check_identity").evidence.name_thai == "คิม โกศล"
    assert record.last("check_identity").evidence.photo is not None
    assert "before:" in words(clerk.get(f"/cases/{reference}"))


def test_confirming_the_correction_of_an_order_asks_for_a_fresh_proof(
    english: FlaskClient, season: Season
) -> None:
    """As the order itself does; the correction of anything else does not."""
    subject = one(season, "granted")
    path = f"/cases/{record(season, subject).reference}/steps/confirm_correction"
    for step, status, change in (
        ("check_identity", 303, {"phone": "039"}),
        ("decide", 403, {"conditions": "เฉพาะสวน"}),
    ):
        propose(season, subject, step, **change)
        english = _again(english, "registrar")
        season.calendar.moment += timedelta(minutes=20)
        assert english.post(path, data=fill(english, path)).status_code == status, step
    assert "correction_proposed" in record(season, subject).flags


def test_a_correction_needs_its_reason_and_a_standing_entry(english: FlaskClient, season: Season) -> None:
    reference = case_at(season, "requested")
    sign_in_as(english, "officer")
    path = f"/cases/{reference}/steps/propose_correction"
    number = now(season, reference).last("check_identity").number
    assert send(english, f"{path}?number={number}").status_code == 422
    assert english.get(f"{path}?number=99").status_code == 404
    assert english.get(f"{path}?number=1").status_code == 404


def test_every_page_asks_who_is_there(app: Flask, season: Season) -> None:
    reference = case_at(season, "opened")
    stranger = app.test_client()
    for path in ("/", f"/cases/{reference}", f"/cases/{reference}/steps/check_identity", "/many/plan_entry?case=x"):
        answer = stranger.get(path)
        assert (answer.status_code, "/sign-in" in answer.location) == (302, True), path
