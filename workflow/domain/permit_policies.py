"""The guards of a permit's life after issue: each reads after "only if", cites its source, and answers with words."""

from datetime import datetime, timedelta

from workflow.domain.actor import Actor, Role
from workflow.domain.evidence import Evidence
from workflow.domain.flow import Refusal
from workflow.domain.policies import about_evidence
from workflow.domain.record import Done, Facts, Record
from workflow.domain.spells import Employment, employers_now, employments, stays
from workflow.domain.thai import bangkok_date
from workflow.domain.validity import permit_from, permit_until
from workflow.domain.words import N_

HAPPENED = (
    "event_on", "given_on", "last_day", "known_on", "reported_on", "found_on", "admitted_on", "recovered_on", "died_on",
    "exited_on", "heard_on", "told_on", "ended_on", "known_at", "told_at",
)  # fmt: skip
"""The days and moments of evidence that tell of what has happened already."""


@about_evidence
def not_ahead(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if what is told has happened already. Source: a record tells of what was, an appointment of what comes."""
    for name in HAPPENED:
        when = getattr(evidence, name, None)
        late = when > facts.now if isinstance(when, datetime) else when is not None and when > facts.on
        if late:
            return Refusal("lies-ahead", N_("This day lies in the future."), field=name)
    return None


# opening, periods and employers -------------------------------------------------------------


def no_other_live_permit(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker holds no other live permit. Source: one permit a worker; more employers are added to it."""
    return Refusal("has-permit", N_("The worker holds a permit already.")) if facts.taken.get("live_permit") else None


def no_permit_meanwhile(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker was given no other permit meanwhile. Source: as above; the decision on an appeal waits for that one to end."""
    if not facts.taken.get("live_permit"):
        return None
    return Refusal(
        "other-permit",
        N_("The worker holds another permit meanwhile, and one worker has one permit. Let the other one be closed first, or this one stay ended."),
    )


@about_evidence
def number_is_free(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the book and number stand in no other file. Source: official numbers are entered once."""
    if not facts.taken.get("permit_number"):
        return None
    return Refusal("permit-number-used", N_("This permit number stands in another file."), field="permit_number")


@about_evidence
def runs_on_paper(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the paper permit runs on the day of taking over. Source: what has ended is applied for anew (s.67)."""
    if evidence.valid_from <= facts.on <= evidence.valid_until:
        return None
    return Refusal("not-running", N_("The permit does not run today; only running permits are taken over."), field="valid_until")


@about_evidence
def period_follows(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a new period begins after the last one ended and ends after it began. Source: s.67 (renewal before expiry)."""
    last = permit_until(record)
    if last < evidence.valid_from <= evidence.valid_until:
        return None
    return Refusal("period-overlaps", N_("The permit runs until %(until)s; a new period begins after that day."), {"until": last})


@about_evidence
def renewal_in_time(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the renewal was filed before the permit ended; later it is a new application. Source: s.67."""
    until = permit_until(record)
    if until is None or evidence.filed_on <= until:
        return None
    return Refusal("renewal-late", N_("The permit ended on %(until)s; now a new application is needed."), {"until": until})


@about_evidence
def employer_is_another(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker does not work for that employer already. Source: BT.44 (change or addition of employer)."""
    if evidence.employer not in employers_now(record):
        return None
    return Refusal("works-already", N_("The worker works for this employer already."))


@about_evidence
def replaces_an_employer(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the employer who is replaced employs or employed the worker, or nobody does. Source: BT.44 (former employer).

    The former employer may have recorded the end of work while the change was under way.
    """
    spells = employments(record)
    if any(one.employer == evidence.replaces for one in spells):
        return None
    if not evidence.replaces and not any(one.runs for one in spells):
        return None
    return Refusal("replaces-nobody", N_("The employer to be replaced does not employ the worker."))


@about_evidence
def employers_within_number(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker has no more employers at once than ruled. Source: employers.at_once of the ruleset."""
    most = facts.ruleset.get("employers.at_once")
    after = {*employers_now(record), evidence.employer} - {evidence.replaces}
    if most is None or len(after) <= most:
        return None
    return Refusal("employers", N_("A worker may have %(most)s employers at once under the rules in force."), {"most": most})


# the stay -----------------------------------------------------------------------------------

CROSSED = ("stamped_on", "reported_on", "exited_on")


@about_evidence
def follows_the_last_stamp(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a stamp or report lies neither before the permit nor before the last one. Source: stamps follow each other."""
    name = next(name for name in CROSSED if hasattr(evidence, name))
    on, began = getattr(evidence, name), min(permit_from(record), bangkok_date(record.history[0].happened_at))
    last = max((stay.from_on for stay in stays(record)), default=began)
    if on < began:
        return Refusal("before-permit", N_("The permit began on %(began)s; this day lies before it."), {"began": began}, name)
    if on < last:
        return Refusal("before-last-stamp", N_("The last stamp or report is of %(last)s; this day lies before it."), {"last": last}, name)
    return None



def reports_are_ruled(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the rules in force take a report in place of a crossing. Source: report.every_days of the ruleset."""
    if facts.ruleset.get("report.every_days") is not None:
        return None
    return Refusal("no-reports", N_("Under the rules in force the stay is renewed by crossing; no report is taken."))


@about_evidence
def next_report_as_ruled(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the next report is due no later than ruled. Source: report.every_days of the ruleset."""
    days, due = facts.ruleset.get("report.every_days"), evidence.next_due
    if days is None or due is None:
        return None
    if evidence.reported_on < due <= evidence.reported_on + timedelta(days=days):
        return None
    return Refusal("next-report", N_("The next report is due within %(days)s days of this one."), {"days": days}, "next_due")


# what employers and workers tell ------------------------------------------------------------


@about_evidence
def works_here(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the employer employs or employed the worker, and writes for itself. Source: s.13 (the employer notifies)."""
    own = actor.role not in (Role.EMPLOYER, Role.AGENT) or actor.employer == evidence.employer
    if own and _spell(record, evidence.employer) is not None:
        return None
    return Refusal("not-employer", N_("The worker does not work for this employer under this permit."), field="employer")


def _spell(record: Record, employer: str) -> Employment | None:
    """Find the newest employment with an employer, one that runs before one that ended."""
    mine = [one for one in employments(record) if one.employer == employer]
    return max(mine, key=lambda one: (one.runs, one.from_on), default=None)


def work_runs(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the work for that employer has not ended before. Source: s.13 (notice of exit, once)."""
    mine = evidence.employer if evidence is not None else actor.employer
    spells = [one for one in employments(record) if mine in (None, one.employer)]
    if not spells or any(one.runs for one in spells):
        return None
    last = max(one.ended_on for one in spells)
    return Refusal("ended-before", N_("The work for this employer ended on %(on)s."), {"on": last}, "employer")


@about_evidence
def end_follows_start(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if work ended on or after its first day. Source: s.13 (notice of exit with its day)."""
    spell = _spell(record, evidence.employer)
    if spell is None or evidence.last_day >= spell.from_on:
        return None
    return Refusal("end-before-start", N_("Work began on %(on)s; it cannot end before."), {"on": spell.from_on}, "last_day")


@about_evidence
def known_when(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if it is said when the employer knew, and the district was told no earlier. Source: demand letter, undertaking 4."""
    if evidence.known_at is None:
        return Refusal("known-when", N_("Say when the employer knew; the 24 hours run from then."), field="known_at")
    if evidence.told_at is None or evidence.told_at >= evidence.known_at:
        return None
    return Refusal("told-before", N_("The district cannot be told before the employer knew."), field="told_at")


def district_has_to_know(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if that employer dismissed the worker or reported an absconding, and has not told it yet.

    Source: demand letter, undertaking 4 (the district is told within 24 hours).
    """
    mine = evidence.employer if evidence is not None else actor.employer
    untold = [end for end in _untold(record) if mine in (None, end.employer)]
    if evidence is not None:
        untold = [end for end in untold if end.reason_code == evidence.about]
    if not untold:
        return Refusal(
            "nothing-to-tell",
            N_("Record the dismissal or the absconding first; the notice goes with it, once."),
            field="about",
        )
    if evidence is None or untold[0].known_at is None or evidence.told_at >= untold[0].known_at:
        return None
    return Refusal("told-before", N_("The district cannot be told before the employer knew."), field="told_at")


def _untold(record: Record) -> list[Evidence]:
    """List the dismissals and abscondings of which the district was not told after them, the newest first."""
    told: set[tuple[str, str]] = set()
    found = []
    for done in record.standing():
        if done.step == "tell_district":
            told.add((done.evidence.employer, done.evidence.about))
        elif _left_badly(done) and (done.evidence.employer, done.evidence.reason_code) not in told:
            found.append(done.evidence)
    return found


@about_evidence
def notice_follows(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a notice fits its employment: of exit after the end, others from the start; a worker tells of work only.

    Source: s.13 and s.64/2 (who notifies what).
    """
    spell = _spell(record, evidence.employer)
    if actor.role is Role.WORKER and evidence.kind_of != "worker_start":
        return Refusal("worker-notice", N_("A worker gives the notice of work only; the others are the employer's."), field="kind_of")
    if spell is None:
        return None
    if evidence.kind_of == "exit" and spell.ended_on is None:
        return Refusal("still-works", N_("Record the end of work first; the notice goes with it."), field="kind_of")
    if evidence.kind_of in ("hire", "worker_start", "exit") and evidence.event_on < spell.from_on:
        return Refusal("before-work", N_("Work for this employer began on %(on)s."), {"on": spell.from_on}, "event_on")
    return None


def employs_the_worker(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if an employer who acts employs the worker now. Source: s.69 (the holder, or who employs the holder, applies)."""
    if actor.role not in (Role.EMPLOYER, Role.AGENT) or actor.employer in employers_now(record):
        return None
    return Refusal("not-employer", N_("The worker does not work for this employer under this permit."))


# the office ---------------------------------------------------------------------------------


@about_evidence
def referred_to_somebody(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a referral says to whom. Source: Anti-Trafficking in Persons Act B.E. 2551 (national referral mechanism)."""
    if evidence.referred_to.strip():
        return None
    return Refusal("referred-to", N_("Say to whom the worker was referred."), field="referred_to")


@about_evidence
def no_sign_ticked(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if no sign is ticked where none was found. Source: indicators of forced labour of the ILO (2012)."""
    if not evidence.indicators:
        return None
    return Refusal("signs-found", N_("Signs were found; refer the worker to the protection team."), field="result")


def another_person_referred(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a referral is lifted by another person than who made it. Source: four eyes on who is taken out of protection."""
    referral = _referral(record)
    if referral is None or referral.person != actor.person:
        return None
    return Refusal("own-referral", N_("You referred the worker; another official lifts the referral, on the answer of the protection team."), field="result")


@about_evidence
def protection_team_answered(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a referral is lifted on the word of those who were asked. Source: Anti-Trafficking in Persons Act B.E. 2551."""
    if _referral(record) is None or evidence.answer.strip():
        return None
    return Refusal("team-answers", N_("Say who of the protection team answered, when, and under which number."), field="answer")


def _referral(record: Record) -> Done | None:
    """Find the referral that holds."""
    return record.last("check_trafficking") if "referred" in record.flags else None


def trafficking_checked(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a worker reported as absconded was first looked at for signs of trafficking, and none was found.

    Source: s.101 (exception for victims of trafficking); the employer's report alone punishes nobody.
    """
    gone = next((done for done in record.standing() if _absconded(done)), None)
    looked = record.last("check_trafficking")
    if gone is None or (looked is not None and looked.number > gone.number):
        return None
    return Refusal("trafficking-first", N_("First check for signs of trafficking; until then nobody is punished for absconding."))


@about_evidence
def ground_was_heard(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only on the ground on which the worker was heard. Source: Administrative Procedure Act B.E. 2539 s.30 (hearing on the facts)."""
    proposed = record.last("propose_revocation")
    if proposed is None or proposed.evidence.ground == evidence.ground:
        return None
    return Refusal("other-ground", N_("The worker was heard on another ground; propose this one and hear the worker on it first."), field="ground")


def not_referred(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker was not referred as a possible victim. Source: Anti-Trafficking in Persons Act B.E. 2551; s.101.

    What a measure lays over all permits was judged when it was applied.
    """
    if actor.role is Role.SYSTEM or "referred" not in record.flags:
        return None
    return Refusal("referred", N_("The worker was referred for protection; nothing is done against the worker meanwhile."))


def closed_on_no_accusation(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a permit that still runs is not closed over an absconding that nobody has looked into. Source: as above."""
    until = permit_until(record)
    if until is not None and until < facts.on:
        return None
    return not_referred(record, evidence, actor, facts) or trafficking_checked(record, evidence, actor, facts)


def _absconded(done: Done) -> bool:
    return done.step == "end_employment" and done.evidence.reason_code == "absconded"


def _left_badly(done: Done) -> bool:
    return done.step == "end_employment" and done.evidence.reason_code in ("dismissed", "absconded")


def decision_in_force(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a decision of the cabinet on section 64 is in force; a measure was judged when it was applied.

    Source: s.64 (conditions are fixed by Cabinet notification).
    """
    if actor.role is Role.SYSTEM or facts.ruleset.orders:
        return None
    return Refusal(
        "no-decision",
        N_("Under %(ruleset)s no cabinet decision is in force. Source: %(source)s"),
        {"ruleset": facts.ruleset.id, "source": facts.ruleset.legal_basis},
    )


def no_decision_in_force(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if no decision of the cabinet is in force; a measure was judged when it was applied. Source: as above."""
    if actor.role is Role.SYSTEM or not facts.ruleset.orders:
        return None
    return Refusal("decision-there", N_("A cabinet decision is in force; the status follows from it."))


def departure_is_ruled(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the rules in force say within how many days, and no more are given. Source: departure.days of the ruleset."""
    days = facts.ruleset.get("departure.days")
    if days is None:
        return Refusal("no-departure", N_("The rules in force set no time to leave the Kingdom."))
    if evidence is None or evidence.told_on <= evidence.leave_until <= evidence.told_on + timedelta(days=days):
        return None
    return Refusal("leave-until", N_("The time to leave is at most %(days)s days from the notice."), {"days": days}, "leave_until")


def nobody_works(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if no work runs under the permit, or its last day has passed and no renewal is pending.

    Source: s.13 (each employer notifies the end), s.67 (work goes on until a renewal filed in time is decided).
    """
    until = permit_until(record)
    over = until is not None and until < facts.on and "renewal_filed" not in record.flags
    if over or not employers_now(record):
        return None
    return Refusal("still-works", N_("Work under this permit still runs; each employer records its end first."))
