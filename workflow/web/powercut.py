"""Before opening: what is printed lest the power be cut, and the numbered forms that lie ready, used or left over."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response as Answer

from forms.evidence import NoChoices, form_for
from workflow import casework
from workflow import powercut as office
from workflow.casework import OtherContent
from workflow.domain.actor import Role
from workflow.domain.blanks import FLOW, FORMS, MOST, Accounting, SpoiltForm, form_number, forms, unused
from workflow.domain.documents import WORKING_PRINTS
from workflow.domain.evidence import Evidence
from workflow.domain.flow import Refusal, Refused
from workflow.domain.flows import FLOWS
from workflow.domain.record import Record
from workflow.domain.thai import arabic_digits, bangkok_date
from workflow.domain.words import N_
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.choices import choices_for
from workflow.web.entering import SENT_OTHERWISE, Paper, act, entered, typed
from workflow.web.papers import sent
from workflow.web.reading import note_look
from workflow.web.shown import show_label, show_refusal
from workflow.web.signs import sign_of_form

powercut = Blueprint("powercut", __name__, url_prefix="/before-opening")

NOT_A_COUNT = Refusal("count", N_("Write a whole number of forms, or leave it empty."))


@powercut.route("", methods=["GET", "POST"])
@allow(Role.OFFICER, Role.REGISTRAR, Role.AUDITOR)
@in_menu(N_("Before opening"), order=32)
def show() -> Answer:
    """Show what comes today, what is due, and which forms lie ready; reserve more where some are asked for."""
    return page(()) if request.method == "GET" else reserve()


def page(refusals: tuple[Refusal, ...], status: int = 200) -> Answer:
    """Draw the page; numbers that were typed stay."""
    here, actor = desk(), current_actor()
    today = bangkok_date(here.now())
    before = office.counts_before(here, actor)
    shown = render_template(
        "power_cut.html",
        today=today,
        expected=len(office.expected(here, actor, today)),
        due=len(office.due(here, actor)),
        ready=[_told(pile) for pile in office.piles(here, actor)],
        settled=[_told(pile) for pile in office.piles(here, actor, ready=False)],
        asked=[
            (
                gettext(FLOWS[flow].label),
                [(*_ask(form), before.get(form, 0)) for form in FORMS if form[0] == flow],
            )
            for flow in dict.fromkeys(flow for flow, _ in FORMS)
        ],
        most=MOST,
        may_reserve=actor.role is Role.OFFICER,
        may_print=actor.role in WORKING_PRINTS[office.PRINT].audience,
        found=[(show_refusal(refusal), None) for refusal in refusals],
        typed=request.form,
        request_id=sign_of_form(),
    )
    return make_response(shown, status)


def _ask(form: tuple[str, str]) -> tuple[str, str]:
    return "-".join(form), show_label(FORMS[form])


def _told(pile: Record) -> dict[str, object]:
    """Say of a reservation what became of its forms, the unused ones with number and step."""
    every, left = list(forms(pile)), set(unused(pile))
    accounted = pile.last("account_forms")
    return {
        "reference": pile.reference,
        "on": pile.history[0].evidence.for_on,
        "all": len(every),
        "used": sum(one.gone is not None and one.gone.step == "use_form" for one in every),
        "spoilt": [
            (form_number(pile, one.number), one.gone.evidence.reason)
            for one in every
            if one.gone is not None and one.gone.step == "spoil_form"
        ],
        "unused": [
            (form_number(pile, one.number), show_label(FORMS[one.flow, one.step]))
            for one in every
            if one.number in left
        ],
        "accounted": accounted,
    }


def reserve() -> Answer:
    """Reserve numbered forms, so many of each step as was typed."""
    wanted = {form: _count(request.form.get("-".join(form), "")) for form in FORMS}
    if None in wanted.values():
        return page((NOT_A_COUNT,), 422)
    try:
        pile = office.reserve(desk(), current_actor(), wanted, act())
    except Refused as refused:
        return page(refused.refusals, 422)
    except OtherContent:
        return page((SENT_OTHERWISE,), 409)
    flash(gettext("The forms are reserved. Print them now: %(reference)s", reference=pile.reference))
    return redirect(url_for(".show"), 303)


def _count(written: str) -> int | None:
    """Read how many forms are wanted; None where that is no number."""
    plain = arabic_digits(written).strip()
    if not plain:
        return 0
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 4 else None


@powercut.get("/print")
@allow(*WORKING_PRINTS[office.PRINT].audience)
def printed() -> Response:
    """Print the lists of today, with the unused forms of a reservation that is named: a working print."""
    here, actor, reference = desk(), current_actor(), request.args.get("forms", "")
    pile = office.pile_named(here, actor, reference) if reference else None
    with force_locale("th"):
        body = office.printed(here, actor, pile, choices_for(here, actor), gettext)
    note_look("blanks", pile.subject if pile else actor.office or "", "lists for a power cut printed")
    return sent(body, f"before-opening-{bangkok_date(here.now()).isoformat()}.pdf")


@powercut.route("/<reference>/spoil", methods=["GET", "POST"])
@allow(Role.OFFICER)
def spoil(reference: str) -> Answer:
    """Record that a form was spoilt or is missing."""
    return _settle(reference, "spoil_form", SpoiltForm, gettext("The form is recorded as spoilt or missing."))


@powercut.route("/<reference>/account", methods=["GET", "POST"])
@allow(Role.OFFICER)
def account(reference: str) -> Answer:
    """Account for the forms at the day's end: those left over are counted and destroyed."""
    return _settle(reference, "account_forms", Accounting, gettext("The forms are accounted for."))


def _settle(reference: str, step: str, kind: type[Evidence], told: str) -> Answer:
    here, actor = desk(), current_actor()
    pile = office.pile_named(here, actor, reference)
    form = form_for(kind, NoChoices(), typed())

    def do() -> Answer:
        casework.perform(here, actor, pile.subject, step, form.evidence(), act())
        flash(told)
        return redirect(url_for(".show"), 303)

    label = gettext(FLOW.rows(step)[0].label)
    left = ", ".join(str(number) for number in unused(pile))
    note = gettext("Neither entered nor spoilt so far: %(numbers)s", numbers=left or "–")
    paper = Paper(title=label, caption=pile.reference, back=url_for(".show"), button=label, note=note)
    return entered(paper, [form], do, pile.version)
