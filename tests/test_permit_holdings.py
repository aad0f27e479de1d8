"""A permit in the store: what each employer sees of it, the notice told with an end, copies that follow, orders recalled."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.driving import against, does, flags, one, record, state
from tests.signing_in import sign_in_as
from workflow import casework, lookups
from workflow.casework import Act
from workflow.demonstration import Season
from workflow.domain.actor import SYSTEM
from workflow.domain.crossing import Entry, StayReport
from workflow.domain.everywhere import Correction, Reason, Recall, ServedHow, Serving
from workflow.domain.permit import (
    EmploymentEnd,
    EmploymentStarted,
    EndReason,
    Hearing,
    Notice,
    NoticeKind,
    RenewalFiled,
    Revocation,
    RevocationProposal,
    TraffickingCheck,
    TraffickingOutcome,
)
from workflow.domain.standing import LEFT
from workflow.store.projections import Case, Document, Employment, FeeLine, Stay
from workflow.verification import verify
from workflow.visibility import visible_to
from workflow.web import narrow
from workflow.web.casepage import line_of
from workflow.web.permitpage import panel_of
from workflow.web.trays import TRAYS

DAY = timedelta(days=1)


@pytest.fixture
def held(season: Season) -> tuple[Season, str]:
    """A permit whose first day has come."""
    one(season, "issued")
    permit = season.desk.session.scalars(select(Case).filter_by(flow="permit")).one()
    season.calendar.next_day((permit.valid_from - season.calendar.today()).days + 1)
    return season, permit.subject


def system(season: Season, permit: str, step: str, evidence: object) -> casework.Performed:
    return casework.perform(season.desk, SYSTEM, permit, step, evidence, Act())


def second(season: Season, permit: str, **more: object) -> EmploymentStarted:
    opened = record(season, permit).history[0].evidence
    return EmploymentStarted(
        application=opened.application, employer=season.cast.entries["orchard2"], workplace="สวนทุเรียน", job="กรรมกร",
        from_on=season.calendar.today(), **more,
    )  # fmt: skip


def end(season: Season, why: EndReason = EndReason.FINISHED, employer: str = "orchard", **more: object) -> EmploymentEnd:
    urgent = why in (EndReason.DISMISSED, EndReason.ABSCONDED)
    known = {"known_at": season.desk.now() - timedelta(hours=2)} if urgent else {}
    return EmploymentEnd(
        employer=season.cast.entries[employer], reason_code=why, last_day=season.calendar.today(), reason="ตามที่แจ้ง",
        **known, **more,
    )  # fmt: skip


def sees(season: Season, user: str, permit: str) -> bool:
    season.desk.session.rollback()
    seen = select(Case.subject).where(Case.subject == permit, visible_to(season.desk, season.cast[user]))
    return season.desk.session.scalar(seen) is not None


# who sees it ----------------------------------------------------------------------------------


def test_an_employer_sees_a_permit_through_its_own_employment_only(held: tuple[Season, str]) -> None:
    season, permit = held
    assert (sees(season, "owner", permit), sees(season, "owner2", permit)) == (True, False)
    assert against(season, "owner2", permit, "end_employment", end(season, employer="orchard2")) == "CaseNotFound"
    system(season, permit, "add_employer", second(season, permit))
    assert (sees(season, "owner", permit), sees(season, "owner2", permit)) == (True, True)
    does(season, "owner", permit, "end_employment", end(season))
    case = season.desk.session.get(Case, permit)
    assert (case.employer, case.live) == (season.cast.entries["orchard2"], True)
    assert line_of(season.desk, season.cast["owner"], case, season.calendar.today()) == LEFT
    assert line_of(season.desk, season.cast["owner2"], case, season.calendar.today()).may_work
    rows = season.desk.session.scalars(select(Employment).filter_by(permit=permit).order_by(Employment.from_on)).all()
    assert [row.ended_on for row in rows] == [season.calendar.today(), None]
    assert verify(season.desk).sound


def test_one_employer_is_not_shown_the_other_nor_what_was_told_to_the_office(
    client: FlaskClient, held: tuple[Season, str]
) -> None:
    season, permit = held
    system(season, permit, "add_employer", second(season, permit))
    does(season, "owner2", permit, "end_employment", end(season, EndReason.ABSCONDED, "orchard2"))
    check = TraffickingCheck(
        indicators=("papers_kept",), result=TraffickingOutcome.REFERRED, told="นายจ้างยึดบัตร", referred_to="พม. จันทบุรี"
    )
    does(season, "officer", permit, "check_trafficking", check)
    reference = season.desk.session.get(Case, permit).reference
    season.desk.session.rollback()
    sign_in_as(client, "owner")
    page = client.get(f"/cases/{reference}?lang=en", follow_redirects=True).text
    assert "สวนลำไยตัวอย่าง จำกัด" in page
    assert "Ban Laem" in page
    assert "ban_laem" not in page
    for hidden in ("นางมาลี สวนทดลอง", "สวนทุเรียน", "นายจ้างยึดบัตร", "พม. จันทบุรี", "Referred", "trafficking", "absconded"):
        assert hidden not in page, hidden
    shown = [done.step for done in record(season, permit).history if narrow.may_see(season.cast["owner"], done)]
    assert shown == ["open_permit"]
    assert {"check_trafficking", "end_employment"} <= {
        done.step for done in record(season, permit).history if narrow.may_see(season.cast["officer"], done)
    }


def test_an_employer_whom_the_worker_left_is_shown_nothing_of_what_came_after(held: tuple[Season, str]) -> None:
    season, permit = held
    system(season, permit, "add_employer", second(season, permit))
    does(season, "owner", permit, "end_employment", end(season))
    today = season.calendar.next_day(20)
    does(season, "gate", permit, "record_reentry", Entry(gate="ban_laem", stamped_on=today, stay_until=today + DAY))
    exit_notice = Notice(
        kind_of=NoticeKind.EXIT, employer=season.cast.entries["orchard"], event_on=today - 20 * DAY, given_on=today
    )
    does(season, "owner", permit, "give_notice", exit_notice)
    now = record(season, permit)
    shown = [done.step for done in narrow.shown_of(season.cast["owner"], now)]
    assert shown == ["open_permit", "end_employment", "give_notice"]
    facts = lookups.facts_for(season.desk, now, None, season.cast["owner"], season.desk.now())
    panel = panel_of(season.desk, season.cast["owner"], now, facts)
    assert (panel.conditions, len(panel.sojourns), len(panel.works), len(panel.notices)) == ([], 1, 1, 1)
    other = panel_of(season.desk, season.cast["owner2"], now, facts)
    assert (len(other.sojourns), len(other.works), len(other.notices)) == (2, 1, 0)


def test_a_gate_sees_live_permits_of_those_who_crossed_there_and_records_the_next_crossing(
    held: tuple[Season, str],
) -> None:
    season, permit = held
    assert (sees(season, "gate", permit), sees(season, "gate2", permit)) == (True, False)
    today = season.calendar.today()
    stamp = Entry(gate="ban_laem", stamped_on=today, stay_until=today + 30 * DAY)
    does(season, "gate", permit, "record_reentry", stamp)
    assert season.desk.session.get(Case, permit).stay_until == today + 30 * DAY
    assert len(season.desk.session.scalars(select(Stay).filter_by(permit=permit)).all()) == 2


def test_a_report_of_the_stay_is_followed_by_the_copies(held: tuple[Season, str]) -> None:
    season, permit = held
    today = season.calendar.today()
    done = does(season, "officer", permit, "record_report", StayReport(reported_on=today, where="อำเภอ")).done
    season.desk.session.rollback()
    assert season.desk.session.get(Case, permit).stay_until == done.evidence.next_due


# one form for the end and the district --------------------------------------------------------


def test_dismissal_told_in_the_same_form_is_told_to_the_district_in_the_same_act(held: tuple[Season, str]) -> None:
    season, permit = held
    told_at = season.desk.now() - timedelta(hours=1)
    does(season, "owner", permit, "end_employment", end(season, EndReason.DISMISSED, told_at=told_at))
    left, told = record(season, permit).history[-2:]
    assert (left.step, told.step, told.role) == ("end_employment", "tell_district", "system")
    assert told.evidence.told_at == told_at
    assert verify(season.desk).sound


def test_absconding_not_told_yet_waits_for_the_notice_and_takes_it_once(held: tuple[Season, str]) -> None:
    season, permit = held
    does(season, "owner", permit, "end_employment", end(season, EndReason.ABSCONDED))
    assert season.desk.session.get(Case, permit).due_clock == "district_notice"
    assert "absconded" in flags(season, permit)
    notice = {
        "employer": season.cast.entries["orchard"],
        "about": "absconded",
        "told_at": season.desk.now() - timedelta(minutes=5),
    }
    from_form = casework.FLOWS["permit"].rows("tell_district")[0].evidence(**notice)
    does(season, "owner", permit, "tell_district", from_form)
    assert against(season, "owner", permit, "tell_district", from_form) == ["nothing-to-tell"]


def test_notices_are_kept_and_a_wrong_end_is_corrected_with_its_copy(held: tuple[Season, str]) -> None:
    season, permit = held
    today = season.calendar.today()
    notice = Notice(
        kind_of=NoticeKind.HIRE, employer=season.cast.entries["orchard"], event_on=today - DAY, given_on=today
    )
    does(season, "owner", permit, "give_notice", notice)
    done = does(season, "owner", permit, "end_employment", end(season)).done
    right = done.evidence.plain() | {"last_day": (today - DAY).isoformat()}
    does(season, "officer", permit, "propose_correction", Correction(number=done.number, values=right, reason="พิมพ์ผิด"))
    does(season, "clerk", permit, "confirm_correction")
    assert season.desk.session.scalars(select(Employment.ended_on).filter_by(permit=permit)).one() == today - DAY


# interim proof --------------------------------------------------------------------------------


def test_after_the_end_a_renewal_in_time_is_told_to_anybody_with_its_day_and_receipt(
    client: FlaskClient, held: tuple[Season, str]
) -> None:
    season, permit = held
    until, code = season.desk.session.get(Case, permit).valid_until, _code(season)
    filed = RenewalFiled(application="ap-next", filed_on=season.calendar.today(), receipt="77/2570")
    system(season, permit, "note_renewal", filed)
    season.calendar.next_day((until - season.calendar.today()).days + 5)
    today = season.calendar.today()
    stamp = Entry(gate="ban_laem", stamped_on=today, stay_until=today + 30 * DAY)
    does(season, "gate", permit, "record_reentry", stamp)
    page = client.get(f"/v/{code}").text
    assert "in force while its renewal is pending" in page
    assert "77/2570" in page


def _code(season: Season) -> str:
    return season.desk.session.scalars(select(Document.code).filter_by(key="permit_record")).one()


# orders ---------------------------------------------------------------------------------------


def test_a_permit_is_revoked_by_whoever_did_not_propose_it_and_the_work_ends(held: tuple[Season, str]) -> None:
    season, permit = held
    does(season, "officer", permit, "propose_revocation", RevocationProposal(ground="conditions", reason="x"))
    today = season.calendar.today()
    does(season, "officer", permit, "hear_worker", Hearing(heard_on=today, reached=True, told="x"))
    does(season, "registrar", permit, "revoke", Revocation(ground="conditions", reason="x"))
    assert state(season, permit) == "revoked"
    served = Serving(served_to="คนงาน", served_on=today, how=ServedHow.IN_PERSON)
    does(season, "officer", permit, "serve_order", served)
    shown = {done.step for done in narrow.shown_of(season.cast["owner"], record(season, permit))}
    assert shown == {"open_permit", "serve_order"}, "the ground may tell of the worker's health"
    assert season.desk.session.scalars(select(Employment.ended_on).filter_by(permit=permit)).one() == today
    system(season, permit, "reinstate", Reason(reason="อุทธรณ์ฟังขึ้น"))
    assert season.desk.session.scalars(select(Employment.ended_on).filter_by(permit=permit)).one() is None
    assert verify(season.desk).sound


def test_a_grant_is_recalled_before_it_is_served_by_another_registrar_and_its_papers_are_void(season: Season) -> None:
    subject = one(season, "granted")
    assert against(season, "registrar", subject, "recall_order", Recall(reason="ผิดคน")) == ["four-eyes"]
    other = replace(season.cast["registrar"], person="another")
    casework.perform(season.desk, other, subject, "recall_order", Recall(reason="ผิดคน"), Act())
    assert state(season, subject) == "assessed"
    fees = season.desk.session.scalars(select(FeeLine.fee).filter_by(application=subject)).all()
    assert "permit_fee" not in fees
    orders = season.desk.session.scalars(select(Document.state).filter_by(owner=subject, key="permit_order")).all()
    assert orders == ["void"]


# the trays ------------------------------------------------------------------------------------


def test_what_waits_on_permits_lies_in_the_trays_of_those_who_do_it(held: tuple[Season, str]) -> None:
    season, permit = held
    stay = season.desk.session.get(Case, permit).stay_until

    def lies_in(user: str, key: str) -> bool:
        season.desk.session.rollback()
        tray = next(tray for tray in TRAYS[season.cast[user].role] if tray.key == key)
        found = select(Case.subject).where(tray.holds(season.cast[user], season.calendar.today()))
        return permit in season.desk.session.scalars(found).all()

    does(season, "owner", permit, "end_employment", end(season, EndReason.ABSCONDED))
    assert lies_in("officer", "absconded")
    check = TraffickingCheck(result=TraffickingOutcome.NONE, told="สอบถามแล้ว")
    does(season, "officer", permit, "check_trafficking", check)
    does(season, "officer", permit, "propose_revocation", RevocationProposal(ground="conditions", reason="x"))
    assert (lies_in("officer", "absconded"), lies_in("officer", "hearings")) == (False, True)
    today = season.calendar.today()
    does(season, "officer", permit, "hear_worker", Hearing(heard_on=today, reached=False, told="ติดต่อไม่ได้"))
    assert (lies_in("officer", "hearings"), lies_in("registrar", "revocations")) == (False, True)
    assert not lies_in("gate", "stays")
    season.calendar.next_day((stay - season.calendar.today()).days - 7)
    assert lies_in("gate", "stays")
