"""The table of clocks by itself: what starts a duty, how its last day is counted, when it is told and to whom."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules import demo_rules
from workflow.domain import clocks
from workflow.domain.actor import Role
from workflow.domain.clocks import BY_NAME, CLOCKS, Unit, next_offset, offsets, owed
from workflow.domain.crossing import Entry
from workflow.domain.everywhere import Deficiencies, ServedHow, Serving
from workflow.domain.evidence import Evidence, Nothing
from workflow.domain.holidays import next_working_day
from workflow.domain.permit import (
    DistrictMatter,
    DistrictNotice,
    EmploymentEnd,
    EmploymentStarted,
    EndReason,
    Loss,
    Notice,
    NoticeKind,
    PermitOpened,
)
from workflow.domain.record import Done, Facts, Record
from workflow.domain.rulesets import Ruleset
from workflow.domain.thai import BANGKOK
from workflow.store.calendar import thai_holiday

ORCHARD, FARM = "em-orchard", "em-farm"
LENGTHS = {
    "notices.hire_days": 15, "notices.worker_days": 15, "notices.exit_days": 15, "notices.district_hours": 24,
    "notices.housing_hours": 24, "loss.days": 15, "renewal.open_days": 30, "appeal.days": 30, "desk.days": 7,
    "departure.days": 7, "report.first_within_days": 15,
}  # fmt: skip


def rules(**more: object) -> Ruleset:
    """Give a ruleset that knows these lengths and nothing else."""
    shipped = demo_rules()
    made_up = shipped.values["desk.days"]
    return replace(
        shipped, values={name: replace(made_up, value=value) for name, value in (LENGTHS | more).items()}
    )


def facts(**more: object) -> Facts:
    now = datetime(2026, 4, 1, 3, tzinfo=UTC)
    return Facts(now=now, on=date(2026, 4, 1), ruleset=rules(**more), holiday=thai_holiday)


def moment(on: date, hour: int = 9) -> datetime:
    return datetime(on.year, on.month, on.day, hour, tzinfo=BANGKOK)


def case(
    flow: str, state: str, *events: tuple[str, date, Evidence], flags: frozenset[str] = frozenset()
) -> Record:
    """Put a case together from its events, each (step, day, what it states); it moves at the last one."""
    last = len(events)
    history = tuple(
        Done(
            number=number, step=step, source=None if number == 1 else "before", target=state if number == last else "before",
            flags=flags, person="p", name="", position="", role="officer", office="PNR", on_behalf_of=None,
            happened_at=moment(on), recorded_at=moment(on), evidence=evidence, ruleset="",
        )
        for number, (step, on, evidence) in enumerate(events, 1)
    )  # fmt: skip
    return Record(
        flow=flow, subject="pe1", reference="PM", office="PNR", state=state, flags=flags, history=history
    )


def opened(first: date = date(2026, 4, 1), **more: object) -> tuple[str, date, Evidence]:
    facts = {
        "application": "ap1", "worker": "wo1", "employer": ORCHARD, "valid_from": first,
        "valid_until": first + timedelta(days=89), "job": "labourer", "workplace": "สวน", "permit_book": "1",
        "permit_number": "2", "foreigner_number": "3", "entered_on": first, "stay_until": first + timedelta(days=29),
    }  # fmt: skip
    return "open_permit", first, PermitOpened(**(facts | more))


def notice(kind: NoticeKind, event_on: date, employer: str = ORCHARD) -> tuple[str, date, Evidence]:
    return (
        "give_notice",
        event_on,
        Notice(kind_of=kind, employer=employer, event_on=event_on, given_on=event_on),
    )


def permit(
    *events: tuple[str, date, Evidence], state: str = "active", flags: frozenset[str] = frozenset()
) -> Record:
    return case("permit", state, *events, flags=flags)


def runs(record: Record, name: str, **more: object) -> list[clocks.Due]:
    return [due for due in clocks.running(record, facts(**more)) if due.clock.name == name]


def until(record: Record, name: str, **more: object) -> date:
    (due,) = runs(record, name, **more)
    return due.until


# counting -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (date(2026, 4, 1), date(2026, 4, 16), "the first day is not counted (CCC 193/3)"),
        (date(2026, 3, 30), date(2026, 4, 16), "14 and 15 April are Songkran: the next working day (CCC 193/8)"),
        (date(2026, 11, 20), date(2026, 12, 8), "5 December is a Saturday, the 7th is given for it"),
        (date(2026, 11, 25), date(2026, 12, 11), "10 December is Constitution Day"),
        (date(2026, 4, 16), date(2026, 5, 1), "offices are open on Labour Day, so it does not move"),
        (date(2026, 4, 15), date(2026, 4, 30), "a working day stays"),
        (date(2028, 5, 19), date(2028, 6, 6), "3 June 2028 is a Saturday, Monday the 5th is given for it"),
        (date(2028, 12, 16), date(2029, 1, 3), "over a new year with its substitution day"),
    ],
)  # fmt: skip
def test_fifteen_days_end_on_a_working_day(first: date, last: date, why: str) -> None:
    assert until(permit(opened(first)), "hire_notice") == last, why


def test_further_closing_days_of_the_ruleset_move_a_last_day_too() -> None:
    record = permit(opened(date(2026, 4, 1)))
    assert until(record, "hire_notice") == date(2026, 4, 16)
    assert until(
        record, "hire_notice", **{"holidays.closed": [date(2026, 4, 16), date(2026, 4, 17)]}
    ) == date(2026, 4, 20)


def test_hours_run_on_the_wall_clock_over_nights_and_holidays() -> None:
    """24 hours from Friday night before Songkran end on Saturday night."""
    known = datetime(2026, 4, 10, 22, 30, tzinfo=BANGKOK)
    left = EmploymentEnd(
        employer=ORCHARD,
        reason_code=EndReason.ABSCONDED,
        last_day=date(2026, 4, 10),
        reason="ไป",
        known_at=known,
    )
    ended = ("end_employment", date(2026, 4, 11), left)
    (due,) = runs(permit(opened(), ended), "district_notice")
    assert due.until_at == known + timedelta(hours=24)
    assert due.until == date(2026, 4, 11)
    told = DistrictNotice(
        employer=ORCHARD, about=DistrictMatter.ABSCONDED, told_at=known + timedelta(hours=3)
    )
    assert runs(permit(opened(), ended, ("tell_district", date(2026, 4, 11), told)), "district_notice") == []


def test_a_stay_a_permit_and_a_departure_end_on_their_day_holiday_or_not() -> None:
    songkran = date(2026, 4, 13)
    record = permit(opened(stay_until=songkran, valid_until=songkran))
    assert until(record, "stay") == until(record, "permit") == songkran
    assert clocks.end_of(songkran) == datetime(2026, 4, 13, 17, tzinfo=UTC), "midnight in Bangkok"


def test_months_end_on_the_day_of_the_same_number_or_the_last_one() -> None:
    clock = replace(BY_NAME["permit", "hire_notice"], unit=Unit.MONTHS, moves=False)
    counted = [
        clocks._last_day(clock, on, facts(**{"notices.hire_days": 1}))
        for on in (date(2026, 1, 15), date(2026, 1, 30))
    ]
    assert counted == [date(2026, 2, 15), date(2026, 2, 28)]


def test_a_length_that_the_ruleset_does_not_know_starts_no_clock() -> None:
    silent = replace(facts(), ruleset=replace(rules(), values={}))
    named = {due.clock.name for due in clocks.running(permit(opened()), silent)}
    assert named == {"stay", "permit"}, "what stands on a paper runs; what only the law counts does not"


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_the_next_working_day_is_open_and_nothing_before_it_is(day: date) -> None:
    found = next_working_day(day, thai_holiday)
    assert not thai_holiday(found)
    assert all(thai_holiday(day + timedelta(days=n)) for n in range((found - day).days))
    assert (found - day).days <= 9


# what starts and stops ----------------------------------------------------------------------


def test_each_employment_has_its_own_notices_and_one_notice_stops_its_own() -> None:
    added = EmploymentStarted(
        application="ap2",
        employer=FARM,
        workplace="ไร่",
        job="labourer",
        from_on=date(2026, 4, 20),
        replaces="",
    )
    before = permit(opened(), ("add_employer", date(2026, 4, 20), added))
    assert {due.employer for due in runs(before, "hire_notice")} == {ORCHARD, FARM}
    after = permit(
        opened(), ("add_employer", date(2026, 4, 20), added), notice(NoticeKind.HIRE, date(2026, 4, 20), FARM)
    )
    assert [due.employer for due in runs(after, "hire_notice")] == [ORCHARD]
    assert {due.employer for due in runs(after, "worker_notice")} == {ORCHARD, FARM}, (
        "the worker's own is another"
    )


def test_the_end_of_work_is_told_even_after_the_permit_has_ended() -> None:
    left = EmploymentEnd(
        employer=ORCHARD, reason_code=EndReason.FINISHED, last_day=date(2026, 5, 4), reason="หมดฤดู"
    )
    gone = (opened(), ("end_employment", date(2026, 5, 4), left))
    for state in ("active", "ended", "exited"):
        assert until(permit(*gone, state=state), "exit_notice") == date(2026, 5, 19)
    told = permit(*gone, notice(NoticeKind.EXIT, date(2026, 5, 4)), state="exited")
    assert runs(told, "exit_notice") == []


def test_the_window_of_renewal_opens_before_the_end_and_closes_when_it_is_used() -> None:
    (due,) = runs(permit(opened()), "renewal")
    assert (due.begun_on, due.until) == (date(2026, 5, 30), date(2026, 6, 29))
    assert runs(permit(opened(), flags=frozenset({"renewal_filed"})), "renewal") == []
    assert not due.late(date(2026, 7, 1)), "a right that lapses is never late"
    assert clocks.nearest([due]) is None


def test_a_re_entry_starts_the_stay_and_the_housing_notice_anew() -> None:
    stamp = Entry(gate="ban_laem", stamped_on=date(2026, 4, 29), stay_until=date(2026, 5, 28))
    record = permit(opened(), ("record_reentry", date(2026, 4, 29), stamp))
    (stay,), (house,) = runs(record, "stay"), runs(record, "housing")
    assert (stay.begun_on, stay.until) == (date(2026, 4, 29), date(2026, 5, 28))
    assert house.until_at == moment(date(2026, 4, 30))
    told = permit(
        opened(), ("record_reentry", date(2026, 4, 29), stamp), notice(NoticeKind.HOUSING, date(2026, 4, 29))
    )
    assert runs(told, "housing") == []


def test_a_loss_runs_until_the_substitute_and_an_appeal_from_the_service_of_the_order() -> None:
    loss = ("report_loss", date(2026, 4, 5), Loss(known_on=date(2026, 4, 4), where="ตลาด"))
    assert until(permit(opened(), loss, flags=frozenset({"lost"})), "loss") == date(2026, 4, 20), (
        "the 19th is a Sunday"
    )
    assert runs(permit(opened(), loss), "loss") == []
    order = ("revoke", date(2026, 5, 6), Nothing())
    service = Serving(order=2, served_to="สุขา", served_on=date(2026, 5, 8), how=ServedHow.IN_PERSON)
    revoked = permit(opened(), order, ("serve_order", date(2026, 5, 8), service), state="revoked")
    (due,) = runs(revoked, "appeal")
    assert (due.until, due.part) == (date(2026, 6, 8), "2"), "7 June is a Sunday"


def test_what_is_missing_is_answered_by_the_day_of_the_list() -> None:
    asked = Deficiencies(items=("photos",), answer_until=date(2026, 4, 12))
    record = case("request", "incomplete", ("ask_for_missing", date(2026, 4, 1), asked))
    assert until(record, "answer") == date(2026, 4, 12), "the officer sets the day, a Sunday like any other"


def test_the_decision_is_due_from_the_complete_file_however_often_it_is_sent_back() -> None:
    def event(number: int, step: str, source: str, target: str, on: date) -> Done:
        made = case("request", target, (step, on, Nothing())).history[0]
        return replace(made, number=number, source=source, target=target)

    history = (
        event(1, "receive_request", "submitted", "received", date(2026, 4, 1)),
        event(2, "recommend_request", "received", "reviewed", date(2026, 4, 3)),
        event(3, "return_request_to_officer", "reviewed", "received", date(2026, 4, 8)),
    )
    record = replace(case("request", "received", ("x", date(2026, 4, 1), Nothing())), history=history)
    assert until(record, "decision") == date(2026, 4, 8)


# telling ------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", CLOCKS, ids=[f"{clock.flow}-{clock.name}" for clock in CLOCKS])
def test_offsets_only_fall_and_what_is_late_is_told_unless_it_lapses(clock: clocks.Clock) -> None:
    first = [offset for _, offset in zip(range(30), offsets(clock), strict=False)]
    assert all(before > after for before, after in pairwise(first))
    assert any(offset < 0 for offset in first) is not clock.lapses
    assert clock.lapses or not clock.code or clock.breach, "the law's clocks say what follows"


def test_a_delayed_decision_is_told_every_seven_days_to_the_applicant_too() -> None:
    clock = BY_NAME["application", "decision"]
    told = [offset for _, offset in zip(range(6), offsets(clock), strict=False)]
    assert told == [2, 0, -1, -8, -15, -22]
    assert Role.EMPLOYER in clocks.audience(clock, -8)
    assert Role.EMPLOYER not in clocks.audience(clock, 2)


def test_what_is_late_goes_to_the_officer_and_after_a_week_to_the_registrar() -> None:
    clock = BY_NAME["permit", "hire_notice"]
    assert clocks.audience(clock, 1) == (Role.EMPLOYER,)
    assert clocks.audience(clock, -1) == (Role.EMPLOYER, Role.OFFICER)
    assert clocks.audience(clock, -7) == (Role.EMPLOYER, Role.OFFICER, Role.REGISTRAR)


@given(
    clock=st.sampled_from(CLOCKS),
    begun=st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    length=st.integers(0, 120),
    missed=st.sets(st.integers(0, 300), max_size=200),
)
def test_over_any_outage_each_offset_is_told_once_and_none_is_lost(
    clock: clocks.Clock, begun: date, length: int, missed: set[int]
) -> None:
    """Nights that run at random tell the same as nights that all run, each at its day or the next night after it."""
    until, told, given_on = begun + timedelta(days=length), None, []
    for night in (n for n in range(301) if n not in missed):
        for offset in owed(clock, begun, until, told, begun + timedelta(days=night)):
            given_on.append((offset, night))
            told = offset
    nights = sorted(set(range(301)) - missed)
    wanted = []
    for offset in offsets(clock):
        day = length - offset
        if day > 300:
            break
        following = next((night for night in nights if night >= day), None)
        if day >= 0 and following is not None:
            wanted.append((offset, following))
    assert given_on == wanted
    assert next_offset(clock, begun, until, None) is None or next_offset(clock, begun, until, None) <= length


def test_the_table_holds_every_clock_of_the_law() -> None:
    codes = {clock.code for clock in CLOCKS if clock.code}
    assert codes == {f"C{number}" for number in range(1, 18)}
