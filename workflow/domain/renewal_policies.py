"""The guards of applications that stand on a permit: renewal, change and addition of employer, substitute.

Like all policies they take (record, evidence, actor, facts) and give a Refusal or None; no number of
the law stands here. What was stated at the opening is judged again at the steps that follow.
"""

from datetime import date, timedelta

from workflow.domain.actor import Actor, Role
from workflow.domain.evidence import Evidence
from workflow.domain.flow import Refusal
from workflow.domain.kinds import OnPermit, on_permit
from workflow.domain.onward import next_first_day
from workflow.domain.policies import about_evidence, medical_until
from workflow.domain.record import Facts, Record
from workflow.domain.spells import employers_now, employments, periods
from workflow.domain.validity import longest, permit_until
from workflow.domain.words import N_

PRIVATE = (Role.EMPLOYER, Role.AGENT)


def _opened(record: Record, evidence: Evidence | None) -> OnPermit | None:
    """Give what the application was opened with: at the opening itself, what is stated now."""
    return on_permit(record.history[0].evidence if record.history else evidence)


def _working(facts: Facts) -> tuple[str, ...]:
    """Give the employers for whom the worker works now."""
    permit = facts.related.get("permit")
    return employers_now(permit) if permit else ()


def _worked(facts: Facts) -> tuple[str, ...]:
    """Give the employers for whom the worker works or worked under the permit."""
    permit = facts.related.get("permit")
    return tuple(one.employer for one in employments(permit)) if permit else ()


# who asks -----------------------------------------------------------------------------------


