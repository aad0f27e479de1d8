"""The first line about everybody: may work until, or not yet; every state has its line."""

from datetime import date, timedelta

import pytest

from workflow.domain.actor import Role
from workflow.domain.application import Application
from workflow.domain.permit import Permit
from workflow.domain.request import Request
from workflow.domain.standing import PERMIT_STOPS, Kind, Situation, standing

TODAY = date(2026, 11, 23)


def at(flow: str, state: str, *flags: str, **more: object) -> Situation:
    return Situation(flow=flow, state=state, flags=frozenset(flags), **more)


@pytest.mark.parametrize("state", [state for state in Application if not state.final])
def test_a_worker_on_the_way_may_not_work_and_is_told_why_and_what_is_next(state: Application) -> None:
    line = standing(at("application", state.value), TODAY)
    assert line.work_until is None
    assert line.because
    assert line.next
    assert line.who is not None


@pytest.mark.parametrize("state", [state for state in Request if not state.final])
def test_a_request_says_who_has_it(state: Request) -> None:
    line = standing(at("request", state.value), TODAY)
    assert line.because
    assert (line.who is not None) == bool(line.next)


@pytest.mark.parametrize("state", [*Application, *Request, *Permit])
def test_no_final_state_promises_a_next_step(state: Application) -> None:
    flow = {Application: "application", Request: "request", Permit: "permit"}[type(state)]
    line = standing(at(flow, state.value), TODAY)
    assert not (state.final and line.next)


def test_a_permit_lets_work_until_its_last_day_and_not_a_day_longer() -> None:
    good = standing(at("permit", "active", valid_until=TODAY), TODAY)
    assert (good.kind, good.work_until) == (Kind.GOOD, TODAY)
    over = standing(at("permit", "active", valid_until=TODAY - timedelta(days=1)), TODAY)
    assert (over.kind, over.work_until) == (Kind.STOPPED, None)
    held = standing(at("permit", "active", "on_hold", valid_until=TODAY), TODAY)
    assert held.work_until is None
    tomorrow = TODAY + timedelta(days=1)
    ahead = standing(at("permit", "active", valid_from=tomorrow, valid_until=tomorrow), TODAY)
    assert (ahead.work_until, ahead.by) == (None, tomorrow)


def test_the_two_tracks_name_whoever_can_act_next() -> None:
    def who(*flags: str, state: str = "requested", referred: bool = False) -> Role | None:
        return standing(at("application", state, *flags, referred=referred), TODAY).who

    assert who() is Role.OFFICER
    assert who(referred=True) is Role.HOSPITAL
    assert who("retest", "unfit", referred=True) is Role.HOSPITAL
    assert who("unfit", referred=True) is Role.OFFICER
    assert who(state="cleared") is Role.OFFICER
    assert who("entry_planned", state="cleared") is Role.CHECKPOINT
    assert who("medical_due", state="examined") is Role.HOSPITAL


def test_a_hold_comes_before_everything_else_and_stops() -> None:
    line = standing(at("application", "examined", "on_hold", "fee_paid"), TODAY)
    assert (line.kind, line.because) == (Kind.STOPPED, "The case is on hold")


def test_a_line_is_late_only_after_its_last_day() -> None:
    line = standing(at("application", "granted", due_on=TODAY), TODAY)
    assert not line.late(TODAY)
    assert line.late(TODAY + timedelta(days=1))


@pytest.mark.parametrize("flag", PERMIT_STOPS)
def test_under_each_stopping_flag_nobody_works_and_somebody_is_named(flag: str) -> None:
    line = standing(at("permit", "active", flag, "renewal_filed", "grace", valid_until=TODAY), TODAY)
    assert (line.may_work, line.kind) == (False, Kind.STOPPED)
    assert line.because
    assert line.next
    assert line.who is not None


def test_a_renewal_filed_in_time_lets_work_go_on_beyond_the_last_day() -> None:
    yesterday = TODAY - timedelta(days=1)
    line = standing(at("permit", "active", "renewal_filed", valid_until=yesterday), TODAY)
    assert (line.may_work, line.work_until, line.pending) == (True, None, True)


def test_whose_stay_is_over_does_not_work_unless_grace_covers_it() -> None:
    over = {"valid_until": TODAY, "stay_until": TODAY - timedelta(days=1)}
    assert not standing(at("permit", "active", **over), TODAY).may_work
    assert standing(at("permit", "active", "grace", **over), TODAY).may_work


def test_without_an_employer_there_is_no_work_and_a_way_to_it() -> None:
    line = standing(at("permit", "active", valid_until=TODAY, employed=False), TODAY)
    assert (line.may_work, line.who) == (False, Role.WORKER)


def test_a_lost_permit_lets_work_and_asks_for_a_substitute() -> None:
    line = standing(at("permit", "active", "lost", valid_until=TODAY), TODAY)
    assert (line.work_until, bool(line.next)) == (TODAY, True)
