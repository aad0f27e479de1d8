"""What holds after every step of the model, worked out without the engine from what was recorded."""

from dataclasses import replace
from itertools import combinations

from tests.model import Moved, Office, finals
from tests.model_values import plainly
from tests.stated import BACK
from workflow.domain.evidence import Evidence
from workflow.domain.fees import kind_of
from workflow.domain.flow import KEYED_IN, START
from workflow.domain.flows import FLOWS
from workflow.domain.places import approved, bands, slot_place
from workflow.domain.policies import ORDERS
from workflow.domain.record import Record
from workflow.domain.spells import employers_now, periods
from workflow.domain.validity import filing_of, last_day, permit_until

ADVISE = frozenset(
    {"attach_file", "return_to_officer", "return_request_to_officer", "hold", "release", "reject_correction"}
)
"""Acts beside the matter: who did one of these prepared nothing of an order."""


def holds(office: Office) -> None:
    """Look at every step that the last act did, and at the workers, requests and gates that it touched."""
    for moved in office.moved:
        _as_the_row_says(moved)
        _by_another_person(office, moved)
        _what_was_granted(moved)
        _replayed(office, office.records[moved.after.subject])
        _one_person_once(office, moved.after)
        _places(office, moved.after)


def _as_the_row_says(moved: Moved) -> None:
    row, before, after = moved.outcome.row, moved.before, moved.after
    source = before.state or START
    assert source in {str(one) for one in row.source}
    assert after.state == (source if row.target is None else row.target.value)
    assert after.flags == (before.flags | {str(f) for f in row.raises}) - {str(f) for f in row.lifts}
    assert {str(f) for f in row.needs} <= before.flags
    assert not {str(f) for f in row.bars} & before.flags
    stopping = {flag.value for flag in FLOWS[before.flow].flags if flag.stops}
    assert not (before.flags & stopping) - {str(f) for f in row.under}
    assert row.may(moved.actor.role)
    assert after.version == before.version + 1
    assert after.history[-1].evidence.outcome() in (row.when or (after.history[-1].evidence.outcome(),))
    if source in finals(before.flow) and after.state != source:
        assert row.name in BACK, f"{before.flow} left {source} by {row.name}"


def _by_another_person(office: Office, moved: Moved) -> None:
    """Nobody decides what he prepared, whichever of his accounts he used."""
    row, person = moved.outcome.row, moved.actor.person
    mine = [done for done in moved.before.history if done.person == person]
    if moved.caused or person == "system":
        return
    assert not {done.step for done in mine} & set(row.unlike), f"{person} did {row.name} after {row.unlike}"
    assert KEYED_IN not in row.unlike or not any(done.on_behalf_of for done in mine)
    if row.name in ORDERS:
        prepared = {done.step for done in mine if done.role != "registrar" and done.step not in ADVISE}
        assert not prepared & _states_facts(moved.before), f"{person} ordered what he prepared by {prepared}"
    if row.name == "decide_appeal":
        filed = moved.before.history[0].evidence
        assert office.records[filed.case].history[filed.order - 1].person != person
    if row.name == "confirm_correction":
        assert moved.before.last("propose_correction").person != person


def _states_facts(record: Record) -> set[str]:
    """Name the steps by which the facts of an order come into a case, whoever may do them."""
    return {
        row.name
        for row in FLOWS[record.flow].steps
        if row.keyed or row.name.startswith(("check_", "give_opinion", "recommend", "file_"))
    }


def _what_was_granted(moved: Moved) -> None:
    row, after = moved.outcome.row, moved.after
    stated = after.history[-1].evidence
    if row.name == "decide" and after.state == "granted" and kind_of(after) in ("new", "renewal"):
        assert stated.valid_until <= _earliest_term(moved, stated)
    if after.flow == "permit" and (
        row.name in ("open_permit", "extend_permit") or row.name == "confirm_correction"
    ):
        spans = [(one.valid_from, one.valid_until) for one in periods(after)]
        assert all(a[1] < b[0] or b[1] < a[0] for a, b in combinations(spans, 2)), f"periods overlap: {spans}"
        assert all(first <= last for first, last in spans)
        assert permit_until(after) == max(last for _, last in spans)
    if row.name in ("change_employer", "add_employer"):
        most = moved.facts.ruleset.get("employers.at_once")
        assert most is None or len(set(employers_now(after))) <= most


def _earliest_term(moved: Moved, order: Evidence) -> object:
    """Work out anew the last day that rules and papers allow."""
    rules, record = moved.facts.ruleset, moved.before
    held = record.last("replace_travel_document", "check_identity", "keep_identity")
    by_name = {
        "longest": last_day(order.valid_from, rules.get("permit.length"), rules.get("permit.unit", "month")),
        "pass": held.evidence.pass_expires_on,
        "insurance": getattr(filing_of(record).evidence, "insured_until", None),
        "measure": rules.effective_to,
    }
    named = rules.get("permit.capped_by", ("longest", "pass"))
    return min(until for name, until in by_name.items() if name in named and until is not None)


def _replayed(office: Office, record: Record) -> None:
    """The history alone gives the same case, also as the store would give it back."""
    again = replace(record, state=None, flags=frozenset(), history=())
    for event in office.log[record.subject]:
        again = again.with_event(event.done, corrects=event.corrects)
    assert again == record
    stated = record.history[-1].evidence
    assert plainly(stated) == stated


def _one_person_once(office: Office, record: Record) -> None:
    worker = office.worker_of(record)
    if worker is None:
        return
    kinds = [kind_of(one) for one in office.live_files(worker)]
    assert len(kinds) == len(set(kinds)), f"{worker} has {kinds} under way"
    assert len(office.permits(worker)) <= 1


def _places(office: Office, record: Record) -> None:
    asked = office.records.get(getattr(record.history[0].evidence, "request", "")) or record
    if asked.flow == "request" and asked.last("decide_request"):
        used, there = office.used(asked.subject), approved(asked)
        assert all(one <= most for one, most in zip(used, there, strict=True)), f"{used} of {there} places"
    place = slot_place(record, office.rules_of(record)) if record.flow == "application" else None
    if place is not None:
        taken = [slot_place(one, office.rules_of(one)) for one in office.of("application")].count(place)
        assert taken <= bands(office.rules_of(record), place.gate)[place.band]
