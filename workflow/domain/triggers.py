"""What starts the clocks: from a case as it stands, the duties that have begun and are not met.

Each function gives any number of duties, one for each part that has its own (an employment, an order). A duty
whose last day is written on a paper carries it; for the others the table of clocks says how long they run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from workflow.domain import policies
from workflow.domain.record import Done, Facts, Record
from workflow.domain.request import Demand
from workflow.domain.spells import Employment, employments, periods, stays
from workflow.domain.thai import bangkok_date
from workflow.domain.validity import last_day, permit_until, stay_until

ENTRIES = ("record_entry", "record_earlier_entry", "record_reentry")
"""The steps that state a stamp of entry."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A duty that began: the day (where hours count, the moment), its part, whose employment, its last day if stated."""

    on: date
    at: datetime | None = None
    part: str = ""
    employer: str | None = None
    until: date | None = None


def _day(done: Done) -> date:
    return bangkok_date(done.happened_at)


def _entered(record: Record, *targets: str) -> Done | None:
    """Find the event by which the case last came into one of these states from another one."""
    return next((d for d in record.standing() if d.target in targets and d.source != d.target), None)


# the office ---------------------------------------------------------------------------------


def answer(record: Record, facts: Facts) -> Iterator[Begun]:
    """What was listed as missing is to be sent by the day that the list names."""
    asked = record.last("ask_for_missing")
    if asked is not None:
        yield Begun(_day(asked), until=asked.evidence.answer_until)


def waiting(record: Record, facts: Facts) -> Iterator[Begun]:
    """The office is to act from the day on which the case came to where it stands."""
    entered = _entered(record, record.state or "")
    if entered is not None:
        yield Begun(_day(entered))


def complete(record: Record, facts: Facts) -> Iterator[Begun]:
    """The decision is due from the day on which the file was complete; sending it back inside the office changes nothing."""
    inside = ("reviewed", "assessed")
    whole = (
        d
        for d in record.standing()
        if d.target in ("received", "examined") and d.source not in (d.target, *inside)
    )
    done = next(whole, None)
    if done is not None:
        yield Begun(_day(done))


def granted(record: Record, facts: Facts) -> Iterator[Begun]:
    """The permit fee is to be paid from the order on."""
    order = record.last("decide")
    if order is not None:
        yield Begun(_day(order))


def served(record: Record, facts: Facts) -> Iterator[Begun]:
    """The time to appeal runs from each order's service on the one whom it concerns."""
    order = policies.newest_order(record)
    service = policies.serving_of(record, order) if order else None
    if service is not None:
        yield Begun(service.evidence.served_on, part=str(service.evidence.order))


def data_asked(record: Record, facts: Facts) -> Iterator[Begun]:
    """Who asks for his data is answered from the day of the request on."""
    yield Begun(record.history[0].evidence.given_on)


def breached(record: Record, facts: Facts) -> Iterator[Begun]:
    """A breach is reported within hours of being known."""
    known = record.history[0].evidence.known_at
    yield Begun(bangkok_date(known), at=known)


# the request --------------------------------------------------------------------------------


def _demand(record: Record) -> tuple[Done, Demand] | None:
    stated = record.last("draft_request", "revise_draft", "complete_request")
    return (stated, stated.evidence) if stated else None


def reception(record: Record, facts: Facts) -> Iterator[Begun]:
    """The employer is to fetch the workers on the day that the demand letter names."""
    demand = _demand(record)
    if demand is not None:
        yield Begun(_day(demand[0]), until=demand[1].receive_on)


def serving(record: Record, facts: Facts) -> Iterator[Begun]:
    """A request can serve until the last day of a permit that starts when the employment was asked to start."""
    demand, length = _demand(record), facts.ruleset.get("permit.length")
    if demand is not None and length:
        start, unit = demand[1].start_on, facts.ruleset.get("permit.unit", "month")
        yield Begun(start, until=last_day(start, length, unit))


# the two tracks -----------------------------------------------------------------------------


def appointment(record: Record, facts: Facts) -> Iterator[Begun]:
    """The worker is expected at the hospital on the day of the referral."""
    sent = record.last("refer_to_hospital")
    if sent is not None:
        yield Begun(_day(sent), until=sent.evidence.appointment_on)


def examined(record: Record, facts: Facts) -> Iterator[Begun]:
    """A certificate ages from the day of the examination."""
    until, passed = policies.medical_until(record, facts), policies.medical_done(record)
    if until is not None and passed is not None:
        yield Begun(passed.evidence.examined_on, until=until)


def planned(record: Record, facts: Facts) -> Iterator[Begun]:
    """The worker is expected at the gate on the planned day."""
    plan = record.last("plan_entry")
    if plan is not None and "entry_planned" in record.flags:
        yield Begun(_day(plan), until=plan.evidence.entry_on)


