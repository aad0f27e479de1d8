"""Races: whoever comes together on one case, one number, one worker, one request id, exactly one wins; both engines."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests.driving import WHY, does, opened, record, referral, rows
from tests.offices import desk_at, new_office, season_at
from tests.stores import ENGINES
from workflow import casework, namelists, printfile, printing, printrun
from workflow.casework import Act
from workflow.demonstration import Calendar, Season
from workflow.domain.evidence import Evidence, Nothing
from workflow.domain.flow import StepFault
from workflow.domain.namelist import ListRow
from workflow.domain.request import (
    NameList,
    Opinion,
    RequestOrder,
    RequestOutcome,
    RequestReceipt,
    Undertaking,
)
from workflow.printrun import Asked
from workflow.store.database import begin_write, db
from workflow.store.history import CaseNotFound
from workflow.store.projections import Case, Document, OfficialNumber
from workflow.store.truth import Counter as CounterRow
from workflow.store.truth import EventRow
from workflow.verification import verify

MANY = 8
Deed = Callable[[Season], object]


class Office:
    """An office that many work in at once."""

    def __init__(self, season: Season, calendar: Calendar) -> None:
        self.season, self.calendar, self.seed = season, calendar, 100
        self.engine = db.engine

    @contextmanager
    def somebody(self) -> Iterator[Season]:
        """Another desk of the same office."""
        self.seed += 1
        with Session(self.engine) as session:
            yield replace(self.season, desk=desk_at(session, self.calendar, self.seed))

    def together(self, *deeds: Deed) -> list[str]:
        """Do deeds at the same moment, each at a desk of its own; tell what came of each."""
        meeting = Barrier(len(deeds))

        def one(deed: Deed) -> str:
            with self.somebody() as season:
                meeting.wait()
                try:
                    deed(season)
                except (StepFault, CaseNotFound) as fault:
                    return type(fault).__name__
                return "done"

        with ThreadPoolExecutor(len(deeds)) as pool:
            return list(pool.map(one, deeds))


@pytest.fixture(scope="module", params=ENGINES)
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("races")
    with new_office(request.param, folder) as (_, calendar), Session(db.engine) as session:
        yield Office(season_at(desk_at(session, calendar), calendar), calendar)
        session.rollback()
        assert list(verify(desk_at(session, calendar)).lines())[-1] == "sound"


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    return 60 if request.config.getoption("--long") else 2


_first = iter(range(1, 100_000, 10))


def fresh(office: Office, count: int = 1, until: str = "opened") -> list[str]:
    """New workers, none of whom was in another test."""
    subjects = opened(office.season, count, first=next(_first))
    if until != "opened":
        assert office.season.drive(subjects, until=until) == subjects, office.season.left
    return subjects


def step(user: str, subject: str, name: str, evidence: Evidence, **act: object) -> Deed:
    return lambda season: does(season, user, subject, name, evidence, **act)


# one case -------------------------------------------------------------------------------------


def test_of_eight_who_act_on_one_application_exactly_one_wins(office: Office, rounds: int) -> None:
    told: Counter[str] = Counter()
    for _ in range(rounds):
        (subject,) = fresh(office)
        seen = record(office.season, subject).version
        came = office.together(*[step("officer", subject, "hold", WHY, seen_version=seen)] * MANY)
        assert came.count("done") == 1, came
        told.update(came)
        assert record(office.season, subject).version == seen + 1
    print(f"{rounds} rounds of {MANY}: {dict(told)}")
    assert set(told) == {"done", "Moved"}


def test_of_different_acts_on_one_application_those_after_the_first_find_it_moved(
    office: Office, rounds: int
) -> None:
    for _ in range(rounds):
        (subject,) = fresh(office)
        seen = record(office.season, subject).version
        came = office.together(
            *[step("owner", subject, "withdraw", WHY)] * 3,
            *[step("owner", subject, "not_taken_up", WHY)] * 3,
            *[step("officer", subject, "hold", WHY)] * 2,
        )
        case = record(office.season, subject)
        assert came.count("done") == case.version - seen
        assert case.state in ("withdrawn", "not_taken_up")
        assert set(came) <= {"done", "OutOfTurn"}


# one request id -------------------------------------------------------------------------------


def test_one_request_sent_eight_times_at_once_is_one_event(office: Office, rounds: int) -> None:
    for number in range(rounds):
        (subject,) = fresh(office, until="requested")
        sent = step(
            "officer",
            subject,
            "refer_to_hospital",
            referral(office.season),
            request_id=f"race:{subject}:{number}",
        )
        assert office.together(*[sent] * MANY) == ["done"] * MANY
        steps = [done.step for done in record(office.season, subject).history]
        assert steps.count("refer_to_hospital") == 2, "the one of the way there, and this one"


def test_a_case_begun_eight_times_at_once_with_one_request_id_is_one_case(
    office: Office, rounds: int
) -> None:
    for number in range(rounds):
        before = cases(office, "request")
        assert office.together(*[begin_as(office, f"race:begin:{number}")] * MANY) == ["done"] * MANY
        assert cases(office, "request") == before + 1


def begin_as(office: Office, request_id: str) -> Deed:
    demand, act = office.season.demand(1, 0), Act(request_id=request_id)
    return lambda season: casework.begin(
        season.desk, season.cast["owner"], "request", "draft_request", demand, act, chain="PNR"
    )


def cases(office: Office, flow: str) -> int:
    session = office.season.desk.session
    session.rollback()
    return session.scalar(select(func.count()).select_from(Case).filter_by(flow=flow))


# one queue of papers --------------------------------------------------------------------------


def test_two_who_print_the_same_queue_at_once_share_no_original_and_a_double_confirm_counts_once(
    office: Office,
) -> None:
    request = office.season.request((), until="received", men=1).subject
    desk = office.season.desk
    papers = list(desk.session.scalars(select(Document.subject).filter_by(owner=request)))
    for paper in papers:
        printing.make(desk, paper)

    def begins(who: str) -> Deed:
        asked = Asked(sign=f"race-{who}", user_name=who, about="", back="/print")
        return lambda season: printrun.begin(season.desk, season.cast[who], papers, asked)

    assert office.together(begins("officer"), begins("clerk")) == ["done", "done"]
    runs = {}
    for who in ("officer", "clerk"):
        actor = office.season.cast[who]
        assert printrun.make_file(desk, actor, f"race-{who}")
        runs[who] = printfile.find(desk.session, actor.account, desk.now())
    assert sorted(paper for run in runs.values() for paper in run.originals) == sorted(papers)

    def confirms(who: str) -> Deed:
        return lambda season: printrun.confirm(season.desk, season.cast[who], runs[who], papers)

    assert office.together(*[confirms("officer"), confirms("clerk")] * 3) == ["done"] * 6
    desk.session.rollback()
    asked = select(EventRow.subject).where(EventRow.step == "print_original", EventRow.subject.in_(papers))
    assert sorted(desk.session.scalars(asked)) == sorted(papers)


# one number -----------------------------------------------------------------------------------


def test_numbers_are_handed_out_without_a_gap_however_many_ask_at_once(office: Office) -> None:
    requests = [office.season.request((), until="submitted", men=1).subject for _ in range(MANY)]
    deeds = [step("officer", subject, "receive_request", RequestReceipt()) for subject in requests]
    assert office.together(*deeds) == ["done"] * MANY
    receipts = [record(office.season, each).last("receive_request").evidence.number for each in requests]
    given = sorted(int(receipt.partition("/")[0]) for receipt in receipts)
    assert given == list(range(given[0], given[0] + MANY))
    asked = select(CounterRow.value).filter_by(office="PNR", series="request_receipt")
    assert office.season.desk.session.scalar(asked) == given[-1]


def test_one_receipt_pays_one_of_four_files(office: Office) -> None:
    subjects = fresh(office, 4, until="filed")
    fee = office.season.invention.payment(100, "นายสมชาย")
    came = office.together(*[step("cashier", subject, "pay_application_fee", fee) for subject in subjects])
    assert Counter(came) == {"done": 1, "Refused": 3}
    office.season.desk.session.rollback()
    held = select(func.count()).where(OfficialNumber.kind == "receipt", OfficialNumber.subject.in_(subjects))
    assert office.season.desk.session.scalar(held) == 1


def test_a_permit_number_given_twice_at_once_is_given_to_one(office: Office) -> None:
    first, second = fresh(office, 2, until="paid")
    numbers = office.season.invention.numbers_given()
    deeds = [step("clerk", subject, "enter_numbers", numbers) for subject in (first, second)]
    assert sorted(office.together(*deeds)) == ["Refused", "done"]


# one worker -----------------------------------------------------------------------------------


def test_two_offices_that_open_one_worker_at_once_open_one_file(office: Office, rounds: int) -> None:
    """Two chains, two locks: what keeps them apart is the store's own constraint, told as a refusal."""
    for _ in range(rounds):
        known = known_worker(office)
        here = office.season.request([known], until="list_locked").subject
        there = request_elsewhere(office.season, [known])
        done: list[bool] = []
        came = office.together(open_as("officer", here, done), open_as("peo", there, done))
        assert came == ["done", "done"]
        assert sorted(done) == [False, True]


