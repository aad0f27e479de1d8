"""Appeals, walked through the verbs: filed in time, decided by another reviewer, and what follows when an order falls."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.driving import CODED, WHY, against, does, flags, one, order, record, rows, state
from tests.onward import filed_on, near_the_end, opens, permitted, renewal, to_order
from tests.rules import demo_rules
from workflow import appeals, casework
from workflow.casework import Act, Performed
from workflow.demonstration import Season
from workflow.demonstration.people import OPENED_ON, PROVINCIAL
from workflow.domain.actor import SYSTEM, Actor, Role
from workflow.domain.appeal import AppealDecision, AppealFiled, AppealOutcome, AppealReceipt
from workflow.domain.appeal_policies import within_appeal_days
from workflow.domain.application import PermitOutcome
from workflow.domain.everywhere import AttachedFile, AttachedKind, ServedHow, Serving
from workflow.domain.flow import Refused
from workflow.domain.permit import (
    EmploymentEnd,
    EmploymentStarted,
    EndReason,
    Hearing,
    Revocation,
    RevocationProposal,
)
from workflow.domain.record import Facts, Record
from workflow.domain.registers import Account
from workflow.domain.request import RequestOrder, RequestOutcome
from workflow.domain.rulesets import Confidence, Value
from workflow.people import actor_named
from workflow.store.projections import Case
from workflow.verification import verify
from workflow.workers import actor_of

REFUSED = order(PermitOutcome.REFUSE, reason_code="incomplete", reason="เอกสารไม่ครบ")


def second_registrar(season: Season) -> Actor:
    """Appoint another registrar of the province."""
    facts = Account(
        user_name="registrar2", name="นางสาวอุทธรณ์ พิจารณา", role=Role.REGISTRAR, position="ผู้พิจารณาอุทธรณ์",
        office=PROVINCIAL, valid_from=OPENED_ON,
    )  # fmt: skip
    casework.begin(season.desk, SYSTEM, "account", "enter_account", facts, Act(), chain="system")
    season.cast.actors["registrar2"] = actor_named(season.desk.session, "registrar2")
    return season.cast["registrar2"]


def serve(season: Season, subject: str) -> None:
    """Serve the newest order today."""
    served = Serving(served_to="นายจ้าง", served_on=season.calendar.today(), how=ServedHow.IN_PERSON)
    does(season, "officer", subject, "serve_order", served)


def appeals_against(season: Season, user: str, subject: str, **act: object) -> Performed:
    """Somebody appeals against the order of a case."""
    case, against_it = season.desk.session.get(Case, subject), record(season, subject)
    own = next(iter(appeals.parties(season.cast[user], case, against_it)), "")
    employer = case.employer if case.flow != "permit" else own
    stated = AppealFiled(**appeals.about_order(case, against_it, employer), grounds="ยื่นเอกสารครบแล้ว")
    return appeals.file_appeal(season.desk, season.cast[user], against_it, stated, Act(**act))


def faults(season: Season, user: str, subject: str) -> list[str]:
    """Give the codes of what stands against an appeal."""
    with pytest.raises(Refused) as found:
        appeals_against(season, user, subject)
    return [refusal.code for refusal in found.value.refusals]


def decided(season: Season, appeal: str, outcome: AppealOutcome, user: str = "registrar2") -> None:
    """Receive an appeal and decide it."""
    does(season, "peo", appeal, "receive_appeal", AppealReceipt(sent_to="กรมการจัดหางาน"))
    does(season, user, appeal, "decide_appeal", AppealDecision(decision=outcome, reason="พิจารณาแล้ว"))


def refused_application(season: Season) -> str:
    """Bring one worker's application to a refusal that was served."""
    subject = one(season, "assessed")
    does(season, "registrar", subject, "decide", REFUSED)
    serve(season, subject)
    return subject


def test_an_order_that_is_set_aside_opens_the_application_where_it_was_examined(season: Season) -> None:
    second_registrar(season)
    subject = refused_application(season)
    appeal = appeals_against(season, "owner", subject, request_id="once").record
    assert appeals_against(season, "owner", subject, request_id="once").repeated
    assert faults(season, "owner", subject) == ["appealed-before"]
    assert (appeal.office, casework.key_of(season.desk, appeal.subject)) == (
        record(season, subject).office, casework.key_of(season.desk, subject),
    )  # fmt: skip

    does(season, "peo", appeal.subject, "receive_appeal", AppealReceipt())
    said = AppealDecision(decision=AppealOutcome.REVERSED, reason="เอกสารครบ")
    assert against(season, "registrar", appeal.subject, "decide_appeal", said) == ["own-order"]
    does(season, "registrar2", appeal.subject, "decide_appeal", said)
    assert (state(season, appeal.subject), state(season, subject)) == ("reversed", "examined")
    assert season.desk.session.get(Case, subject).live
    assert record(season, subject).history[-1].evidence.reason == f"{appeal.reference}: เอกสารครบ"
    assert verify(season.desk).sound


def test_an_order_that_stands_leaves_the_case_closed(season: Season) -> None:
    second_registrar(season)
    subject = refused_application(season)
    assert faults(season, "owner2", subject) == ["not-concerned"]
    appeal = appeals_against(season, "officer", subject).record
    assert appeal.history[0].on_behalf_of == "employer"
    decided(season, appeal.subject, AppealOutcome.UPHELD)
    assert (state(season, appeal.subject), state(season, subject)) == ("upheld", "refused")


