"""Decisions that can be answered: what it is about, what to do, by when and where to appeal, on screen and on paper."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.driving import does, one, order, record, state
from tests.signing_in import sign_in_as
from tests.test_casework import ROWS
from tests.test_worker_page import code_of, enter
from workflow import answering, lookups
from workflow.demonstration import Season
from workflow.domain.actor import SYSTEM
from workflow.domain.answers import DECIDED, Answer, answers
from workflow.domain.application import PermitOutcome
from workflow.domain.everywhere import CodedReason, Deficiencies, ServedHow, Serving
from workflow.domain.flows import FLOWS
from workflow.domain.rulesets import Ruleset, shipped
from workflow.workers import own_page

LISTS = ("refusal_reasons", "deficiencies", "revocation_grounds")


def told(season: Season, subject: str) -> tuple[Answer, ...]:
    """What stands to be answered in a case."""
    case = record(season, subject)
    return answers(case, lookups.facts_for(season.desk, case, None, SYSTEM, season.desk.now()))


def refused(season: Season, code: str = "incomplete") -> str:
    """An application that the registrar refused."""
    subject = one(season, "assessed")
    does(
        season,
        "registrar",
        subject,
        "decide",
        order(PermitOutcome.REFUSE, reason_code=code, reason="ขาดสัญญาจ้าง"),
    )
    return subject


@pytest.mark.parametrize("ruleset", shipped(), ids=lambda ruleset: ruleset.id)
def test_every_reason_of_every_ruleset_says_what_it_is_about_and_what_to_do(ruleset: Ruleset) -> None:
    for name in LISTS:
        for code, entry in ruleset.get(name).items():
            for part in ("about", "do"):
                assert {"th", "en", "km"} <= set(entry[part]), (name, code, part)
                assert all(entry[part].values())


def test_every_step_that_decides_against_somebody_bears_a_code() -> None:
    """What ends for lack of an answer or a payment says so itself."""
    free = {"lapse_unpaid", "return_request"}
    for (flow, _), steps in DECIDED.items():
        for step in set(steps) - free:
            fields = FLOWS[flow].rows(step)[0].evidence.__dataclass_fields__
            assert {"reason_code", "ground"} & set(fields), step


def test_a_refusal_says_why_what_to_do_and_once_served_until_when_to_appeal(season: Season) -> None:
    subject = refused(season)
    (answer,) = told(season, subject)
    (point,) = answer.points
    assert point.what["en"] == "Papers are incomplete or wrong"
    assert point.do["th"].startswith("รวบรวมเอกสาร")
    assert (answer.words, answer.appeal_by, answer.appeal_days) == ("ขาดสัญญาจ้าง", None, 30)
    assert "รัฐมนตรี" in answer.appeal["th"]

    today = season.calendar.today()
    does(
        season,
        "officer",
        subject,
        "serve_order",
        Serving(served_to="นายสมชาย", served_on=today, how=ServedHow.IN_PERSON),
    )
    (served,) = told(season, subject)
    assert served.appeal_by is not None
    assert served.appeal_by >= today + timedelta(days=30)


def test_what_is_missing_is_told_with_what_to_do_and_the_day_until_it_is_answered(season: Season) -> None:
    asked = season.request(ROWS, until="received").subject
    until = season.calendar.today() + timedelta(days=7)
    missing = Deficiencies(items=("housing", "contract"), other="แผนที่", answer_until=until)
    does(season, "officer", asked, "ask_for_missing", missing)
    (answer,) = told(season, asked)
    assert [point.about["en"] for point in answer.points] == [
        "Housing of the workers",
        "Employment contract (BT.29, 4.5)",
    ]
    assert (answer.by, answer.words, answer.appeal) == (until, "แผนที่", None)
    found = answering.to_answer(season.desk, season.cast["owner"], season.cast.entries["orchard"])
    assert [(one.case.subject, one.answer.by) for one in found] == [(asked, until)]
    assert answering.to_answer(season.desk, season.cast["owner2"], season.cast.entries["orchard2"]) == []


def test_a_revocation_of_a_request_bears_a_code_and_may_be_appealed(season: Season) -> None:
    asked = season.request(ROWS, until="list_open").subject
    assert told(season, asked) == ()
    does(season, "registrar", asked, "revoke_request", CodedReason(reason_code="employer", reason="ไม่จัดที่พัก"))
    (answer,) = told(season, asked)
    assert (answer.words, answer.appeal_days) == ("ไม่จัดที่พัก", 30)
    assert [point.about["en"] for point in answer.points] == ["Conditions that the employer has to keep"]


def test_health_is_not_told_where_others_may_look(season: Season) -> None:
    worker = record(season, refused(season)).history[0].evidence.worker
    assert len(own_page(season.desk, worker).answers) == 1
    assert record(season, refused(season, "medical")).history[0].evidence.worker == worker
    assert own_page(season.desk, worker).answers == ()


def test_a_worker_reads_in_khmer_what_can_be_done(client: FlaskClient, season: Season) -> None:
    subject = refused(season)
    held = record(season, subject).last("check_identity").evidence.pass_number
    page = client.get(enter(client, code_of(season, "entry_record"), held[-4:]).location).text
    assert '<html lang="km"' in page
    assert "បំពេញ និងកែឯកសារឱ្យត្រឹមត្រូវ" in page
    assert "អាចប្តឹងឧទ្ធរណ៍" in page


def test_pages_and_papers_show_it(app: Flask, client: FlaskClient, season: Season) -> None:
    subject = refused(season)
    assert state(season, subject) == "refused"
    reference = record(season, subject).reference
    for user in ("officer", "owner"):
        reader = app.test_client()
        sign_in_as(reader, user)
        page = reader.get(f"/cases/{reference}").text
        assert "รวบรวมเอกสารให้ครบและถูกต้อง" in page
        assert "อุทธรณ์ต่อรัฐมนตรี" in page
    sign_in_as(client, "owner")
    assert "รวบรวมเอกสารให้ครบและถูกต้อง" in client.get("/employer").text
