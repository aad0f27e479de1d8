"""Measures that are crossed: killed and taken up again, two at once, laid between nights, tried by two persons."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from tests.measuring import BACK, Office
from workflow import administration, measures, nightly, verification
from workflow.casework import Act, Moved
from workflow.demonstration.people import DISTRICT
from workflow.desk import Desk
from workflow.domain.everywhere import Reason
from workflow.domain.measure import MeasureDraft, Reach
from workflow.domain.record import Record
from workflow.store.measures import TRIED
from workflow.store.projections import Alert, Duty

pytest_plugins = ["tests.measure_fixtures"]


@pytest.fixture
def office(measured: Office) -> Office:
    """The office of measures, under the name that stores have for theirs."""
    return measured


UNKNOWN = MeasureDraft(
    title="รอมติ", legal_basis="ไม่มีมติ", ruleset="S64-UNKNOWN-2025", provinces=("22",), from_on=date(2025, 12, 7),
    reach=Reach.LIVE,
)  # fmt: skip


class Killed(BaseException):
    """The process is killed here."""


def killed(*_: object) -> None:
    raise Killed


def test_who_was_killed_before_the_decision_applies_anew_over_what_another_measure_laid_meanwhile(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.on(date(2025, 12, 7))
    grace = office.tried()
    with monkeypatch.context() as patch:
        patch.setattr(measures.casework, "perform", killed)
        with pytest.raises(Killed):
            measures.apply(office.desk, office.cast["registrar"], grace, Act())
    office.calendar.next_day()
    unknown = office.applied(UNKNOWN)
    subject = office.permits[-1]
    assert office.record(subject).measured.measure == unknown
    measures.apply(office.desk, office.cast["registrar"], grace, Act())
    record = office.record(subject)
    assert record.measured.measure == grace
    assert record.flags == {"grace"}
    assert verification.verify(office.desk).breaches == []
    office.calendar.next_day()
    verification.rebuild(office.desk)
    assert office.record(subject).measured.measure == grace


def test_of_two_measures_applied_at_once_the_later_lies_over_the_earlier(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.on(date(2025, 12, 7))
    grace = office.tried()
    real = measures.lay_open

    def late(desk: Desk, record: Record) -> Iterator[measures.AtOffice]:
        monkeypatch.setattr(measures, "lay_open", real)
        office.calendar.next_day()
        office.applied(UNKNOWN)
        yield from real(desk, record)

    monkeypatch.setattr(measures, "lay_open", late)
    measures.apply(office.desk, office.cast["registrar"], grace, Act())
    record = office.record(office.permits[-1])
    assert record.measured.measure == grace
    assert record.flags == {"grace"}
    assert verification.verify(office.desk).breaches == []


def test_an_office_whose_province_changes_before_the_laying_is_laid_as_it_was_decided(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens = '[renewal]\nopen_days = { value = 30, source = "practice", confidence = "L" }\n'
    known = 'source = "practice"\nconfidence = "L"\n'
    days = f"[renewal.open_days]\nvalue = 30\n{known}[renewal.open_days.local.27]\nvalue = 10\n{known}"
    office.edition(2, opens, days)
    subject, moved = office.tried(), office.permits[-1]
    real = measures.lay_open

    def late(desk: Desk, record: Record) -> Iterator[measures.AtOffice]:
        monkeypatch.setattr(measures, "lay_open", real)
        office.calendar.next_day()
        office.does(moved, "hold", Reason(reason="ตรวจสอบ"), "officer")
        elsewhere = replace(office.record(DISTRICT).history[0].evidence, province="27")
        administration.amend_office(desk, office.cast["admin"], DISTRICT, elsewhere, None, Act())
        yield from real(desk, record)

    monkeypatch.setattr(measures, "lay_open", late)
    measures.apply(office.desk, office.cast["registrar"], subject, Act())
    assert office.record(moved).measured.version == 2
    assert {(until - begun).days for until, begun in windows(office)} == {30}
    assert measures.carry_on(office.desk) == []
    assert verification.verify(office.desk).breaches == []


def windows(office: Office) -> set[tuple[date, date]]:
    """The days between which renewals are filed."""
    runs = select(Duty.until_on, Duty.begun_on).where(Duty.clock == "renewal", Duty.ended_at.is_(None))
    return {tuple(row) for row in office.desk.session.execute(runs)}


# two persons, two clicks --------------------------------------------------------------------


def listed(office: Office, subject: str) -> list[str]:
    """The permits on the list of the newest dry run."""
    office.desk.session.rollback()
    record = measures.measure_of(office.desk, subject)
    asked = select(TRIED.c.subject).where(TRIED.c.trial == measures.trial_of(record))
    found = sorted(office.desk.session.scalars(asked))
    office.desk.session.rollback()
    return found


def test_a_dry_run_that_breaks_off_leaves_the_list_of_the_one_before_whole(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = office.tried()
    before = listed(office, subject)
    real = measures.items.keep_trial
    monkeypatch.setattr(measures, "AT_ONCE", 5)

    def one_handful(*given: object) -> None:
        monkeypatch.setattr(measures.items, "keep_trial", killed)
        real(*given)

    monkeypatch.setattr(measures.items, "keep_trial", one_handful)
    with pytest.raises(Killed):
        measures.dry_run(office.desk, office.cast["peo"], subject, Act())
    assert listed(office, subject) == before
    tried = measures.measure_of(office.desk, subject).last("record_dry_run").evidence
    assert (tried.changed, tried.digest) == (
        len(before),
        measures.items.trial_digest(office.desk.session, tried.trial),
    )


def test_of_two_who_try_a_measure_at_once_one_is_told_and_the_list_is_the_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = office.drafted()
    real = measures._try

    def crossed(desk: Desk, plan: measures.Plan, trial: str) -> measures.MeasureTrial:
        monkeypatch.setattr(measures, "_try", real)
        found = real(desk, plan, trial)
        measures.dry_run(office.desk, office.cast["clerk"], subject, Act())
        return found

    monkeypatch.setattr(measures, "_try", crossed)
    with pytest.raises(Moved):
        measures.dry_run(office.desk, office.cast["peo"], subject, Act())
    record = measures.measure_of(office.desk, subject)
    assert record.last("record_dry_run").person == office.cast["clerk"].person
    assert len(listed(office, subject)) == record.last("record_dry_run").evidence.changed
    assert set(office.desk.session.scalars(select(TRIED.c.trial))) == {measures.trial_of(record)}


def test_the_same_click_twice_tries_applies_and_takes_back_once(office: Office) -> None:
    subject, registrar, peo = office.drafted(), office.cast["registrar"], office.cast["peo"]
    tried = [
        measures.dry_run(office.desk, peo, subject, Act(request_id="try", seen_version=1)) for _ in range(2)
    ]
    assert [one.repeated for one in tried] == [False, True]
    assert listed(office, subject)
    applied = [
        measures.apply(office.desk, registrar, subject, Act(request_id="apply", seen_version=2))
        for _ in range(2)
    ]
    assert [one.repeated for one in applied] == [False, True]
    back = [
        measures.revert(office.desk, peo, subject, BACK, Act(request_id="back", seen_version=3))
        for _ in range(2)
    ]
    assert [one.repeated for one in back] == [False, True]
    assert measures.measure_of(office.desk, subject).version == 4
    assert verification.verify(office.desk).breaches == []


# between nights -----------------------------------------------------------------------------


def test_a_last_day_that_a_measure_moves_is_told_of_anew_and_one_that_comes_back_not_twice(
    office: Office,
) -> None:
    subject = office.permits[-1]
    nightly.give_alerts(office.desk)
    duty = office.desk.session.get(Duty, (subject, "stay", "", stay_began(office, subject)))
    first = duty.until_on
    assert first < office.calendar.today()
    assert duty.told == -7
    measure = office.applied()
    for _ in range(20):
        nightly.give_alerts(office.desk)
        office.calendar.next_day()
    told = select(Alert.offset).where(Alert.subject == subject, Alert.clock == "stay")
    until = office.record(subject).measured.stay_until
    under = office.desk.session.scalars(told.where(Alert.until_on == until).order_by(Alert.offset.desc()))
    assert list(under) == [7, 3, 0, -1, -7]
    office.desk.session.rollback()
    measures.revert(office.desk, office.cast["peo"], measure, BACK, Act())
    for _ in range(30):
        nightly.give_alerts(office.desk)
        office.calendar.next_day()
    before = office.desk.session.scalars(told.where(Alert.until_on == first).order_by(Alert.offset.desc()))
    assert list(before) == [7, 3, 0, -1, -7, -30]
    assert verification.verify(office.desk).breaches == []


def stay_began(office: Office, subject: str) -> date:
    return office.record(subject).history[0].evidence.entered_on
