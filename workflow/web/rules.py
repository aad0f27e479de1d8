"""What applies today: the rules in force for the reader's province, each value with its source and how sure it is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext

from workflow.desk import Desk
from workflow.domain.actor import OfficeKind
from workflow.domain.flows import step_label
from workflow.domain.rulesets import NONE, Confidence, Ruleset, RulesetFault, Value
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.store.projections import RegisterEntry
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.choices import ruled_label, ruleset_for
from workflow.web.shown import language

rules = Blueprint("rules", __name__)

LABELS: dict[str, str] = {
    "orders.allowed": N_("Orders may be made"),
    "permit.length": N_("Length of a permit"),
    "permit.unit": N_("Unit of the length"),
    "permit.ends_with_ruleset": N_("Permits end with these rules"),
    "stay.days": N_("Days of stay at each entry"),
    "report.first_within_days": N_("First report within days"),
    "report.every_days": N_("Report every so many days"),
    "fees.application": N_("Fee for the application (baht)"),
    "fees.permit": N_("Fee for the permit (baht)"),
    "fees.pay_within_days": N_("Days to pay the permit fee"),
    "employers.at_once": N_("Employers at the same time"),
    "health.valid_days": N_("Days that a medical check is valid"),
    "health.before_entry": N_("Medical check before the entry"),
    "health.government_only": N_("Government hospitals only"),
    "insurance.required": N_("Health insurance is asked for"),
    "insurance.covers_permit": N_("Insurance must last as long as the permit"),
    "overstay.waived": N_("Overstay is waived"),
    "departure.days": N_("Days to leave the country"),
    "ages.minimum": N_("Lowest age"),
    "desk.days": N_("Days until somebody who waits is told why"),
    "jobs": N_("Positions allowed"),
    "districts": N_("Districts where work is allowed"),
    "thai_provinces": N_("Thai provinces"),
    "pass_provinces": N_("Provinces that issue border passes"),
    "nationalities": N_("Nationalities"),
    "sexes": N_("Sex as written on the forms"),
    "attachments": N_("Papers to attach"),
    "deficiencies": N_("What may be missing"),
    "refusal_reasons": N_("Reasons to refuse"),
    "trafficking_indicators": N_("Signs of trafficking that are looked for"),
    "revocation_grounds": N_("Grounds to revoke a permit"),
    "bands": N_("Times of the day at the gate"),
    "undertakings": N_("Undertakings of the employer"),
    "appeal": N_("Words on the appeal"),
    "gates": N_("Gates"),
}
"""What each value of a ruleset is called; one without words shows its bare name."""

SURE: dict[Confidence, tuple[str, str]] = {
    Confidence.VERIFIED: (N_("Read in the source"), "good"),
    Confidence.LIKELY: (N_("Likely, office practice"), "waiting"),
    Confidence.UNVERIFIED: (N_("Not verified"), "stopped"),
    Confidence.INVENTED: (N_("Invented for the demonstration"), "warning"),
}
UNITS = {"month": N_("months"), "day": N_("days")}


@dataclass(frozen=True, slots=True)
class Shown:
    """One value as it is shown; what was not verified is named, its value is not."""

    label: str
    lines: list[str]
    source: str
    sure: str
    kind: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """A ruleset of the register: its entry, its text, whether it is in force today."""

    entry: RegisterEntry
    ruleset: Ruleset
    in_force: bool


@rules.get("/rules")
@allow()
@in_menu(N_("What applies today"), order=80)
def today() -> str:
    """Show what applies today where the reader works."""
    at, actor = desk(), current_actor()
    ruleset, on = ruleset_for(at, actor), bangkok_date(at.now())
    return render_template(
        "rules.html",
        ruleset=ruleset if ruleset is not NONE else None,
        title=title_of(ruleset),
        why_none=ruleset.values.get("orders.allowed"),
        values=list(shown(ruleset)),
        others=[one for one in loaded(at) if one.entry.state == "listed"],
        titles=title_of,
        on=on,
    )


def loaded(at: Desk) -> list[Loaded]:
    """List every ruleset of the register, what is in force somewhere today first, then the latest."""
    on = bangkok_date(at.now())
    entries = at.session.query(RegisterEntry).filter_by(register="ruleset").all()
    read = [(entry, at.ruleset(str(entry.stated["digest"]))) for entry in entries]
    forced = {rule.digest for rule in in_force_by_province(at, (rule for _, rule in read), on).values()}
    found = [Loaded(entry, rule, entry.state == "listed" and rule.digest in forced) for entry, rule in read]
    return sorted(found, key=lambda one: (not one.in_force, -one.ruleset.effective_from.toordinal()))


def in_force_by_province(at: Desk, every: Iterable[Ruleset], on: date) -> dict[str, Ruleset]:
    """Say which ruleset is in force on a day in each province that any of them names."""
    found = {}
    for province in sorted({province for rule in every for province in rule.provinces}):
        try:
            found[province] = at.in_force(on, province)
        except RulesetFault:
            continue
    return found


def title_of(ruleset: Ruleset) -> str:
    """Write the title of a ruleset in the reader's language."""
    return ruleset.title.get(language()) or ruleset.title.get("en") or ruleset.id


def shown(ruleset: Ruleset) -> Iterator[Shown]:
    """Give the values of a ruleset as they are shown, single values before lists."""
    listed = sorted(ruleset.values.items(), key=lambda one: isinstance(one[1].value, dict | list))
    for name, value in listed:
        sure, kind = SURE[value.confidence]
        told = [] if value.confidence is Confidence.UNVERIFIED else list(lines(name, value))
        yield Shown(label_of(name), told, value.source, gettext(sure), kind)


def label_of(name: str) -> str:
    """Say what a value is called."""
    if name.startswith("offices."):
        _, flow, step = name.split(".", 2)
        return gettext("Who may: %(step)s", step=gettext(step_label(flow, step)))
    return gettext(LABELS[name]) if name in LABELS else name


def lines(name: str, value: Value) -> Iterator[str]:
    """Write a value, an entry of a list on each line."""
    match value.value:
        case bool():
            yield gettext("Yes") if value.value else gettext("No")
        case int():
            yield f"{value.value:,}"
        case Mapping() if _is_words(value.value):
            yield ruled_label(value.value, language())
        case Mapping():
            yield from (ruled_label(entry, language()) for entry in value.value.values())
        case list() | tuple():
            yield from (_item(item) for item in value.value)
        case str() if value.value in UNITS:
            yield gettext(UNITS[value.value])
        case _:
            yield str(value.value)


def _is_words(entry: Mapping[str, Any]) -> bool:
    return all(isinstance(part, str | int) for part in entry.values())


def _item(item: Any) -> str:
    if isinstance(item, Mapping):
        return ruled_label(item, language())
    return gettext(OfficeKind(item).label) if item in set(OfficeKind) else str(item)