def test_a_withdrawn_appeal_leaves_the_way_open_for_another(season: Season) -> None:
    subject = refused_application(season)
    first = appeals_against(season, "owner", subject).record
    does(season, "owner", first.subject, "withdraw_appeal", WHY)
    assert appeals_against(season, "owner", subject).record.state == "filed"
    assert faults(season, "owner", one(season)) == ["no-order"]


def test_a_refused_renewal_is_pending_again_when_its_refusal_falls(season: Season) -> None:
    second_registrar(season)
    permit = permitted(season)
    near_the_end(season, permit)
    subject = opens(season, "owner", "open_renewal", renewal(season, permit)).record.subject
    filed_on(season, subject)
    assert "renewal_filed" in flags(season, permit)
    to_order(season, subject)
    does(season, "registrar", subject, "decide", REFUSED)
    assert "renewal_filed" not in flags(season, permit)
    appeal = appeals_against(season, "owner", subject).record
    decided(season, appeal.subject, AppealOutcome.REVERSED)
    assert (state(season, subject), "renewal_filed" in flags(season, permit)) == ("examined", True)


@pytest.mark.parametrize("until", ["list_open", "list_locked", "running"])
def test_a_revoked_request_stands_again_where_it_stood(season: Season, until: str) -> None:
    second_registrar(season)
    request = season.request(rows(1), until=until).subject
    does(season, "registrar", request, "revoke_request", CODED)
    appeal = appeals_against(season, "owner", request).record
    decided(season, appeal.subject, AppealOutcome.REVERSED)
    assert state(season, request) == until


def test_a_refused_request_is_examined_again(season: Season) -> None:
    second_registrar(season)
    request = season.request(rows(1), until="reviewed").subject
    refuse = RequestOrder(order=RequestOutcome.REFUSED, reason_code="quota", reason="เกินจำนวน")
    does(season, "registrar", request, "decide_request", refuse)
    appeal = appeals_against(season, "owner", request).record
    decided(season, appeal.subject, AppealOutcome.REVERSED)
    assert state(season, request) == "received"
    assert season.desk.session.get(Case, appeal.subject).title == season.desk.session.get(Case, request).title


def test_a_revoked_permit_counts_again(season: Season) -> None:
    second_registrar(season)
    permit = permitted(season)
    on = season.calendar.today()
    does(season, "officer", permit, "propose_revocation", RevocationProposal(ground="conditions", reason="ผิดเงื่อนไข"))
    does(season, "officer", permit, "hear_worker", Hearing(heard_on=on, reached=True, told="ไม่ได้ทำ"))
    does(season, "registrar", permit, "revoke", Revocation(ground="conditions", reason="ผิดเงื่อนไข"))
    serve(season, permit)
    appeal = appeals_against(season, "owner", permit).record
    decided(season, appeal.subject, AppealOutcome.REVERSED)
    assert state(season, permit) == "active"
    assert verify(season.desk).sound


def test_each_employer_whom_a_revocation_touches_appeals_once_for_itself(season: Season) -> None:
    second_registrar(season)
    permit, on = permitted(season), season.calendar.today()
    second = EmploymentStarted(
        application="ap", employer=season.cast.entries["orchard2"], workplace="สวน", job="กรรมกร", from_on=on
    )
    alone = record(season, permit)
    with casework.transaction(season.desk):
        casework.carry_on(season.desk, SYSTEM, alone, "add_employer", second)
    end = EmploymentEnd(employer=season.cast.entries["orchard"], reason_code=EndReason.FINISHED, last_day=on, reason="-")
    does(season, "owner", permit, "end_employment", end)
    does(season, "officer", permit, "propose_revocation", RevocationProposal(ground="conditions", reason="ผิดเงื่อนไข"))
    does(season, "officer", permit, "hear_worker", Hearing(heard_on=on, reached=True, told="ไม่ได้ทำ"))
    does(season, "registrar", permit, "revoke", Revocation(ground="conditions", reason="ผิดเงื่อนไข"))
    owners = [season.cast[name] for name in ("owner", "owner2")]
    now = record(season, permit)
    assert [appeals.may_appeal(season.desk, one, now) for one in owners] == [False, True]
    assert faults(season, "owner", permit) == ["not-touched"]
    appeals_against(season, "owner2", permit)
    assert faults(season, "owner2", permit) == ["appealed-before"]
    assert not appeals.may_appeal(season.desk, owners[1], now)
    worker = actor_of(season.desk.session.get(Case, permit).worker)
    assert appeals.may_appeal(season.desk, worker, now)
    paper = AttachedFile(shows=AttachedKind.OTHER, file="0" * 64)
    assert against(season, "owner", permit, "attach_file", paper) == ["left-permit"]


def test_the_time_to_appeal_runs_from_the_service_of_the_order(season: Season) -> None:
    case = record(season, refused_application(season))
    rules = demo_rules()
    days = {"appeal.days": Value(30, "test", Confidence.LIKELY)}
    served = season.calendar.today()
    stated = AppealFiled(case=case.subject, order=appeals.adverse_order(case).number, grounds="-")
    empty = Record(flow="appeal", subject="ap", reference="ap", office="PNR")

    def on(day: int) -> object:
        facts = Facts(
            now=season.desk.now(), on=served + timedelta(days=day), related={"case": case},
            ruleset=replace(rules, values={**rules.values, **days}),
        )  # fmt: skip
        return within_appeal_days(empty, stated, season.cast["owner"], facts)

    assert on(30) is None
    assert on(40).code == "appeal-late"
    unserved = replace(case, history=case.history[:-1])
    late = Facts(now=season.desk.now(), on=served + timedelta(days=400), related={"case": unserved}, ruleset=rules)
    assert within_appeal_days(empty, stated, season.cast["owner"], late) is None
