"""Where applications on a permit begin: renewals one by one or many at once, a substitute, another employer; appeals."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer
from wtforms.form import BaseForm

from forms.circumstances import CircumstancesForm
from forms.evidence import EvidenceForm, NoChoices, form_for
from workflow import appeals, onpermit, uploads
from workflow.casework import Act, Performed
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.appeal import AppealFiled
from workflow.domain.flow import Refusal, Refused
from workflow.domain.flows import step_label
from workflow.domain.kinds import ChangeOfEmployer
from workflow.domain.record import Record
from workflow.domain.spells import Employment, employments
from workflow.domain.words import N_
from workflow.employers import ASKERS
from workflow.store.projections import Case, RegisterEntry
from workflow.visibility import case_seen
from workflow.web.access import allow, current_actor
from workflow.web.at_desk import desk
from workflow.web.employer import frame
from workflow.web.entering import Paper, act, entered, sign_of_form, typed
from workflow.web.holdings import holdings_of
from workflow.web.many import tell
from workflow.web.onward_forms import JoinForm, KindForm, OfferForm, WhoAsks
from workflow.web.reading import note_reading

onward = Blueprint("onward", __name__)

OFFICER = Role.OFFICER
OF_OWN_WORKER = frozenset({"open_renewal", "open_substitute"})
NOBODY = Refusal(
    "no-permit", N_("No running permit has these two numbers; look at both papers again."), field="permit_number"
)
WHICH = Refusal(
    "which-employer", N_("The worker has several employers; enter since when the work is that ends."), field="since"
)


def permit_seen(reference: str) -> tuple[Case, Record]:
    """Open a permit that the reader may see."""
    case = case_seen(desk(), current_actor(), reference)
    if case.flow != "permit":
        abort(404)
    return case, desk().record(case.subject)


def begun(done: Performed) -> Answer:
    """Lead on to the new case."""
    flash(gettext("The application is opened; go on with its next step."))
    return redirect(url_for("cases.show", reference=done.record.reference), 303)


def keyed_act(circumstances: CircumstancesForm | None) -> Act:
    """Give the act of the form that was sent; an officer says for whom and when."""
    sent = act()
    if circumstances is None:
        return Act(request_id=sent.request_id)
    return Act(
        request_id=sent.request_id,
        happened_at=circumstances.happened_at(desk().now()),
        on_behalf_of=circumstances.on_behalf_of(),
        note=circumstances.note(),
    )


def circumstances_of(actor: Actor, *roles: Role) -> CircumstancesForm | None:
    """Draw the circumstances of what an officer keys in; who asks for himself has none."""
    return CircumstancesForm(typed(), roles) if actor.role is OFFICER else None


def forms_of(*forms: BaseForm | None) -> list[BaseForm]:
    """List the forms that there are."""
    return [form for form in forms if form is not None]


# a worker of one's own ----------------------------------------------------------------------


@onward.route("/cases/<reference>/begin/<step>", methods=["GET", "POST"])
@allow(*ASKERS, OFFICER)
def begin(reference: str, step: str) -> Answer:
    """Open the renewal or the substitute of one permit."""
    if step not in OF_OWN_WORKER:
        abort(404)
    case, record = permit_seen(reference)
    actor = current_actor()
    who = WhoAsks(names_of(desk(), running(record)), actor.employer, typed())
    circumstances = circumstances_of(actor, *ASKERS, Role.WORKER)

    def do() -> Answer:
        acting = keyed_act(circumstances)
        return begun(onpermit.of_own_worker(desk(), actor, case, step, who.chosen(), acting))

    return entered(paper_of(case, gettext(step_label("application", step))), forms_of(who, circumstances), do)


def paper_of(case: Case, title: str) -> Paper:
    """Say around a form which permit it is about."""
    back = url_for("cases.show", reference=case.reference)
    return Paper(title=title, back=back, button=title, caption=f"{case.title} · {case.reference}")


def running(permit: Record) -> list[Employment]:
    """List the employments that run."""
    return [spell for spell in employments(permit) if spell.runs]


def names_of(at: Desk, spells: list[Employment]) -> dict[str, str]:
    """Name the employers of a worker."""
    return named(at, [spell.employer for spell in spells])


def named(at: Desk, employers: Iterable[str]) -> dict[str, str]:
    """Name employers by their entries."""
    return {employer: at.session.get_one(RegisterEntry, employer).name for employer in employers}


# another employer ---------------------------------------------------------------------------


@onward.route("/cases/<reference>/employers/new", methods=["GET", "POST"])
@allow(OFFICER)
def other_employer(reference: str) -> Answer:
    """Key in a change or an addition of employer from the signed papers."""
    case, record = permit_seen(reference)
    actor, at = current_actor(), desk()
    requests = onpermit.requests_to_join(at, actor)
    offered = OfferForm(requests, names_of(at, running(record)), typed())
    scans, circumstances = scans_form(), circumstances_of(actor, *ASKERS, Role.WORKER)

    def do() -> Answer:
        chosen = next(one for one in requests if one.subject == offered.request)
        kept = keep(at, case.subject, scans)
        leaves = offered.leaves if offered.is_change else None
        return begun(onpermit.take_on(at, actor, case, chosen, kept, keyed_act(circumstances), leaves=leaves))

    return entered(paper_of(case, gettext("Change or add an employer")), forms_of(offered, scans, circumstances), do)


@onward.route("/employers/<reference>/newcomers", methods=["GET", "POST"])
@allow(*ASKERS, OFFICER)
def newcomer(reference: str) -> Answer:
    """Take on a worker who holds a permit, found by the two papers that the worker shows."""
    actor, at = current_actor(), desk()
    mine = holdings_of(at, actor, reference)
    requests = onpermit.requests_to_join(at, actor, mine.employer.subject)
    join, kind, scans = JoinForm(typed()), KindForm(requests, typed()), scans_form()
    circumstances = circumstances_of(actor, *ASKERS)

    def do() -> Answer:
        permit = onpermit.permit_shown(at, join.pass_number, join.permit_number)
        if permit is None:
            raise Refused([NOBODY])
        chosen = next(one for one in requests if one.subject == kind.request)
        leaves = who_is_left(at.record(permit.subject), join) if kind.is_change else None
        kept = keep(at, permit.subject, scans)
        return begun(onpermit.take_on(at, actor, permit, chosen, kept, keyed_act(circumstances), leaves=leaves))

    paper = Paper(
        title=gettext("Take on a worker who holds a permit"),
        back=url_for("employer.show", reference=reference),
        button=gettext("Open the application"),
        caption=mine.employer.name,
        note=gettext("Let the worker show the border pass and the permit. Nothing of another employer is shown here."),
    )
    return entered(paper, forms_of(join, kind, scans, circumstances), do)


def who_is_left(permit: Record, join: JoinForm) -> str:
    """Say which employer the worker leaves: the only one, or the one since the day that is entered."""
    spells = running(permit)
    if len(spells) <= 1:
        return spells[0].employer if spells else ""
    since = [spell.employer for spell in spells if spell.from_on.isoformat() == join.since]
    if len(since) != 1:
        raise Refused([WHICH])
    return since[0]


def scans_form() -> EvidenceForm[ChangeOfEmployer]:
    """Ask for the signed consents."""
    return form_for(ChangeOfEmployer, NoChoices(), typed(), names=("consent_scan", "release_scan"))


def keep(at: Desk, subject: str, form: EvidenceForm[Any]) -> dict[str, str]:
    """Keep the files of a form under the key of whom a case is about; give their digests by field."""
    kept = {}
    for name, content in form.uploads().items():
        try:
            kept[name] = uploads.keep_upload(at, subject, content)
        except Refused as refused:
            raise Refused(Refusal(one.code, one.text, one.values, name) for one in refused.refusals) from refused
    return kept


# many renewals at once ----------------------------------------------------------------------


@onward.route("/employers/<reference>/renewals", methods=["GET", "POST"])
@allow(*ASKERS, OFFICER)
def renewals(reference: str) -> Answer:
    """List the permits of an employer that may be renewed now, and open the renewals of the ticked ones."""
    actor, at = current_actor(), desk()
    mine = holdings_of(at, actor, reference)
    coming = onpermit.renewals_to_come(at, actor, mine.employer.subject)
    circumstances = circumstances_of(actor, *ASKERS, Role.WORKER)
    if request.method == "GET":
        note_reading(at.record(mine.employer.subject), "renewals to come", len(coming))
    elif circumstances is None or circumstances.validate():
        return renewed(mine, coming, circumstances)
    shown = render_template(
        "renewals.html", **frame(mine), coming=coming, circumstances=circumstances, request_id=sign_of_form()
    )
    return make_response(shown, 422 if request.method == "POST" else 200)


def renewed(mine: Any, coming: list[onpermit.Ending], circumstances: CircumstancesForm | None) -> Answer:
    """Open the renewals that were ticked and tell what became of each."""
    at, actor = mine.desk, mine.actor
    ticked = set(request.form.getlist("permit"))
    chosen = [one.permit for one in coming if one.permit.reference in ticked]
    acting = keyed_act(circumstances)
    done = list(
        onpermit.renew_many(
            at, actor, mine.employer.subject, [one.subject for one in chosen], str(acting.request_id), acting
        )
    )
    told = {one.subject: one for one in done}
    lines = [(one, told[one.subject].performed, tell(told[one.subject].fault)) for one in chosen]
    good = [performed.record.reference for _, performed, _ in lines if performed]
    return make_response(render_template("renewals_result.html", **frame(mine), lines=lines, good=good))


# appeals ------------------------------------------------------------------------------------


@onward.route("/cases/<reference>/appeal", methods=["GET", "POST"])
@allow(*ASKERS, OFFICER)
def appeal(reference: str) -> Answer:
    """File an appeal against the order that refused or revoked a case."""
    at, actor = desk(), current_actor()
    case = case_seen(at, actor, reference)
    record = at.record(case.subject)
    if appeals.adverse_order(record) is None:
        abort(404)
    form = form_for(AppealFiled, NoChoices(), typed(), appeals.about_order(case, record))
    circumstances = circumstances_of(actor, *ASKERS, Role.WORKER)
    touched = appeals.parties(actor, case, record)
    who = WhoAsks(named(at, touched), actor.employer, typed()) if touched else None

    def do() -> Answer:
        acting = keyed_act(circumstances)
        own = who is None or (case.worker and acting.on_behalf_of is Role.WORKER)
        concerned = appeals.about_order(case, record, "" if own else who.chosen())
        stated = replace(form.evidence(keep(at, case.subject, form)), **concerned)
        filed = appeals.file_appeal(at, actor, record, stated, acting)
        flash(gettext("The appeal is filed."))
        return redirect(url_for("cases.show", reference=filed.record.reference), 303)

    return entered(paper_of(case, gettext("File an appeal")), forms_of(who, form, circumstances), do)
