"""The June 2025 measure over real permits: tried, applied by a second person, acted under, taken back, verified."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests.measuring import BACK, FIRST_DAY, GAZETTED, GRACE, LAST_DAY, MAY, PERMITS, Office
from tests.stores import change_by_hand
from workflow import measures, verification
from workflow.casework import Act
from workflow.demonstration.people import DISTRICT
from workflow.desk import Desk
from workflow.domain import clocks, fees
from workflow.domain.actor import SYSTEM, Role
from workflow.domain.conditions import overstay
from workflow.domain.crossing import StayReport
from workflow.domain.everywhere import Reason
from workflow.domain.flow import OutOfTurn, Refused
from workflow.domain.kinds import ApplicationKind
from workflow.domain.measure import After, Before, MeasureDraft, MeasureEnd, Reach, effect
from workflow.domain.permit import EmploymentEnd, EmploymentStarted
from workflow.domain.record import Record
from workflow.domain.rulesets import shipped
from workflow.domain.validity import permit_until, stay_until
from workflow.lookups import facts_for
from workflow.store.measures import TRIED
from workflow.store.projections import Case, Duty
from workflow.store.truth import EventRow, MeasureItem

pytest_plugins = ["tests.measure_fixtures"]


@pytest.fixture
def office(measured: Office) -> Office:
    """The office of measures, under the name that stores have for theirs."""
    return measured


def agrees(made: Office, subject: str) -> None:
    """The row of a permit and its duties are what the record gives that rules and pages read."""
    record = made.record(subject)
    row = made.desk.session.get(Case, subject)
    assert (row.valid_until, row.stay_until) == (permit_until(record), stay_until(record))
    assert row.flags == ",".join(sorted(record.flags))
    rules = next(one for one in shipped() if one.id == "S64-GRACE-2025").within("22")
    facts = facts_for(made.desk, record, None, SYSTEM, made.desk.now())
    due = {(one.clock.name, one.begun_on, one.until) for one in clocks.running(record, facts)}
    assert facts.ruleset.id == rules.id
    found = select(Duty.clock, Duty.begun_on, Duty.until_on).where(
        Duty.subject == subject, Duty.ended_at.is_(None)
    )
    assert {tuple(one) for one in made.desk.session.execute(found)} == due
    made.desk.session.rollback()


# what is published --------------------------------------------------------------------------


def test_the_measure_of_june_2025_gives_what_was_published(office: Office) -> None:
    before = office.rows()
    subject = office.tried()
    assert office.rows() == before, "a dry run changes nothing"
    ran = [one for one in office.permits if office.record(one).history[0].evidence.valid_until >= FIRST_DAY]
    told = measures.measure_of(office.desk, subject).last("record_dry_run").evidence
    assert (told.changed, told.unchanged, told.against) == (len(ran), PERMITS - len(ran), 0)
    assert 0 < len(ran) < PERMITS
    measures.apply(office.desk, office.cast["registrar"], subject, Act())
    for one in ran:
        agrees(office, one)
        record = office.record(one)
        first = max(FIRST_DAY, record.history[0].evidence.valid_from)
        facts = facts_for(office.desk, record, None, SYSTEM, office.desk.now())
        assert permit_until(record) == max(first + timedelta(days=89), record.history[0].evidence.valid_until)
        assert stay_until(record) == max(date(2025, 8, 28), record.history[0].evidence.stay_until)
        assert "grace" in record.flags
        assert record.measured.measure == subject
        rules = facts.ruleset
        assert (
            fees.fee_due(rules, ApplicationKind.RENEWAL, fees.APPLICATION),
            fees.fee_due(rules, ApplicationKind.RENEWAL, fees.PERMIT),
        ) == (100, 225)
        assert (rules.get("employers.at_once"), rules.get("report.every_days")) == (3, 30)
    office.on(date(2025, 9, 3))
    late = office.record(ran[0])
    over = overstay(late, facts_for(office.desk, late, None, SYSTEM, office.desk.now()))
    assert over.waived
    assert over.fine is None
    others = set(office.permits) - set(ran)
    assert {one: office.rows()[one] for one in others} == {one: before[one] for one in others}
    events = select(func.count()).select_from(EventRow).where(EventRow.flow == "laying")
    assert office.desk.session.scalar(events) == 2, (
        "one for each office of the province, not one for each permit"
    )


def test_a_report_under_the_measure_counts_by_itself_and_the_flag_goes_on(office: Office) -> None:
    office.applied()
    subject = office.permits[-1]
    report = StayReport(reported_on=office.calendar.today(), where="โป่งน้ำร้อน")
    record = office.does(subject, "record_report", report, "officer")
    assert stay_until(record) == office.calendar.today() + timedelta(days=30)
    assert "grace" in record.flags
    agrees(office, subject)
    three = [office.cast.entries["orchard"], "second", "third", "fourth"]
    for employer in three[1:3]:
        work = EmploymentStarted(
            application="ap",
            employer=employer,
            workplace="สวน",
            job="กรรมกร",
            from_on=office.calendar.today(),
        )
        office.does(subject, "add_employer", work)
    with pytest.raises(Refused) as refused:
        office.does(
            subject, "add_employer", EmploymentStarted(
                application="ap", employer=three[3], workplace="สวน", job="กรรมกร", from_on=office.calendar.today()
            ),
        )  # fmt: skip
    assert refused.value.refusals[0].code == "employers"


# taken back ---------------------------------------------------------------------------------


def test_taken_back_every_untouched_case_is_as_before_to_the_last_column(office: Office) -> None:
    before, duties = office.rows(), office.duties()
    subject = office.applied()
    assert office.rows() != before
    acted = office.permits[-1]
    office.does(acted, "hold", Reason(reason="ตรวจสอบ"), "officer")
    held = office.rows()[acted]
    measures.revert(office.desk, office.cast["peo"], subject, BACK, Act())
    after = office.rows()
    assert {one: row for one, row in after.items() if one != acted} == {
        o: r for o, r in before.items() if o != acted
    }
    assert after[acted] == held, "who was acted on is not rewound"
    untouched = {one for one in office.duties() if one[0] != acted}
    assert untouched == {one for one in duties if one[0] != acted}
    lifted = (
        dict(measures.at_offices(office.desk, measures.measure_of(office.desk, subject)))[DISTRICT]
        .history[-1]
        .evidence
    )
    assert lifted.acted_on == (acted,)
    assert office.record(acted).measured is not None
    assert office.record(office.permits[-2]).measured is None
    agreed = verification.verify(office.desk)
    assert agreed.breaches == []


def test_a_measure_goes_on_after_an_interruption_between_offices(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = office.tried()
    real, calls = measures._lay_at, []

    def broken(desk: Desk, plan: measures.Plan, at: str) -> measures.AtOffice | None:
        calls.append(at)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return real(desk, plan, at)

    monkeypatch.setattr(measures, "_lay_at", broken)
    before = office.rows()
    with pytest.raises(KeyboardInterrupt):
        measures.apply(office.desk, office.cast["registrar"], subject, Act())
    assert office.rows() == before
    office.calendar.next_day()
    done = measures.carry_on(office.desk)
    assert sum(one.permits for one in done) > 0
    assert measures.carry_on(office.desk) == []
    assert verification.verify(office.desk).sound


# moved, refused -----------------------------------------------------------------------------


def test_cases_that_moved_since_the_dry_run_are_judged_anew_and_shown(office: Office) -> None:
    subject = office.tried()
    moved, ended = office.permits[-1], office.permits[-2]
    office.does(moved, "hold", Reason(reason="ตรวจสอบ"), "officer")
    left = EmploymentEnd(
        employer=office.cast.entries["orchard"],
        last_day=office.calendar.today(),
        reason_code="finished",
        reason="หมดงาน",
    )
    office.does(ended, "end_employment", left)
    measures.apply(office.desk, office.cast["registrar"], subject, Act())
    trial = measures.trial_of(measures.measure_of(office.desk, subject))
    assert measures.moved(office.desk, subject, trial) == sorted([moved, ended])
    assert measures.measure_of(office.desk, subject).last("apply_measure").evidence.moved == 2
    assert office.record(moved).flags == {"grace", "on_hold"}
    assert office.record(ended).measured.version == 2
    assert verification.verify(office.desk).sound


def test_a_case_that_moves_while_the_offices_are_laid_is_judged_under_the_lock(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, moved = office.tried(), office.permits[-1]
    real = measures.lay_open

    def late(desk: Desk, record: Record) -> Iterator[measures.AtOffice]:
        office.calendar.next_day()
        office.does(moved, "hold", Reason(reason="ตรวจสอบ"), "officer")
        yield from real(desk, record)

    monkeypatch.setattr(measures, "lay_open", late)
    measures.apply(office.desk, office.cast["registrar"], subject, Act())
    laid = (
        dict(measures.at_offices(office.desk, measures.measure_of(office.desk, subject)))[DISTRICT]
        .history[0]
        .evidence
    )
    assert laid.passed_over == (f"{moved} 1 1",)
    assert office.record(moved).measured.version == 2
    assert verification.verify(office.desk).sound


def test_a_measure_that_would_orphan_a_case_is_refused_with_case_and_reason(office: Office) -> None:
    crowded = office.permits[-1]
    work = EmploymentStarted(
        application="ap", employer="second", workplace="สวน", job="กรรมกร", from_on=office.calendar.today()
    )
    office.does(crowded, "add_employer", work)
    one_only = MeasureDraft(
        **{**GRACE.__dict__, "ruleset": "S64-NORMAL-B", "from_on": date(2025, 6, 6), "ends_on": LAST_DAY}
    )
    before = office.rows()
    subject = office.tried(one_only)
    against = office.desk.session.execute(
        select(TRIED).where(TRIED.c.measure == subject, TRIED.c.against.is_not(None))
    ).all()
    assert [(one.subject, json.loads(one.against)[0]) for one in against] == [(crowded, "measure-employers")]
    with pytest.raises(Refused) as refused:
        measures.apply(office.desk, office.cast["registrar"], subject, Act())
    assert refused.value.refusals[0].code == "measure-against"
    assert office.rows() == before


def test_a_case_that_became_an_orphan_since_the_dry_run_stops_all_of_it(office: Office) -> None:
    one_only = MeasureDraft(**{**GRACE.__dict__, "ruleset": "S64-NORMAL-B", "from_on": date(2025, 6, 6)})
    subject = office.tried(one_only)
    work = EmploymentStarted(
        application="ap", employer="second", workplace="สวน", job="กรรมกร", from_on=office.calendar.today()
    )
    crowded = office.does(office.permits[-1], "add_employer", work)
    before = office.rows()
    with pytest.raises(Refused) as refused:
        measures.apply(office.desk, office.cast["registrar"], subject, Act())
    assert refused.value.refusals[0].values["cases"] == crowded.reference
    assert office.rows() == before
    assert measures.measure_of(office.desk, subject).state == "tried"


def test_who_prepared_does_not_apply_and_who_applied_does_not_take_back(office: Office) -> None:
    subject = office.tried()
    with pytest.raises(Refused) as refused:
        measures.apply(office.desk, office.cast["peo"], subject, Act())
    assert refused.value.refusals[0].code == "four-eyes"
    assert office.desk.session.scalar(select(func.count()).select_from(MeasureItem)) == 0
    measures.apply(office.desk, office.cast["registrar"], subject, Act())
    with pytest.raises(Refused):
        measures.revert(office.desk, office.cast["registrar"], subject, BACK, Act())
    with pytest.raises(OutOfTurn):
        measures.dry_run(office.desk, office.cast["peo"], subject, Act())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends_on": date(2025, 6, 1)}, "measure-days"),
        ({"provinces": ("22", "23")}, "measure-elsewhere"),
        ({"from_on": date(2025, 6, 1)}, "measure-rules"),
        ({"ruleset": "S64-DREAM"}, "no-ruleset"),
    ],
)
def test_a_measure_with_a_fault_is_refused_when_it_is_prepared(
    office: Office, changes: dict, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        office.drafted(MeasureDraft(**{**GRACE.__dict__, **changes}))
    assert code in [one.code for one in refused.value.refusals]


# one after the other ------------------------------------------------------------------------


def test_when_nothing_more_is_decided_a_second_measure_says_so_and_lifting_it_gives_the_first_one_back(
    office: Office,
) -> None:
    first = office.applied()
    under_grace, duties = office.rows(), office.duties()
    office.on(date(2025, 12, 7))
    ended = MeasureEnd(ended_on=LAST_DAY, reason="ครบหกเดือน")
    measures.end(office.desk, office.cast["peo"], first, ended, Act())
    unknown = MeasureDraft(
        title="รอมติ", legal_basis="ไม่มีมติ", ruleset="S64-UNKNOWN-2025", provinces=("22",), from_on=date(2025, 12, 7),
        reach=Reach.LIVE,
    )  # fmt: skip
    second = office.applied(unknown)
    record = office.record(office.permits[-1])
    assert record.flags == {"unknown"}
    assert record.measured.measure == second
    assert (
        permit_until(record)
        == under_grace[office.permits[-1]][Case.__table__.columns.keys().index("valid_until")]
    )
    measures.revert(office.desk, office.cast["clerk"], second, BACK, Act())
    assert office.rows() == under_grace
    assert office.duties() == duties
    assert office.record(office.permits[-1]).measured.measure == first
    assert verification.verify(office.desk).breaches == []


# made again, verified -----------------------------------------------------------------------


def test_copies_made_again_are_equal_and_a_changed_item_is_named(office: Office) -> None:
    subject = office.applied()
    office.does(office.permits[-1], "hold", Reason(reason="ตรวจสอบ"), "officer")
    before, duties = office.rows(), office.duties()
    assert verification.verify(office.desk).breaches == []
    verification.rebuild(office.desk)
    assert (office.rows(), office.duties()) == (before, duties)
    target = office.permits[-2]
    for statement, named in (
        ("UPDATE measure_item SET stay = '2026-01-01' WHERE subject = :subject", target),
        ("DELETE FROM measure_item WHERE subject = :subject", DISTRICT),
    ):
        change_by_hand(office.desk.session, statement, subject=target)
        office.desk.session.commit()
        found = [one.place for one in verification.verify(office.desk).breaches]
        assert any(place.startswith(f"measure_item {subject} {named}") for place in found), found


# the rule itself ----------------------------------------------------------------------------


def test_a_measure_never_shortens_and_an_order_on_one_person_stands() -> None:
    rules = next(one for one in shipped() if one.id == "S64-GRACE-2025")
    long = Before("pe1", 3, frozenset({"suspended"}), MAY, date(2026, 1, 31), date(2025, 9, 30), MAY, 1, "")
    assert effect(long, rules, GRACE) == After(date(2026, 1, 31), date(2025, 9, 30), frozenset({"suspended"}))
    reported = Before("pe1", 3, frozenset(), MAY, date(2025, 7, 30), date(2025, 8, 14), GAZETTED, 1, "")
    assert effect(reported, rules, GRACE).stay_until == date(2025, 8, 14), (
        "a report under the measure counts by itself"
    )
    assert Role.SYSTEM not in measures.FLOW.steps[2].by
