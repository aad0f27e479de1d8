"""The guards that hold the process to what it says: days, persons, lists, corrections, names and numbers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.driving import (
    CODED,
    WHY,
    against,
    does,
    one,
    opened,
    order,
    propose,
    record,
    rows,
    state,
)
from workflow import casework, namelists, printing
from workflow.casework import Act
from workflow.demonstration import Season
from workflow.domain.actor import SYSTEM, Actor, Role
from workflow.domain.application import Listed
from workflow.domain.everywhere import Correction, Deficiencies
from workflow.domain.evidence import Nothing
from workflow.domain.flow import KEYED_IN, Refused, Step, refusals
from workflow.domain.flows import FLOWS
from workflow.domain.namelist import ListRow
from workflow.domain.paper import Print
from workflow.domain.policies import ORDERS, dated_today, request_runs
from workflow.domain.record import Done, Facts, Record
from workflow.domain.request import ListAmendment, ListChange, NameList, RequestOrder, RequestOutcome
from workflow.domain.rulesets import NONE
from workflow.store.projections import Document
from workflow.store.truth import EventRow
from workflow.verification import verify
from workflow.web.steps import WEIGHTY

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
FACTS = Facts(now=NOW, on=date(2026, 11, 23), ruleset=NONE, appointed=True)
DECIDING = [("application", "decide"), ("request", "decide_request"), ("request", "revoke_request")]


# the day of an order --------------------------------------------------------------------------


def late(season: Season, days: int = 1) -> dict[str, object]:
    """An entry for an earlier day, with its reason."""
    return {"happened_at": season.desk.now() - timedelta(days=days), "note": "บันทึกย้อนหลัง"}


def test_no_order_is_dated_back(season: Season) -> None:
    first = one(season, "assessed")
    request = record(season, first).history[0].evidence.request
    assert against(season, "registrar", first, "decide", order(), **late(season)) == ["order-dated"]
    assert against(season, "registrar", request, "revoke_request", CODED, **late(season)) == ["order-dated"]
    asked = season.request((), until="reviewed", men=1)
    season.calendar.next_day()
    approve = RequestOrder(order=RequestOutcome.APPROVED, men=1)
    assert against(season, "registrar", asked.subject, "decide_request", approve, **late(season)) == [
        "order-dated"
    ]
    assert against(season, "registrar", asked.subject, "decide_request", approve) is None


# who prepared does not decide -----------------------------------------------------------------


def done_by(person: str, step: str, behalf: str | None = None) -> Record:
    """A case on which a person did one step."""
    done = Done(
        number=1, step=step, source=None, target="x", flags=frozenset(), person=person, name="", position="", role="officer",
        office="CTI", on_behalf_of=behalf, happened_at=NOW, recorded_at=NOW, evidence=Nothing(), ruleset="",
    )  # fmt: skip
    return Record(flow="x", subject="s", reference="s", office="CTI", history=(done,))


def four_eyes(flow: str, row: Step, record: Record) -> set[str]:
    """Which refusals of the second pair of eyes meet the registrar who is the same person under another account."""
    registrar = Actor(person="p-1", account="another", role=Role.REGISTRAR, name="")
    alone = replace(row, only_if=())
    return {refusal.code for refusal in refusals(FLOWS[flow], alone, record, None, registrar, FACTS)}


PREPARING = {
    "application": (
        "check_identity", "replace_travel_document", "settle_duplicate", "record_medical", "record_entry",
        "record_earlier_entry", "record_reentry", "file_application", "complete_filing", "pay_application_fee",
        "give_opinion", "propose_correction", "confirm_correction",
    ),
    "request": (
        "draft_request", "revise_draft", "attach_list", "submit_request", "complete_request", "recommend_request",
        "propose_correction", "confirm_correction",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("flow", "step"), DECIDING)
def test_who_stated_what_an_order_rests_on_does_not_make_the_order(flow: str, step: str) -> None:
    for row in FLOWS[flow].rows(step):
        met = {each for each in PREPARING[flow] if "four-eyes" in four_eyes(flow, row, done_by("p-1", each))}
        assert met == set(PREPARING[flow])
        assert KEYED_IN in row.unlike
        assert four_eyes(flow, row, done_by("p-1", "attach_file", "employer")) == {"keyed-in"}
        assert four_eyes(flow, row, done_by("p-2", "give_opinion")) == set()


def test_every_order_asks_the_registrar_for_a_fresh_proof() -> None:
    assert ORDERS | {"recall_order", "decide_appeal"} <= WEIGHTY
    assert not any(step.startswith("return_") for step in WEIGHTY)


def test_every_order_is_of_its_day_and_by_nobody_who_keyed_in() -> None:
    made = [row for flow in FLOWS.values() for row in flow.steps if row.name in ORDERS]
    assert {row.name for row in made if dated_today not in row.only_if or KEYED_IN not in row.unlike} == set()
    assert {row.name for row in made} == ORDERS


def test_every_step_that_a_list_of_persons_names_is_a_step_of_its_flow() -> None:
    for flow in FLOWS.values():
        names = {row.name for row in flow.steps} | {KEYED_IN}
        assert {step for row in flow.steps for step in row.unlike} <= names


# the day of anything else ---------------------------------------------------------------------


def test_who_sends_something_himself_sends_it_today(season: Season) -> None:
    """Otherwise an employer would file for a day on which the stay still ran."""
    subject = one(season, "ready")
    season.calendar.next_day(2)
    assert against(season, "owner", subject, "withdraw", WHY, **late(season)) == ["own-day"]
    assert against(season, "officer", subject, "withdraw", WHY, **late(season)) is None


def test_fee_numbers_and_issue_come_after_the_order(season: Season) -> None:
    subject = one(season, "granted")
    way = {(reached, step): state for reached, _, _, step, state in season._way()}
    for reached, user, step in (
        ("paid", "cashier", "pay_permit_fee"),
        ("numbered", "clerk", "enter_numbers"),
        ("issued", "officer", "issue_permit"),
    ):
        stated = way[reached, step](record(season, subject))
        assert "before-order" in against(season, user, subject, step, stated, **late(season))
        if step == "enter_numbers":
            early = replace(stated, issued_on=stated.issued_on - timedelta(days=1))
            assert against(season, user, subject, step, early) == ["before-order"]
        assert against(season, user, subject, step, stated) is None


# corrections ----------------------------------------------------------------------------------


def refused(season: Season, subject: str, step: str, **changes: object) -> list[str]:
    """Why a correction is refused; it is taken back where it is not."""
    done = record(season, subject).last(step)
    values = {name: change for name, change in changes.items() if name != "happened_at"}
    proposal = Correction(
        number=done.number, values=done.evidence.plain() | values, happened_at=changes.get("happened_at"), reason="?"
    )  # fmt: skip
    codes = against(season, "officer", subject, "propose_correction", proposal)
    if codes is None:
        does(season, "officer", subject, "reject_correction", WHY)
    return codes or []


def test_a_correction_is_judged_again_when_it_is_confirmed(season: Season) -> None:
    first, second = opened(season, 2)
    season.drive([first], until="numbered")
    season.drive([second], until="paid")
    propose(season, first, "enter_numbers", permit_book="9", permit_number="64-00099")
    way = {step: state for _, _, _, step, state in season._way()}
    taken = replace(way["enter_numbers"](record(season, second)), permit_book="9", permit_number="64-00099")
    does(season, "clerk", second, "enter_numbers", taken)
    assert against(season, "clerk", first, "confirm_correction") == ["permit-used"]
    assert verify(season.desk).sound


def test_a_correction_dates_no_order_back(season: Season) -> None:
    subject = one(season, "granted")
    made = record(season, subject).last("decide").happened_at
    assert "order-dated" in refused(
        season, subject, "decide", happened_at=(made - timedelta(days=1)).isoformat()
    )
    assert refused(season, subject, "decide", happened_at=(made - timedelta(minutes=1)).isoformat()) == []


def test_a_list_of_what_is_missing_grows_by_no_correction(season: Season) -> None:
    subject = season.request((), until="received", men=1).subject
    until = season.calendar.today() + timedelta(days=9)
    does(
        season,
        "officer",
        subject,
        "ask_for_missing",
        Deficiencies(items=("housing", "map"), answer_until=until),
    )
    step = "ask_for_missing"
    assert refused(season, subject, step, items=["housing", "map", "photo"]) == ["second-list"]
    assert refused(season, subject, step, other="และแผนที่") == ["second-list"]
    assert refused(season, subject, step, items=["photo"], supervisor_reason="   ") == ["second-list"]
    assert refused(season, subject, step, answer_until=str(until - timedelta(days=5))) == ["rests"]
    assert refused(season, subject, step, items=["photo"], supervisor_reason="พบข้อเท็จจริงใหม่") == []
    assert refused(season, subject, step, items=["map"], answer_until=str(until + timedelta(days=5))) == []


def test_a_second_list_needs_more_than_blanks_for_a_reason(season: Season) -> None:
    asked = season.request((), until="received", men=1)
    missing = Deficiencies(items=("housing",), answer_until=season.calendar.today() + timedelta(days=5))
    does(season, "officer", asked.subject, "ask_for_missing", missing)
    does(season, "owner", asked.subject, "complete_request", asked.last("draft_request").evidence)
    blank = replace(missing, supervisor_reason="  ")
    assert against(season, "officer", asked.subject, "ask_for_missing", blank) == ["second-list"]


def test_what_other_entries_rest_on_is_not_corrected(season: Season) -> None:
    first, _ = opened(season, 2)
    request = record(season, first).history[0].evidence.request
    assert refused(season, request, "draft_request", men=9) == ["rests"]
    assert "other-employer" in refused(
        season, request, "draft_request", employer=season.cast.entries["orchard2"]
    )
    assert refused(season, request, "draft_request", workplace="สวน 100 หมู่ 4") == []
    does(season, "owner", request, "amend_list", in_place(rows(1)[0]))
    assert refused(season, request, "amend_list", pass_number=rows(2)[1].pass_number) == ["rests"]
    assert refused(season, request, "amend_list", change="remove") == ["rests"]
    assert refused(season, request, "amend_list", new_pass_number="PL777003") == ["rests"]
    assert refused(season, request, "amend_list", new_name="NEW WORKER AS ON THE PASS") == []


def test_an_order_is_not_made_smaller_under_a_locked_list(season: Season) -> None:
    asked = season.request((), until="reviewed", men=3).subject
    part = RequestOrder(order=RequestOutcome.PARTLY, men=2, reason_code="quota", reason="เกินความจำเป็น")
    does(season, "registrar", asked, "decide_request", part)
    assert refused(season, asked, "decide_request", men=1) == []
    men = tuple(row for row in rows(4) if row.sex == "M")[:2]
    does(season, "owner", asked, "attach_list", NameList(rows=men))
    does(season, "officer", asked, "lock_list")
    assert refused(season, asked, "decide_request", men=1) == ["rests"]


def test_the_work_of_an_issued_permit_is_changed_by_a_filing_of_its_own(season: Season) -> None:
    subject = one(season, "issued")
    assert refused(season, subject, "file_application", workplace="สวนอื่น") == ["issued"]
    assert refused(season, subject, "file_application", work_nature="ขับรถ") == ["issued"]
    assert refused(season, subject, "file_application", education="มัธยมศึกษา") == []


# the list -------------------------------------------------------------------------------------


def in_place(row: ListRow, number: str = "PL777001") -> ListAmendment:
    """Put a new worker in the place of a listed one."""
    return ListAmendment(
        change=ListChange.REPLACE, pass_number=row.pass_number, reason="เปลี่ยนคน", new_name="NEW WORKER",
        new_sex=row.sex, new_pass_number=number,
    )  # fmt: skip


def test_a_newcomer_of_an_amended_list_is_in_no_other_file(season: Season) -> None:
    first, _ = opened(season, 2)
    request = record(season, first).history[0].evidence.request
    (elsewhere,) = opened(season, 1, first=7)
    newcomer = in_place(rows(1)[0], number=rows(1, 7)[0].pass_number)
    assert against(season, "owner", request, "amend_list", newcomer) == ["in-another-file"]
    does(season, "owner", elsewhere, "withdraw", WHY)
    assert against(season, "owner", request, "amend_list", newcomer) is None


def test_a_worker_whose_file_is_being_corrected_is_not_taken_off_the_list(season: Season) -> None:
    first = one(season, "requested")
    request = record(season, first).history[0].evidence.request
    propose(season, first, "check_identity", phone="081")
    assert against(season, "owner", request, "amend_list", in_place(rows(1)[0])) == ["case-stopped"]
    does(season, "clerk", first, "confirm_correction")
    assert against(season, "owner", request, "amend_list", in_place(rows(1)[0])) is None
    assert state(season, first) == "withdrawn"


# a request that ended -------------------------------------------------------------------------


def test_nothing_is_opened_or_ordered_under_a_request_that_ended(season: Season) -> None:
    locked = season.request(rows(2), until="list_locked").subject
    does(season, "registrar", locked, "revoke_request", CODED)
    assert not any(
        result.done for result in namelists.open_listed(season.desk, season.cast["officer"], locked, "late")
    )
    ended_of = record(season, locked)
    listed = Listed(
        request=locked, employer=casework.employer_of(ended_of), worker="somebody", row=rows(1)[0]
    )
    with pytest.raises(Refused) as refused_then:
        casework.begin(season.desk, SYSTEM, "application", "open_application", listed, chain="PNR")
    assert [refusal.code for refusal in refused_then.value.refusals] == ["request-ended"]
    decide = [row for row in FLOWS["application"].rows("decide") if not row.needs]
    assert len(decide) == 2, "of a new application: granted, refused"
    assert all(request_runs in row.only_if for row in (*decide, *FLOWS["application"].rows("release")))
    for ended in ("revoked", "closed"):
        facts = replace(FACTS, states={"request": ended})
        assert (
            request_runs(done_by("p-1", "x"), None, season.cast["registrar"], facts).code == "request-ended"
        )


# names and numbers in the chain -----------------------------------------------------------------


def envelopes(season: Season) -> Iterator[bytes]:
    """Everything of the events that can be read for ever."""
    season.desk.session.rollback()
    for row in season.desk.session.scalars(select(EventRow)):
        stored = json.loads(row.bytes)["event"]
        yield json.dumps([stored, row.request_id, row.subject], ensure_ascii=False).encode()


def test_no_private_name_and_no_pass_number_is_readable_in_the_chain(season: Season) -> None:
    subject = one(season, "issued")
    worker = record(season, subject).last("check_identity").evidence
    owner, officer = season.cast["owner"].name, season.cast["officer"].name
    listed = rows(1)[0].pass_number
    read = b"\n".join(envelopes(season)).decode()
    told = {
        text
        for text in (owner, worker.name_latin, worker.name_thai, worker.pass_number, listed)
        if text in read
    }
    assert told == set()
    assert officer in read, "officials are named"
    filed = record(season, subject).last("file_application")
    assert (filed.role, filed.name) == ("employer", owner), "the sealed part names who it was"


# sheets ---------------------------------------------------------------------------------------


def test_only_the_original_goes_out_without_a_mark(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = one(season)
    sheet = season.desk.session.scalars(select(Document).filter_by(owner=subject, key="cover_sheet")).one()
    marks: list[str] = []
    monkeypatch.setattr(printing.pdf, "stamp", lambda body, mark: marks.append(mark) or body)
    officer, auditor = season.cast["officer"], season.cast["auditor"]
    for actor in (officer, auditor):
        printing.view(season.desk, actor, sheet.subject)
        printing.all_in_one(season.desk, actor, [sheet])
    assert marks == ["copy", "copy", "audit copy", "audit copy"]
    marks.clear()
    printing.hand_out(season.desk, officer, sheet.subject, Act())
    assert marks == []
    for _ in range(2):
        printing.hand_out(season.desk, officer, sheet.subject, Act(), "อีกฉบับ")
    assert marks == ["copy 1", "copy 2"]
    taken = Print(copy=2, reason="พร้อมกัน")
    assert against(season, "officer", sheet.subject, "print_copy", taken) == ["copy-number"]