def border_pass(record: Record, facts: Facts) -> Iterator[Begun]:
    """The border pass that was shown last ends."""
    shown = record.last("replace_travel_document", "check_identity", "keep_identity")
    if shown is not None:
        yield Begun(shown.evidence.pass_issued_on, until=shown.evidence.pass_expires_on)


# stay and permit ----------------------------------------------------------------------------


def stay(record: Record, facts: Facts) -> Iterator[Begun]:
    """A stay runs from the newest stamp, or from the newest report where reporting stands for crossing."""
    until = stay_until(record)
    if until is None:
        return
    yield Begun(min(_stay_from(record), until), until=until)


def _stay_from(record: Record) -> date:
    if record.flow == "permit":
        return max(one.from_on for one in stays(record))
    return record.last(*ENTRIES).evidence.stamped_on


def arrived(record: Record, facts: Facts) -> Iterator[Begun]:
    """The owner of the house tells immigration within hours of each arrival."""
    arrival = record.last(*ENTRIES)
    if arrival is None:
        return
    told = (
        d for d in record.history if d.number > arrival.number and d.step in ("give_notice", "note_housing")
    )
    if not any(getattr(d.evidence, "kind_of", "housing") == "housing" for d in told):
        yield Begun(_day(arrival), at=arrival.happened_at)


def permit(record: Record, facts: Facts) -> Iterator[Begun]:
    """A permit runs to the last day of its newest period."""
    until = permit_until(record)
    if until is not None:
        yield Begun(min(periods(record)[-1].valid_from, until), until=until)


def renewal(record: Record, facts: Facts) -> Iterator[Begun]:
    """The renewal is filed within the last days of the permit; once it is filed the window is used."""
    days, until = facts.ruleset.get("renewal.open_days"), permit_until(record)
    if days and until is not None and "renewal_filed" not in record.flags:
        yield Begun(until - timedelta(days=days), until=until)


def lost(record: Record, facts: Facts) -> Iterator[Begun]:
    """A substitute is asked for from the day on which the loss was known."""
    loss = record.last("report_loss")
    if loss is not None and "lost" in record.flags:
        yield Begun(loss.evidence.known_on)


def first_report(record: Record, facts: Facts) -> Iterator[Begun]:
    """Under a measure of grace the first report is due from the day that the ruleset names."""
    first = facts.ruleset.get("report.first_from")
    if first and not any(one.from_on >= first for one in stays(record)):
        yield Begun(first)


def departure(record: Record, facts: Facts) -> Iterator[Begun]:
    """Who was told to leave has until the day that the notice names."""
    told = record.last("notify_departure")
    if told is not None and "departure" in record.flags:
        yield Begun(told.evidence.told_on, until=told.evidence.leave_until)


# one duty for each employment ---------------------------------------------------------------


def hired(record: Record, facts: Facts) -> Iterator[Begun]:
    """Each employer tells of each hire."""
    return (_of(one, one.from_on) for one in _untold(record, "hire"))


def started_work(record: Record, facts: Facts) -> Iterator[Begun]:
    """The worker tells of each start and each change."""
    return (_of(one, one.from_on) for one in _untold(record, "worker_start"))


def left(record: Record, facts: Facts) -> Iterator[Begun]:
    """Each employer tells of each end of an employment."""
    return (_of(one, one.ended_on) for one in _untold(record, "exit") if one.ended_on is not None)


def _of(one: Employment, on: date) -> Begun:
    return Begun(on, part=one.employer, employer=one.employer)


def _untold(record: Record, kind: str) -> Iterator[Employment]:
    """List the employments without a notice of a kind: it fits that tells of a day from this start to the next.

    What was to be told when a permit taken over from paper began is not asked again.
    """
    told = [d.evidence for d in record.history if d.step == "give_notice" and d.evidence.kind_of == kind]
    every = employments(record)
    known_on_paper = kind != "exit" and record.history[0].step == "take_over_permit"
    for one in every[1:] if known_on_paper else every:
        later = (other.from_on for other in every if other.employer == one.employer)
        again = min((on for on in later if on > one.from_on), default=date.max)
        if not any(n.employer == one.employer and one.from_on <= n.event_on < again for n in told):
            yield one


def left_badly(record: Record, facts: Facts) -> Iterator[Begun]:
    """The district is told of a dismissal or a worker gone missing within hours of knowing."""
    for done in record.history:
        if done.step != "end_employment" or done.evidence.reason_code not in ("dismissed", "absconded"):
            continue
        employer, known = done.evidence.employer, done.evidence.known_at or done.happened_at
        told = (d for d in record.history if d.step == "tell_district" and d.number > done.number)
        if not any(d.evidence.employer == employer for d in told):
            yield Begun(bangkok_date(known), at=known, part=employer, employer=employer)
