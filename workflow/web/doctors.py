"""The register of doctors, and the medical results by hospital and doctor with what is unusual about them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms.form import BaseForm

from forms.evidence import NoChoices, form_for
from workflow import administration, medical
from workflow.domain.actor import Role
from workflow.domain.everywhere import Reason
from workflow.domain.evidence import Evidence, questions
from workflow.domain.names import clean_text
from workflow.domain.registers import Doctor
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.medical import Line
from workflow.store.history import CaseNotFound, record_of
from workflow.store.projections import RegisterEntry
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.admin import history
from workflow.web.admin_forms import EveryRule
from workflow.web.at_desk import desk
from workflow.web.choices import ruleset_for
from workflow.web.entering import Paper, act, entered, typed
from workflow.web.reading import note_look
from workflow.web.shown import show_date

doctors = Blueprint("doctors", __name__)

KEEPERS = (Role.OFFICER, Role.ADMINISTRATOR)
DAYS = 30
MOST_DAYS = 366
MOST = 2000
GIVEN_AT_FIRST = ("name", "licence", "hospitals")


# the register -------------------------------------------------------------------------------


@doctors.get("/doctors")
@allow(*KEEPERS)
@in_menu(N_("Doctors"), order=55)
def register() -> str:
    """List the doctors with their licences and hospitals."""
    rows = administration.entries(desk(), "doctor")
    return render_template(
        "doctors.html", rows=[(row, _hospitals(row)) for row in rows], on=bangkok_date(desk().now())
    )


def _hospitals(row: RegisterEntry) -> list[str]:
    names = dict(EveryRule(desk()).options("hospitals"))
    return [names.get(hospital, hospital) for hospital in row.stated["hospitals"]]


@doctors.route("/doctors/new", methods=["GET", "POST"])
@allow(*KEEPERS)
def new() -> Response:
    """Enter a doctor; from a certificate that named an unknown one, what it said stands in the form."""
    said = {name: clean_text(request.args.get(name, ""))[:200] for name in GIVEN_AT_FIRST}
    known = {**said, "hospitals": [said["hospitals"]] if said["hospitals"] else []}
    form = form_for(Doctor, EveryRule(desk()), typed(), known)

    def do() -> Response:
        done = medical.enter_doctor(desk(), current_actor(), form.evidence(), act())
        flash(gettext("The doctor is entered."))
        return redirect(url_for(".show", subject=done.record.subject), 303)

    paper = Paper(
        title=gettext("Enter a doctor"), back=url_for(".register"), button=gettext("Enter the doctor")
    )
    return entered(paper, [form], do)


@doctors.get("/doctors/<string:subject>")
@allow(*KEEPERS)
def show(subject: str) -> str:
    """Show a doctor's entry."""
    found = administration.entry(desk(), "doctor", subject)
    facts = [
        {"label": gettext(asked.label), "value": _written(found, name)}
        for name, asked in questions(Doctor).items()
    ]
    told = history(record_of(desk().session, subject))
    return render_template("doctor.html", entry=found, facts=facts, history=told)


def _written(found: RegisterEntry, name: str) -> str:
    value = getattr(Doctor.read(found.stated), name)
    if name == "hospitals":
        return ", ".join(_hospitals(found))
    return show_date(value) if isinstance(value, date) else str(value or "–")


@doctors.route("/doctors/<string:subject>/change", methods=["GET", "POST"])
@allow(*KEEPERS)
def change(subject: str) -> Response:
    """Change a doctor's entry: a licence that was renewed, another hospital."""
    found = administration.entry(desk(), "doctor", subject)
    form = form_for(Doctor, EveryRule(desk()), typed(), found.stated)
    return _changed(found, form.evidence, [form], gettext("Change the entry"))


@doctors.route("/doctors/<string:subject>/close", methods=["GET", "POST"])
@allow(*KEEPERS)
def close(subject: str) -> Response:
    """Close a doctor's entry: certificates from now on are flagged."""
    found = administration.entry(desk(), "doctor", subject)
    form = form_for(Reason, NoChoices(), typed())
    return _changed(found, form.evidence, [form], gettext("Close the entry"))


def _changed(
    found: RegisterEntry, stated: Callable[[], Evidence], forms: list[BaseForm], words: str
) -> Response:
    back = url_for(".show", subject=found.subject)

    def do() -> Response:
        medical.change_doctor(desk(), current_actor(), found.subject, stated(), act())
        flash(gettext("The entry is changed."))
        return redirect(back, 303)

    paper = Paper(title=words, caption=found.name, back=back, button=words)
    return entered(paper, forms, do, record_of(desk().session, found.subject).version)


# the results --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfDoctor:
    """What one doctor found at one hospital in the days that are looked at."""

    hospital: str
    doctor: str
    licence: str
    lines: list[Line]

    @property
    def odd(self) -> list[Line]:
        """Give the results with something unusual."""
        return [line for line in self.lines if line.odd]

    def of_class(self, result: str) -> int:
        """Count the results of a class."""
        return sum(line.seen.result == result for line in self.lines)


@doctors.get("/medical-results")
@allow(Role.REGISTRAR, Role.AUDITOR)
@in_menu(N_("Medical results"), order=56)
def results() -> str:
    """Show the medical results of some days by hospital and doctor, the unusual ones one by one."""
    at, actor = desk(), current_actor()
    today = bangkok_date(at.now())
    days = min(max(request.args.get("days", DAYS, type=int), 1), MOST_DAYS)
    first = today - timedelta(days=days - 1)
    note_look("application", "medical", f"medical results: {first.isoformat()}")
    lines = medical.results_between(at, actor, first, today, ruleset_for(at, actor), MOST)
    return render_template(
        "medical_results.html", groups=_by_doctor(lines), first=first, on=today, days=days, most=MOST
    )


def _by_doctor(lines: Iterable[Line]) -> list[OfDoctor]:
    """Group results by hospital and doctor, those with most unusual ones first."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.seen.hospital, line.seen.licence), []).append(line)
    found = [
        OfDoctor(_hospital(place), some[0].seen.doctor, licence, some)
        for (place, licence), some in groups.items()
    ]
    return sorted(found, key=lambda group: (-len(group.odd), group.hospital, group.doctor))


def _hospital(subject: str) -> str:
    try:
        return administration.entry(desk(), "hospital", subject).name
    except CaseNotFound:
        return subject
