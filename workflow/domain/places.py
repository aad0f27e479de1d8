"""Places that are given once: in an employer's approved request, and in a band of a day at a gate.

What a case holds is worked out from its record alone, so that whatever moves the case gives or returns a
place by itself; how many there are comes from the registrar's order and from the ruleset.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from workflow.domain.record import Done, Record
from workflow.domain.rulesets import Ruleset

ENTERED = ("record_entry", "record_earlier_entry")
WORK_ENDED = frozenset({"ended", "revoked", "exited", "deceased"})
WHOLE_DAY = "day"
"""The band of a gate that knows no bands."""


@dataclass(frozen=True, slots=True)
class QuotaPlace:
    """A place in the request that an application stands on, for a man or a woman (empty: as the register says)."""

    request: str
    sex: str


@dataclass(frozen=True, slots=True)
class SlotPlace:
    """A place in one band of one day at one gate."""

    gate: str
    day: date
    band: str


def approved(request: Record) -> tuple[int, int]:
    """Count the men and women that stand approved: the registrar's order less what was cut since.

    An order that refuses, or that was recalled, approves nobody; what was cut from it counts no more then.
    """
    order, recall = request.last("decide_request"), request.last("recall_order")
    recalled = order is not None and recall is not None and recall.number > order.number
    if order is None or order.target == "refused" or recalled:
        return 0, 0
    since = request.history[order.number :]
    cuts = [done.evidence for done in since if done.step == "cut_quota"]
    return order.evidence.men - sum(cut.men for cut in cuts), order.evidence.women - sum(
        cut.women for cut in cuts
    )


def quota_place(application: Record, ruleset: Ruleset) -> QuotaPlace | None:
    """Give the place that an application holds in its request, as it stands now.

    One that came to nothing before the worker entered gives its place back; after the entry only if the
    ruleset lets a freed place be used again (quota.reuse_freed).
    """
    opened = application.history[0].evidence
    request = getattr(opened, "request", "")
    given_back = application.state in NOTHING and (
        application.last(*ENTERED) is None or bool(ruleset.get("quota.reuse_freed", False))
    )
    if not request or given_back:
        return None
    return QuotaPlace(request, getattr(getattr(opened, "row", None), "sex", None) or "")


NOTHING = frozenset({"refused", "withdrawn", "disqualified", "not_taken_up", "failed"})
"""The states in which an application ended without a permit."""


def freed_applications(permit: Record, ruleset: Ruleset) -> Iterable[str]:
    """List the applications whose place is free again since the work under the permit ended, where the rules say so."""
    if not ruleset.get("quota.reuse_freed", False):
        return
    for done in _begun(permit):
        since = permit.history[done.number :]
        if permit.state in WORK_ENDED or any(_leaves(later, done.evidence.employer) for later in since):
            yield done.evidence.application


def standing_places(permit: Record, ruleset: Ruleset) -> Iterable[tuple[str, str]]:
    """List, of the work that stands under a permit, each application with the request in which it has its place."""
    freed = set(freed_applications(permit, ruleset))
    found = ((done.evidence.application, done.evidence.request) for done in _begun(permit))
    yield from ((application, request) for application, request in found if request and application not in freed)


def _begun(permit: Record) -> Iterable[Done]:
    return (done for done in permit.history if done.step in ("open_permit", "change_employer", "add_employer"))


def _leaves(done: Done, employer: str) -> bool:
    """Say whether an entry ends the work for an employer: its own notice, or another one in its place."""
    ended = done.step == "end_employment" and done.evidence.employer == employer
    return ended or (done.step == "change_employer" and done.evidence.replaces == employer)


def bands(ruleset: Ruleset, gate: str) -> dict[str, int]:
    """Give the bands of a day at a gate with how many workers each takes; empty where no number is set."""
    return dict(ruleset.get("slots.bands", {}).get(gate, {}).get("bands", {}))


def standing_plan(application: Record) -> Done | None:
    """Give the plan of an entry that the worker is to keep, or kept; none once it was called off."""
    plan, entered = application.last("plan_entry"), application.last("record_entry")
    came = plan is not None and entered is not None and entered.number > plan.number
    return plan if came or "entry_planned" in application.flags else None


def slot_place(application: Record, ruleset: Ruleset) -> SlotPlace | None:
    """Give the place at a gate that an application holds: from the plan to the entry, or to its end."""
    plan = standing_plan(application)
    if plan is None:
        return None
    place = SlotPlace(plan.evidence.gate, plan.evidence.entry_on, plan.evidence.band or WHOLE_DAY)
    return place if place.band in bands(ruleset, place.gate) else None
