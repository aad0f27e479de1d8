"""Employers warned, barred until a day by two officials, out of business: what stands against them, and what ends it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.driving import WHY, against, does, flags, one, open_list, papers, record, rows, state
from tests.onward import another, change, examined, filing_of_renewal, near_the_end, opens, permitted, renewal
from tests.test_appeal import decided, second_registrar, serve
from tests.test_papers_letters import unspaced, words_of
from workflow import appeals, casework, employers, printing
from workflow.casework import Act, Performed
from workflow.demonstration import Season
from workflow.domain.appeal import AppealFiled, AppealOutcome
from workflow.domain.employer import BarOrder, BarProposal, BusinessEnd, EmployerWarning
from workflow.domain.employer_policies import bar_on
from workflow.domain.flow import NotYours, Refused
from workflow.domain.request import Undertaking
from workflow.domain.thai import long_date
from workflow.store.history import CaseNotFound
from workflow.store.projections import RegisterEntry
from workflow.verification import rebuild, verify

WARNING = EmployerWarning(ground="not_told", reason="ไม่แจ้งอำเภอภายใน 24 ชั่วโมง")


def orchard(season: Season) -> str:
    return season.cast.entries["orchard"]


def until(season: Season, days: int = 300) -> date:
    return season.calendar.today() + timedelta(days=days)


def proposal(season: Season, days: int = 300) -> BarProposal:
    return BarProposal(ground="not_told", reason="ไม่แจ้งอำเภอ", until=until(season, days))


def order(season: Season, days: int = 300) -> BarOrder:
    return BarOrder(ground="not_told", reason="ไม่แจ้งอำเภอ", until=until(season, days))


def barred(season: Season, days: int = 300) -> str:
    """Bar the orchard: one official proposes, the registrar decides."""
    does(season, "officer", orchard(season), "propose_bar", proposal(season, days))
    does(season, "registrar", orchard(season), "bar_employer", order(season, days))
    return orchard(season)


def asks(season: Season) -> list[str] | None:
    """What stands against a new demand letter of the orchard."""
    try:
        casework.begin(season.desk, season.cast["owner"], "request", "draft_request", season.demand(1, 0), chain="PNR")
    except Refused as refused:
        return [refusal.code for refusal in refused.refusals]
    return None


def codes(season: Season, user: str, step: str, stated: object) -> list[str]:
    with pytest.raises(Refused) as found:
        opens(season, user, step, stated)
    return [refusal.code for refusal in found.value.refusals]


def entry(season: Season) -> RegisterEntry:
    season.desk.session.rollback()
    return season.desk.session.get_one(RegisterEntry, orchard(season))


def test_a_bar_is_proposed_by_one_official_and_ordered_by_another_within_the_law(season: Season) -> None:
    subject = orchard(season)
    assert against(season, "registrar", subject, "bar_employer", order(season)) == "OutOfTurn"
    assert against(season, "officer", subject, "propose_bar", proposal(season, 0)) == ["bar-ended"]
    assert against(season, "officer", subject, "propose_bar", proposal(season, 3 * 366)) == ["bar-too-long"]
    does(season, "officer", subject, "propose_bar", proposal(season))
    assert flags(season, subject) == {"bar_proposed"}
    assert asks(season) is None, "what is only proposed stops nothing"
    assert against(season, "officer", subject, "bar_employer", order(season)) == "NotYours"
    season.cast.actors["both"] = replace(season.cast["registrar"], person=season.cast["officer"].person)
    assert against(season, "both", subject, "bar_employer", order(season)) == ["four-eyes"]
    does(season, "registrar", subject, "bar_employer", order(season, 3 * 365))
    assert flags(season, subject) == set()
    assert entry(season).barred_until == until(season, 3 * 365)
    assert against(season, "officer", subject, "propose_bar", proposal(season)) == ["barred-already"]
    does(season, "registrar", subject, "lift_bar", WHY)
    assert entry(season).barred_until is None
    assert asks(season) is None
    assert against(season, "registrar", subject, "lift_bar", WHY) == ["not-barred"]
    assert verify(season.desk).sound


def test_a_barred_employer_asks_for_nobody_takes_nobody_on_and_renews_nothing(season: Season) -> None:
    permit, part = permitted(season), another(season, 2)
    near_the_end(season, permit)
    drafted = season.request(rows(1, 70), until="drafted").subject
    locked = season.request(rows(1, 80), until="list_locked").subject
    subject = opens(season, "owner", "open_renewal", renewal(season, permit)).record.subject
    examined(season, subject)
    barred(season, 900)
    assert asks(season) == ["employer-barred"]
    signed = Undertaking(accepted=True, signed_by="นายสมชาย")
    assert against(season, "owner", drafted, "submit_request", signed) == ["employer-barred"]
    filing = filing_of_renewal(season, subject)
    assert against(season, "owner", subject, "file_application", filing) == ["employer-barred"]
    assert "employer-barred" in codes(season, "owner", "open_renewal", renewal(season, permit))
    assert state(season, permit) == "active", "a permit that runs stays"
    assert open_list(season, locked, "barred") == []
    assert opens(season, "owner2", "open_change", change(season, permit, part)).done, "another may take him on"


def test_a_new_employer_who_is_barred_takes_nobody_over(season: Season) -> None:
    permit, part = permitted(season), another(season, 2)
    newcomer = season.cast.entries[part]
    does(season, "officer", newcomer, "propose_bar", proposal(season))
    does(season, "registrar", newcomer, "bar_employer", order(season))
    assert codes(season, "owner2", "open_change", change(season, permit, part, ends="orchard")) == ["employer-barred"]


def test_a_bar_ends_with_its_last_day_by_itself(season: Season) -> None:
    subject = barred(season, 2)
    season.calendar.next_day(2)
    assert asks(season) == ["employer-barred"], "its last day counts"
    assert bar_on(record(season, subject), season.calendar.today()) is not None
    season.calendar.next_day()
    assert asks(season) is None
    assert employers.watched(season.desk) == []


def test_the_employer_appeals_against_the_bar_and_another_reviewer_sets_it_aside(season: Season) -> None:
    second_registrar(season)
    subject = barred(season)
    serve(season, subject)
    filed = appeals_against_the_bar(season)
    with pytest.raises(Refused) as found:
        appeals_against_the_bar(season)
    assert [refusal.code for refusal in found.value.refusals] == ["appealed-before"]
    decided(season, filed.record.subject, AppealOutcome.REVERSED)
    assert entry(season).barred_until is None
    assert asks(season) is None
    found = verify(season.desk)
    assert found.breaches == []
    rebuild(season.desk)
    assert entry(season).barred_until is None


def appeals_against_the_bar(season: Season) -> Performed:
    employer = record(season, orchard(season))
    stated = AppealFiled(**appeals.about_bar(employer), grounds="แจ้งอำเภอแล้ว")
    return appeals.file_appeal(season.desk, season.cast["owner"], employer, stated, Act())


def test_warned_and_out_of_business_and_back_by_another_person(season: Season) -> None:
    subject = orchard(season)
    does(season, "officer", subject, "warn_employer", WARNING)
    assert flags(season, subject) == {"warned"}
    assert [one.subject for one in employers.watched(season.desk)] == [subject]
    does(season, "registrar", subject, "lift_warning", WHY)
    ended = BusinessEnd(ceased_on=season.calendar.today(), reason="ปิดกิจการ")
    ahead = replace(ended, ceased_on=until(season, 1))
    assert against(season, "officer", subject, "cease_employer", ahead) == ["lies-ahead"]
    does(season, "officer", subject, "cease_employer", ended)
    assert asks(season) == ["employer-ceased"]
    assert against(season, "officer", subject, "reopen_employer", WHY) == ["four-eyes"]
    does(season, "clerk", subject, "reopen_employer", WHY)
    assert asks(season) is None
    assert one(season)


def test_another_province_decides_nothing_about_an_employer(season: Season) -> None:
    far = replace(season.cast["officer"], office="SKW", province="27")
    assert employers.open_orders(season.desk, far, record(season, orchard(season))) == ()
    with pytest.raises(NotYours):
        employers.decide_on(season.desk, far, orchard(season), "warn_employer", WARNING, Act())


# the papers ---------------------------------------------------------------------------------


def test_a_warning_and_a_bar_leave_their_papers_under_numbers_of_the_office_that_acts(season: Season) -> None:
    employer = orchard(season)
    does(season, "officer", employer, "warn_employer", replace(WARNING, case="PNR-PE 2/2569"))
    barred(season)
    warning, bar = papers(season, employer)
    offices = [season.cast[user].office for user in ("officer", "registrar")]
    assert [one.key for one in (warning, bar)] == ["employer_warning", "employer_bar"]
    assert [one.office for one in (warning, bar)] == offices
    assert [one.number.split()[0] for one in (warning, bar)] == [f"{offices[0]}-LT", f"{offices[1]}-OR"]
    said = unspaced(words_of(printing.make(season.desk, bar.subject)))
    for printed in ("มาตรา 102", "ไม่แจ้งอำเภอ", "การอุทธรณ์", long_date(until(season))):
        assert unspaced(printed) in said
    assert "สำนวนเลขที่PNR-PE2/2569" in unspaced(words_of(printing.make(season.desk, warning.subject)))
    for user in ("officer", "registrar", "owner", "auditor"):
        assert printing.paper_seen(season.desk, season.cast[user], bar.subject).number == bar.number
    for user in ("owner2", "hospital", "gate", "cashier"):
        with pytest.raises(CaseNotFound):
            printing.paper_seen(season.desk, season.cast[user], bar.subject)
    assert verify(season.desk).sound
    before = [(one.subject, one.number) for one in papers(season, employer)]
    rebuild(season.desk)
    assert [(one.subject, one.number) for one in papers(season, employer)] == before
