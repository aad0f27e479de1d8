"""What the administrator enters for everybody: offices with their letterhead, hospitals, and the rules as data."""

import io
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from forms.evidence import EvidenceForm, NoChoices, form_for
from workflow import administration
from workflow.domain.actor import Role
from workflow.domain.everywhere import Reason
from workflow.domain.evidence import Evidence, questions
from workflow.domain.flow import NotYours, OpenStep, open_steps
from workflow.domain.flows import FLOWS
from workflow.domain.record import Facts
from workflow.domain.registers import Hospital, Office
from workflow.domain.rulesets import NONE, Ruleset
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.store.files import FileLost, open_file
from workflow.store.history import record_of
from workflow.store.projections import RegisterEntry
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.admin import history
from workflow.web.admin_forms import EveryRule, RulesetForm
from workflow.web.at_desk import desk
from workflow.web.entering import Paper, act, entered, typed
from workflow.web.ruled import shown
from workflow.web.rules import Loaded, loaded, title_of
from workflow.web.stepup import fresh_second_factor

registers = Blueprint("registers", __name__, url_prefix="/admin")

CONFIRMING = N_("Compare every value with its source before you confirm: decisions will rest on them.")
LARGEST_TEXT = 400_000
"""A ruleset of more letters is none."""


# offices ------------------------------------------------------------------------------------


@registers.get("/offices")
@allow(Role.ADMINISTRATOR)
@in_menu(N_("Offices"), order=40)
def offices() -> str:
    """List the offices."""
    return render_template(
        "admin_entries.html", register="office", rows=administration.entries(desk(), "office")
    )


