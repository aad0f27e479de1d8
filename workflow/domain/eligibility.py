"""Each rule that a person meets or does not meet on a day: its value, the fact it was held against, its source."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from workflow.domain.policies import full_years
from workflow.domain.record import Record
from workflow.domain.routes import leads
from workflow.domain.rulesets import Ruleset, Value
from workflow.domain.spells import employers_now
from workflow.domain.validity import current_pass, permit_until, stay_until
from workflow.domain.words import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is known of a worker's case; None where it is not known yet."""

    nationality: str | None = None
    birth_on: date | None = None
    birth_precision: str = "day"
    pass_province: str | None = None
    pass_until: date | None = None
    job: str | None = None
    gate: str | None = None
    district: str | None = None
    examined_on: date | None = None
    fit: bool | None = None
    insured_until: date | None = None
    stay_until: date | None = None
    permit_until: date | None = None
    employers: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """What a rule was held against: met or not, and why in words with their values."""

    met: bool
    text: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """One rule held against a person. `fact` None: the rule is not verified, or nothing is known to hold it against."""

    name: str
    value: Value
    fact: Fact | None

    @property
    def met(self) -> bool | None:
        """Say whether the rule is met; None where that cannot be said."""
        return self.fact.met if self.fact else None


def eligibility(person: Person, ruleset: Ruleset, on: date) -> tuple[Held, ...]:
    """Hold the rules in force against a person, as of a day; what is not verified stops nothing."""
    return tuple(
        Held(name, value, judge(person, value.value, on, ruleset) if value.known else None)
        for name, judge in JUDGES.items()
        if (value := ruleset.values.get(name)) is not None
    )


def person_of(application: Record | None, permit: Record | None, request: Record | None) -> Person:
    """Gather what the newest application, the permit and the request of a worker state."""
    checked = _stated(application, "check_identity", "keep_identity")
    medical = _stated(application, "record_medical", "accept_earlier_medical")
    filing = _stated(application, "file_application", "complete_filing")
    demand = _stated(request, "draft_request", "revise_draft", "complete_request")
    entered = _stated(application, "record_entry", "record_earlier_entry", "plan_entry")
    held = current_pass(application) if application else None
    living = permit or application
    return Person(
        nationality=getattr(checked, "nationality", None),
        birth_on=getattr(checked, "birth_on", None),
        birth_precision=getattr(checked, "birth_precision", "day"),
        pass_province=getattr(held, "pass_province", None),
        pass_until=getattr(held, "pass_expires_on", None),
        job=getattr(demand, "job", None),
        gate=getattr(entered, "gate", None) or getattr(demand, "gate", None),
        district=getattr(demand, "workplace_district", None),
        examined_on=getattr(medical, "examined_on", None),
        fit=medical.result != "3" if medical and medical.result else None,
        insured_until=getattr(filing, "insured_until", None),
        stay_until=stay_until(living) if living else None,
        permit_until=permit_until(permit) if permit else None,
        employers=len(employers_now(permit)) if permit else None,
    )


def _stated(record: Record | None, *steps: str) -> object | None:
    done = record.last(*steps) if record else None
    return done.evidence if done else None


# each rule ----------------------------------------------------------------------------------

Judge = Callable[[Person, object, date, Ruleset], Fact | None]


def _orders(person: Person, allowed: bool, on: date, rules: Ruleset) -> Fact:
    said = (
        N_("A decision of the cabinet is in force")
        if allowed
        else N_("No decision of the cabinet is in force")
    )
    return Fact(allowed, said)


def _nationality(person: Person, list_: Mapping, on: date, rules: Ruleset) -> Fact | None:
    return _in_list(person.nationality, list_)


def _pass_province(person: Person, list_: Mapping, on: date, rules: Ruleset) -> Fact | None:
    return _in_list(person.pass_province, list_)


def _job(person: Person, list_: Mapping, on: date, rules: Ruleset) -> Fact | None:
    return _in_list(person.job, list_)


def _district(person: Person, list_: Mapping, on: date, rules: Ruleset) -> Fact | None:
    return _in_list(person.district, list_)


def _gate(person: Person, list_: Mapping, on: date, rules: Ruleset) -> Fact | None:
    return _in_list(person.gate, list_)