@about_evidence
def asks_for_own_worker(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the employer who asks is one of the worker's. Source: BT.29 (the employer of the work applied for)."""
    employers = _working(facts)
    mine = actor.role not in PRIVATE or actor.employer == evidence.employer
    if mine and evidence.employer in employers:
        return None
    return Refusal("other-employer", N_("You ask for your own workers only."))


@about_evidence
def names_the_worker(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the application is for the worker of the permit, and a worker's own. Source: BT.29 and BT.44 (the holder's particulars)."""
    if facts.taken.get("other_worker"):
        return Refusal("other-worker", N_("This permit is another worker's."))
    if actor.role is Role.WORKER and actor.worker != evidence.worker:
        return Refusal("not-yourself", N_("You ask for yourself only."))
    return None


@about_evidence
def asks_for_itself(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the new employer asks for itself, under its own request. Source: BT.44 and BT.46 (signed by the new employer)."""
    request = facts.related.get("request")
    asked = request.last("complete_request", "revise_draft", "draft_request") if request else None
    if asked is None or asked.evidence.employer != evidence.employer:
        return Refusal("other-request", N_("Choose a running request of the employer who takes the worker on."))
    if actor.role not in PRIVATE or actor.employer == evidence.employer:
        return None
    return Refusal("other-employer", N_("You write for your own establishment only."))


def one_of_a_kind(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if no application of this kind is under way for the worker. Source: one live application of a kind a worker."""
    if not facts.taken.get("live_application"):
        return None
    return Refusal("in-another-file", N_("An application of this kind is under way for this worker."))


# the permit ---------------------------------------------------------------------------------


def permit_is_active(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the permit stands. Source: s.67 (a permit that runs is renewed), BT.44 (particulars in the permit)."""
    permit = facts.related.get("permit")
    if permit is None or permit.state == "active":
        return None
    return Refusal("permit-ended", N_("The permit has ended; a new application is made."))


def permit_is_not_held(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the permit is not on hold. Source: what stopped it is settled before anything is granted on it."""
    permit = facts.related.get("permit")
    return Refusal("permit-held", N_("The permit is on hold; release it first.")) if permit is not None and "on_hold" in permit.flags else None


IN_QUESTION = {
    "revocation_proposed": Refusal("permit-proposed", N_("A revocation of the permit is proposed; revoke the permit or drop the proposal first.")),
    "suspended": Refusal("permit-suspended", N_("The permit is suspended; lift the suspension first.")),
    "unknown": Refusal("permit-unknown", N_("The status of the permit is not decided; take it up again first.")),
    "absconded": Refusal("permit-absconded", N_("The worker was reported as absconded; record first that the worker was found.")),
}
"""What is settled on the permit before it is lengthened or opened to another employer, by its flag."""


def permit_is_not_in_question(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if nothing is open that could end the permit. Source: s.73 (revocation); what is open is decided first, in words."""
    permit = facts.related.get("permit")
    return next((said for flag, said in IN_QUESTION.items() if permit is not None and flag in permit.flags), None)


def paper_permit_is_confirmed(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a permit taken over from paper was confirmed by a second person. Source: four eyes on what nobody here issued."""
    permit = facts.related.get("permit")
    if permit is None or "unconfirmed" not in permit.flags:
        return None
    return Refusal("takeover-unconfirmed", N_("The permit was taken over from paper; a second person confirms it first."))


def identity_is_known(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the identity was checked, here or in the file of the permit. Source: BT.29 (particulars as on the pass)."""
    if record.last("check_identity", "keep_identity") is not None:
        return None
    return Refusal("identity-unknown", N_("No file of this office has checked the identity yet; the officer does that first."))


def permit_runs(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the permit has not run out. Source: s.8 and s.9 (work within the permit only)."""
    until = _until(facts)
    if until is None or until >= facts.on:
        return None
    return Refusal("permit-over", N_("The permit ended on %(until)s; renew it first."), {"until": until})


def permit_is_lost(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the loss was reported. Source: s.69 (a lost or destroyed permit is replaced)."""
    permit = facts.related.get("permit")
    if permit is None or "lost" in permit.flags:
        return None
    return Refusal("not-lost", N_("The loss of the permit was not reported; report it on the permit first."))


def _until(facts: Facts) -> date | None:
    permit = facts.related.get("permit")
    return permit_until(permit) if permit else None


# renewal ------------------------------------------------------------------------------------


def renewal_is_open(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the permit ends soon and has not ended. Source: s.67; renewal.open_days of the ruleset."""
    until, days = _until(facts), facts.ruleset.get("renewal.open_days")
    if until is None:
        return None
    if until < facts.on:
        return Refusal("too-late", N_("The permit ended on %(until)s; after that a new application is made."), {"until": until})
    opens = until - timedelta(days=days) if days is not None else None
    if opens is None or opens <= facts.on:
        return None
    return Refusal("too-early", N_("The renewal opens on %(on)s."), {"on": opens})


def renewals_are_left(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the permit was not renewed as often as ruled already. Source: renewal.most of the ruleset; none is set today."""
    permit, most = facts.related.get("permit"), facts.ruleset.get("renewal.most")
    if permit is None or most is None or len(periods(permit)) - 1 < most:
        return None
    return Refusal("renewed-enough", N_("A permit is renewed %(most)s times at most; a new application is made."), {"most": most})


def filed_in_time(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the renewal is filed before the permit ends. Source: s.67 (renew before expiry)."""
    until = _until(facts)
    if until is None or until >= facts.on:
        return None
    return Refusal("too-late", N_("The permit ended on %(until)s; after that a new application is made."), {"until": until})


def earlier_medical_runs(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the certificate of the earlier file still runs. Source: health.valid_days (manual of 2020)."""
    earlier = facts.related.get("earlier")
    until = medical_until(earlier, facts) if earlier else None
    if until is not None and until >= facts.on:
        return None
    return Refusal("medical-expired-before", N_("No medical certificate of an earlier file runs any more; refer the worker."))


@about_evidence
def within_renewed_term(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the new period follows the running one and is no longer than its terms. Source: s.67; validity terms."""
    first = next_first_day(facts)
    if evidence.valid_from is None or evidence.valid_until is None:
        return Refusal("no-term", N_("The rules in force set no term for a permit."), field="valid_until")
    if first is not None and evidence.valid_from != first:
        return Refusal("not-next-day", N_("The renewed period starts on %(first)s, the day after the running one."), {"first": first}, "valid_from")
    if evidence.valid_until < evidence.valid_from:
        return Refusal("ends-before-start", N_("The permit ends before it starts."), field="valid_until")
    limit = longest(record, evidence.valid_from, facts)
    if limit is None or evidence.valid_until <= limit:
        return None
    return Refusal("too-long", N_("The permit may run until %(limit)s at most."), {"limit": limit}, "valid_until")


# change and addition of employer ------------------------------------------------------------


def same_province(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the new employer's work lies in the permit's province. Source: policy committee of 8 July 2025 (same province)."""
    here, there = facts.states.get("permit_province"), facts.states.get("request_province")
    if here is None or there is None or here == there:
        return None
    return Refusal("other-province", N_("The work lies in another province; the permit is for this province only."))


def not_employed_there(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker does not work for that employer already. Source: one employment an employer."""
    opened = _opened(record, evidence)
    working = _working(facts)
    if opened is None or opened.employer not in working:
        return None
    return Refusal("works-there", N_("The worker works for this employer already."))


def within_employers_at_once(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker has then no more employers than ruled; one where nothing is ruled. Source: employers.at_once."""
    opened = _opened(record, evidence)
    if opened is None:
        return None
    left = getattr(opened, "ends", "")
    others = [employer for employer in _working(facts) if employer != left]
    most = facts.ruleset.get("employers.at_once", 1)
    if len(others) + 1 <= most:
        return None
    return Refusal("too-many-employers", N_("A worker may have %(most)s employers at once; this would be one more."), {"most": most})


def place_is_free(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the new employer's approval has a place left. Source: approval of the request (number of workers)."""
    free = facts.counts.get("free_places")
    if free is None or free > 0:
        return None
    return Refusal("no-place", N_("The request of this employer has no place left."))


def old_employer_lets_go(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the work there has ended or the employer who is left consents. Source: BT.44 (exit or consent of the old employer)."""
    opened = _opened(record, evidence)
    working = _working(facts)
    if opened is None or not working or (opened.ends not in working and opened.ends in _worked(facts)):
        return None
    if opened.ends not in working:
        return Refusal("not-left", N_("Say which employer the worker leaves; to keep all, ask for an addition."), field="ends")
    if opened.release_scan:
        return None
    return Refusal("no-release", N_("The present employer's consent is needed, or the end of work there."), field="release_scan")


@about_evidence
def keeps_the_period(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the order leaves the permit its end. Source: BT.44 changes particulars; s.67 alone lengthens a permit."""
    until = _until(facts)
    if until is None or evidence.valid_until in (None, until):
        return None
    return Refusal("period-kept", N_("The permit keeps its end, %(until)s; only a renewal changes it."), {"until": until}, "valid_until")