@registers.route("/offices/new", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
@fresh_second_factor(10)
def new_office() -> Response:
    """Enter an office with its letterhead and emblem."""
    form = form_for(Office, EveryRule(desk()), typed())

    def do() -> Response:
        emblem = form.uploads().get("emblem")
        administration.enter_office(desk(), current_actor(), form.evidence(), emblem, act())
        flash(gettext("The office is entered. Now open the accounts of its people."))
        return redirect(url_for("admin.home"), 303)

    paper = Paper(
        title=gettext("Enter an office"),
        back=url_for(".offices"),
        button=gettext("Enter the office"),
        note=gettext(
            "The short code, for example CTI, stands in every number of the office and cannot be changed later."
        ),
    )
    return entered(paper, [form], do)


@registers.get("/offices/<string:subject>")
@allow(Role.ADMINISTRATOR)
def office(subject: str) -> str:
    """Show an office with its letterhead."""
    return _entry_page("office", subject)


@registers.get("/offices/<string:subject>/emblem")
@allow(Role.ADMINISTRATOR)
def emblem(subject: str) -> Response:
    """Show the emblem of an office."""
    digest = administration.entry(desk(), "office", subject).stated.get("emblem")
    try:
        body = open_file(desk().session, str(digest), subject) if digest else abort(404)
    except FileLost:
        abort(404)
    return send_file(io.BytesIO(body), "image/jpeg", download_name=f"{subject}.jpg")


@registers.route("/offices/<string:subject>/change", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
@fresh_second_factor(10)
def change_office(subject: str) -> Response:
    """Change the letterhead of an office; what was printed before stays as it was."""
    found = administration.entry(desk(), "office", subject)
    asked = [name for name in questions(Office) if name != "code"]
    form = form_for(Office, EveryRule(desk()), typed(), found.stated, names=asked)

    def do() -> Response:
        sent = form.uploads().get("emblem")
        administration.amend_office(desk(), current_actor(), subject, form.evidence(), sent, act())
        flash(gettext("The entry is changed. Papers made from now on carry it."))
        return redirect(url_for(".office", subject=subject), 303)

    return entered(_changing(found, url_for(".office", subject=subject)), [form], do, _version(subject))


@registers.route("/offices/<string:subject>/close", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
@fresh_second_factor(10)
def close_office(subject: str) -> Response:
    """Close an office."""
    found = administration.entry(desk(), "office", subject)
    form = form_for(Reason, NoChoices(), typed())

    def do() -> Response:
        administration.close_office(desk(), current_actor(), subject, form.evidence(), act())
        return _closed(url_for(".offices"))

    return entered(_closing(found, url_for(".office", subject=subject)), [form], do)


# hospitals ----------------------------------------------------------------------------------


@registers.get("/hospitals")
@allow(Role.ADMINISTRATOR)
@in_menu(N_("Hospitals"), order=50)
def hospitals() -> str:
    """List the hospitals."""
    return render_template(
        "admin_entries.html", register="hospital", rows=administration.entries(desk(), "hospital")
    )


@registers.route("/hospitals/new", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def new_hospital() -> Response:
    """Enter a hospital."""
    form = form_for(Hospital, NoChoices(), typed())

    def do() -> Response:
        done = administration.enter_hospital(desk(), current_actor(), form.evidence(), act())
        flash(gettext("The hospital is entered."))
        return redirect(url_for(".hospital", subject=done.record.subject), 303)

    paper = Paper(
        title=gettext("Enter a hospital"), back=url_for(".hospitals"), button=gettext("Enter the hospital")
    )
    return entered(paper, [form], do)


@registers.get("/hospitals/<string:subject>")
@allow(Role.ADMINISTRATOR)
def hospital(subject: str) -> str:
    """Show a hospital."""
    return _entry_page("hospital", subject)


@registers.route("/hospitals/<string:subject>/change", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def change_hospital(subject: str) -> Response:
    """Change the entry of a hospital."""
    found = administration.entry(desk(), "hospital", subject)
    form = form_for(Hospital, NoChoices(), typed(), found.stated)
    return _changed(found, form, url_for(".hospital", subject=subject))


@registers.route("/hospitals/<string:subject>/close", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def close_hospital(subject: str) -> Response:
    """Close a hospital: no worker is sent there any more."""
    found = administration.entry(desk(), "hospital", subject)
    form = form_for(Reason, NoChoices(), typed())

    def do() -> Response:
        administration.change(desk(), current_actor(), "hospital", subject, form.evidence(), act())
        return _closed(url_for(".hospitals"))

    return entered(_closing(found, url_for(".hospital", subject=subject)), [form], do)


def _changed(found: RegisterEntry, form: EvidenceForm[Any], back: str) -> Response:
    def do() -> Response:
        administration.change(desk(), current_actor(), found.register, found.subject, form.evidence(), act())
        flash(gettext("The entry is changed. Papers made from now on carry it."))
        return redirect(back, 303)

    return entered(_changing(found, back), [form], do, _version(found.subject))


def _entry_page(register: str, subject: str) -> str:
    found = administration.entry(desk(), register, subject)
    return render_template(
        "admin_register.html",
        register=register,
        entry=found,
        facts=_facts(found),
        history=history(record_of(desk().session, subject)),
    )


def _facts(found: RegisterEntry) -> list[dict[str, object]]:
    kind: type[Evidence] = Office if found.register == "office" else Hospital
    stated, choices = kind.read(found.stated), EveryRule(desk())
    provinces = dict(choices.options("thai_provinces"))
    return [
        {"label": gettext(asked.label), "value": _written(getattr(stated, name), provinces)}
        for name, asked in questions(kind).items()
        if name != "emblem"
    ]


def _written(value: object, provinces: dict[str, str]) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    label = getattr(value, "label", None)
    return gettext(label) if label else provinces.get(str(value), str(value or ""))


def _changing(found: RegisterEntry, back: str) -> Paper:
    return Paper(
        title=gettext("Change the entry"), caption=found.name, back=back, button=gettext("Change the entry")
    )


def _closing(found: RegisterEntry, back: str) -> Paper:
    words = gettext("Close the entry")
    return Paper(title=words, caption=found.name, back=back, button=words, warning=True)


def _closed(onward: str) -> Response:
    flash(gettext("The entry is closed. What was done before stays on record."))
    return redirect(onward, 303)


def _version(subject: str) -> int:
    return record_of(desk().session, subject).version


# rulesets -----------------------------------------------------------------------------------


@registers.get("/rulesets")
@allow(Role.ADMINISTRATOR)
@in_menu(N_("Rulesets"), order=60)
def rulesets() -> str:
    """List the rules of the register: what is in force today, what waits for a second person."""
    return render_template(
        "admin_rulesets.html", every=loaded(desk()), titles=title_of, on=bangkok_date(desk().now())
    )


@registers.route("/rulesets/new", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
@fresh_second_factor(10)
def new_ruleset() -> Response:
    """Load the text of a ruleset; it waits for a second person."""
    form = RulesetForm(typed())

    def do() -> Response:
        written = form.written()[:LARGEST_TEXT]
        done = administration.propose_ruleset(desk(), current_actor(), written, act(), form.file_name())
        flash(gettext("The ruleset is loaded. It counts once a second person has brought it into force."))
        return redirect(url_for(".ruleset", subject=done.record.subject), 303)

    paper = Paper(
        title=gettext("Load a ruleset"),
        back=url_for(".rulesets"),
        button=gettext("Load the ruleset"),
        note=gettext(
            "A ruleset is the law as data: from when, where, on what basis, and every value with its source."
        ),
    )
    return entered(paper, [form], do)


@registers.get("/rulesets/<string:subject>")
@allow(Role.ADMINISTRATOR)
def ruleset(subject: str) -> str:
    """Show a ruleset whole, with what may be done with it."""
    found = _found(subject)
    record = record_of(desk().session, subject)
    return render_template(
        "admin_ruleset.html",
        one=found,
        title=title_of(found.ruleset),
        values=list(shown(found.ruleset)),
        state=FLOWS["ruleset"].label_of(record.state),
        steps=_steps(subject),
        history=history(record),
        compared=_compared(found.ruleset),
    )


def _found(subject: str) -> Loaded:
    return next((one for one in loaded(desk()) if one.entry.subject == subject), None) or abort(404)


def _steps(subject: str) -> tuple[OpenStep, ...]:
    record, now = record_of(desk().session, subject), desk().now()
    facts = Facts(now=now, on=bangkok_date(now), ruleset=NONE)
    return open_steps(FLOWS["ruleset"], record, current_actor(), facts)


def _compared(ruleset: Ruleset) -> Ruleset | None:
    """Give the rules that are in force today in the same provinces, for a look at what would change."""
    return next(
        (
            one.ruleset
            for one in loaded(desk())
            if one.in_force and set(one.ruleset.provinces) & set(ruleset.provinces)
        ),
        None,
    )


@registers.route("/rulesets/<string:subject>/<string:step>", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
@fresh_second_factor(10)
def settle(subject: str, step: str) -> Response:
    """Bring a ruleset into force, reject it or take it out of force: the second person."""
    found = _found(subject)
    row = next((one for one in FLOWS["ruleset"].steps[1:] if one.name == step), None) or abort(404)
    form = form_for(row.evidence, NoChoices(), typed())

    def do() -> Response:
        why = form.evidence() if row.evidence is Reason else None
        try:
            administration.settle_ruleset(desk(), current_actor(), subject, step, why, act())
        except NotYours:
            abort(403)
        flash(gettext("Done: %(step)s", step=gettext(row.label)))
        return redirect(url_for(".ruleset", subject=subject), 303)

    paper = Paper(
        title=gettext(row.label),
        caption=f"{title_of(found.ruleset)} ({found.ruleset.id})",
        back=url_for(".ruleset", subject=subject),
        button=gettext(row.label),
        note=gettext(CONFIRMING) if step == "confirm_ruleset" else "",
        warning=row.evidence is Reason,
    )
    return entered(paper, [form], do)