def _in_list(key: str | None, list_: Mapping) -> Fact | None:
    if key is None:
        return None
    return Fact(key in list_, "%(entry)s", {"entry": list_.get(key, key)})


def _age(person: Person, lowest: int, on: date, rules: Ruleset) -> Fact | None:
    if person.birth_on is None:
        return None
    age = full_years(person.birth_on, on, person.birth_precision)
    return Fact(age >= lowest, N_("%(age)s years old"), {"age": age})


def _route(person: Person, routes: Iterable, on: date, rules: Ruleset) -> Fact | None:
    if person.pass_province is None or person.gate is None:
        return None
    values = {
        "home": rules.get("pass_provinces", {}).get(person.pass_province, person.pass_province),
        "gate": rules.get("gates", {}).get(person.gate, person.gate),
        "district": rules.get("districts", {}).get(person.district, person.district or "–"),
    }
    fits = leads(routes, person.pass_province, person.gate, person.district, on)
    return Fact(fits, N_("Pass of %(home)s, gate %(gate)s, work in %(district)s"), values)


def _caps(person: Person, named: Iterable[str], on: date, rules: Ruleset) -> Fact | None:
    if person.pass_until is None or "pass" not in named:
        return None
    return Fact(
        person.pass_until >= on, N_("The border pass runs until %(until)s"), {"until": person.pass_until}
    )


def _medical(person: Person, days: int, on: date, rules: Ruleset) -> Fact | None:
    if person.examined_on is None:
        return None
    if person.fit is False:
        return Fact(False, N_("The newest medical check was not passed"))
    until = person.examined_on + timedelta(days=days)
    return Fact(until >= on, N_("The medical check counts until %(until)s"), {"until": until})


def _insured(person: Person, asked: bool, on: date, rules: Ruleset) -> Fact | None:
    if person.insured_until is None:
        return None
    values = {"until": person.insured_until}
    return Fact(not asked or person.insured_until >= on, N_("Insured until %(until)s"), values)


def _stay(person: Person, days: int, on: date, rules: Ruleset) -> Fact | None:
    if person.stay_until is None:
        return None
    return Fact(person.stay_until >= on, N_("The stay runs until %(until)s"), {"until": person.stay_until})


def _overstay(person: Person, per_day: int, on: date, rules: Ruleset) -> Fact | None:
    if person.stay_until is None:
        return None
    over = max(0, (on - person.stay_until).days)
    fine = (
        0
        if rules.get("overstay.waived")
        else min(over * per_day, rules.get("overstay.longest_fine", over * per_day))
    )
    return Fact(not fine, N_("%(days)s days of overstay, fine %(fine)s baht"), {"days": over, "fine": fine})


def _permit(person: Person, length: int, on: date, rules: Ruleset) -> Fact | None:
    if person.permit_until is None:
        return None
    return Fact(
        person.permit_until >= on, N_("The permit runs until %(until)s"), {"until": person.permit_until}
    )


def _renewal(person: Person, days: int, on: date, rules: Ruleset) -> Fact | None:
    if person.permit_until is None:
        return None
    opens = person.permit_until - timedelta(days=days)
    values = {"from": opens, "until": person.permit_until}
    return Fact(opens <= on <= person.permit_until, N_("Renewal from %(from)s until %(until)s"), values)


def _employers(person: Person, most: int, on: date, rules: Ruleset) -> Fact | None:
    if person.employers is None:
        return None
    return Fact(person.employers <= most, N_("Employers now: %(count)s"), {"count": person.employers})


JUDGES: dict[str, Judge] = {
    "orders.allowed": _orders,
    "nationalities": _nationality,
    "ages.minimum": _age,
    "pass_provinces": _pass_province,
    "permit.capped_by": _caps,
    "gates": _gate,
    "districts": _district,
    "pass_routes": _route,
    "jobs": _job,
    "health.valid_days": _medical,
    "insurance.required": _insured,
    "stay.days": _stay,
    "overstay.per_day": _overstay,
    "permit.length": _permit,
    "renewal.open_days": _renewal,
    "employers.at_once": _employers,
}
"""The rules that a person can meet or not, in the order of the way, each with how it is judged."""
