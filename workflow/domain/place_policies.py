"""The guards of places: bands and closures of a gate, and what may be cut from an approved request."""

from dataclasses import replace
from typing import TYPE_CHECKING

from workflow.domain.actor import Actor
from workflow.domain.evidence import Evidence
from workflow.domain.flow import Refusal
from workflow.domain.gate import closed_for
from workflow.domain.places import approved, bands
from workflow.domain.policies import about_evidence
from workflow.domain.record import Facts, Record
from workflow.domain.words import N_

if TYPE_CHECKING:
    from workflow.domain.application import EntryPlan


def first_free_band(record: Record, evidence: "EntryPlan", facts: Facts) -> "EntryPlan":
    """Complete a plan that names no band: the first band of the day that still has room and is not closed."""
    if evidence.band is not None:
        return evidence
    free = (
        band
        for band, capacity in bands(facts.ruleset, evidence.gate).items()
        if facts.counts.get(f"taken:{band}", 0) < capacity
        and not closed_for(facts.related.get("gate"), evidence.entry_on, band)
    )
    return replace(evidence, band=next(free, None))


@about_evidence
def band_has_room(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the gate counts no workers by the time of day, or the band has room. Source: slots.bands of the ruleset."""
    known = bands(facts.ruleset, evidence.gate)
    if not known:
        return None
    if evidence.band is None:
        return Refusal("day-full", N_("No band of that day has room; choose another day."), field="entry_on")
    if evidence.band not in known:
        return Refusal("band", N_("This gate has no such band; choose one of its own."), field="band")
    if facts.counts.get(f"taken:{evidence.band}", 0) < known[evidence.band]:
        return None
    return Refusal("band-full", N_("The band is full at this gate on that day: choose another band or day."), field="band")


@about_evidence
def gate_not_shut(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the gate is not closed for that day and band. Source: closure declared at the gate."""
    if not closed_for(facts.related.get("gate"), evidence.entry_on, evidence.band):
        return None
    return Refusal(
        "gate-shut", N_("The gate is closed on that day; choose another day, band or gate."), field="entry_on"
    )


@about_evidence
def cut_within_free(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if something is cut, and no place that is taken. Source: demand letter (the quota may be cut)."""
    men, women = approved(record)
    if evidence.men + evidence.women == 0:
        return Refusal("nothing-cut", N_("Say how many places are cut."), field="men")
    free = men - facts.counts.get("used_men", 0), women - facts.counts.get("used_women", 0)
    if evidence.men <= free[0] and evidence.women <= free[1]:
        return None
    return Refusal(
        "cut-beyond-free",
        N_("Free are %(men)s places for men and %(women)s for women; no more can be cut."),
        {"men": max(free[0], 0), "women": max(free[1], 0)},
        "men",
    )