def known_worker(office: Office) -> ListRow:
    """Somebody who is registered already and has no file under way."""
    number = next(_first)
    (subject,) = opened(office.season, 1, first=number)
    does(office.season, "owner", subject, "withdraw", WHY)
    return rows(1, number)[0]


def open_as(user: str, request: str, done: list[bool]) -> Deed:
    def deed(season: Season) -> None:
        results = namelists.open_listed(season.desk, season.cast[user], request, f"race:{request}")
        done.extend(result.done for result in results)

    return deed


def request_elsewhere(season: Season, listed: list[ListRow]) -> str:
    """Ask for workers at the provincial office: a chain of its own."""
    men = sum(row.sex == "M" for row in listed)
    demand = season.demand(men, len(listed) - men)
    begun = casework.begin(season.desk, season.cast["owner"], "request", "draft_request", demand, chain="CTI")
    approve = RequestOrder(order=RequestOutcome.APPROVED, men=demand.men, women=demand.women)
    for user, name, evidence in (
        ("owner", "attach_list", NameList(rows=tuple(listed))),
        ("owner", "submit_request", Undertaking(accepted=True, signed_by="นายสมชาย")),
        ("peo", "receive_request", RequestReceipt()),
        ("peo", "recommend_request", Opinion(recommends=True, reason="เห็นควร")),
        ("registrar", "decide_request", approve),
        ("peo", "lock_list", Nothing()),
    ):
        does(season, user, begun.record.subject, name, evidence)
    return begun.record.subject


def test_two_offices_that_wait_for_each_other_both_get_through(office: Office) -> None:
    meeting, tries, many_write = Barrier(2), Counter[int](), office.engine.dialect.name == "postgresql"

    def deed(first: int, second: int) -> Deed:
        def act() -> None:
            tries[first] += 1
            if tries[first] == 1 and not many_write:
                meeting.wait()
            with Session(office.engine) as session:
                begin_write(session)
                for key in (first, second) if many_write else ():
                    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
                    if key == first and tries[first] == 1:
                        meeting.wait()

        return lambda season: casework.again_if_raced(act)

    assert office.together(deed(641, 642), deed(642, 641)) == ["done", "done"]
    assert sum(tries.values()) == (3 if many_write else 2), "on PostgreSQL one of the two is sent back, once"


# all together ---------------------------------------------------------------------------------


def test_everything_that_was_stored_in_the_races_is_numbered_without_a_gap(office: Office) -> None:
    session = office.season.desk.session
    session.rollback()
    for chain in ("PNR", "CTI", "system"):
        asked = select(func.max(EventRow.seq), func.count()).where(EventRow.chain == chain)
        last, count = session.execute(asked).one()
        assert last == count, chain
