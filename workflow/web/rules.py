"""What applies on a day, in a province, at a gate: each value with its source, since when, and what changes next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext

from workflow.desk import Desk
from workflow.domain.explaining import Change, Explanation, explain
from workflow.domain.provinces import place_name
from workflow.domain.rulesets import Ruleset, RulesetFault
from workflow.domain.thai import DateReading, bangkok_date, parse_date
from workflow.domain.words import N_
from workflow.store.projections import RegisterEntry
from workflow.visibility import case_seen
from workflow.web.about import about
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.choices import province_for, ruled_label
from workflow.web.person_rules import READERS, rules_of, terms_of
from workflow.web.ruled import explained, label_of
from workflow.web.shown import language, show_said

rules = Blueprint("rules", __name__)



@dataclass(frozen=True, slots=True)
class Loaded:
    """A ruleset of the register: its entry, its text, whether it is in force today."""

    entry: RegisterEntry
    ruleset: Ruleset
    in_force: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The day and place that the page is asked for, as far as they can be read; what could not is told."""

    on: date
    province: str
    gate: str | None
    other_day: bool = False
    problem: str = ""


@rules.get("/rules")
@allow()
@in_menu(N_("What applies today"), order=80)
def today() -> str:
    """Show what applies: today where the reader works, or on the day and in the place that are asked for."""
    at = desk()
    every, asked = at.rulesets(), asked_for(at)
    told = explain(every, asked.on, asked.province, asked.gate, demonstration=at.demonstration)
    return render_template("rules.html", **page_of(told, every), asked=asked, others=listed(at))


@rules.get("/cases/<string:reference>/rules")
@allow(*READERS)
def of_person(reference: str) -> str:
    """Show each rule that the worker of a case meets or does not meet now, with value, fact and source."""
    at, actor = desk(), current_actor()
    case = case_seen(at, actor, reference)
    record = at.record(case.subject) if case.worker else abort(404)
    found = rules_of(at, record)
    return render_template(
        "case_rules.html",
        about=about(at, record),
        back=url_for("cases.show", reference=reference),
        found=found,
        title=title_of(found.ruleset) if found.ruleset else "",
        terms=terms_of(at, record),
    )


def asked_for(at: Desk) -> Asked:
    """Read day, province and gate from the address; what is missing is today, the reader's own province, any gate."""
    now = bangkok_date(at.now())
    province = request.args.get("province") or province_for(at, current_actor())
    gate = request.args.get("gate", "").replace("-", "_") or None
    written = request.args.get("on", "").strip()
    read = parse_date(written) if written else None
    if read is None:
        return Asked(now, province, gate)
    if isinstance(read, DateReading) and read.precision == "day":
        return Asked(read.on, province, gate, other_day=read.on != now)
    return Asked(now, province, gate, problem=gettext("This day cannot be read. Write it as day/month/year."))


def page_of(told: Explanation, every: Iterable[Ruleset]) -> dict[str, object]:
    """Give what the page shows of an explanation."""
    ruleset = told.ruleset
    return {
        "told": told,
        "ruleset": ruleset,
        "title": title_of(ruleset) if ruleset else "",
        "why_none": ruleset.values.get("orders.allowed") if ruleset else None,
        "values": list(explained(told.values, ruleset)) if ruleset else [],
        "unverified": list(explained(told.unverified, ruleset)) if ruleset else [],
        "next_names": changed(told.following),
        "previous_names": changed(told.previous),
        "provinces": {code: place_name(code, language()) for code in sorted(_provinces(every))},
        "gates": gates(every, told.province),
        "titles": title_of,
        "place": place_name(told.province, language()),
    }


def _provinces(every: Iterable[Ruleset]) -> set[str]:
    return {province for rule in every for province in rule.provinces}


def gates(every: Iterable[Ruleset], province: str) -> dict[str, str]:
    """Name the gates that any ruleset knows in a province."""
    found: dict[str, str] = {}
    for rule in every:
        known: Mapping[str, Mapping[str, str]] = rule.within(province).get("gates", {})
        found |= {key: ruled_label(entry, language()) for key, entry in known.items()}
    return found


def changed(change: Change | None) -> list[str]:
    """Name the values that are not the same before and after."""
    return [label_of(name) for name in change.names] if change else []


def listed(at: Desk) -> list[Loaded]:
    """List the rulesets that two persons brought into force."""
    return [one for one in loaded(at) if one.entry.state == "listed"]


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
    for province in sorted(_provinces(every)):
        try:
            found[province] = at.in_force(on, province)
        except RulesetFault:
            continue
    return found


def title_of(ruleset: Ruleset) -> str:
    """Write the title of a ruleset in the reader's language."""
    return show_said(ruleset.title)
