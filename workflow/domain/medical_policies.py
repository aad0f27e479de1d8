"""The guards of who may examine: hospitals and doctors with licences that run on the day.

Like all policies they take (record, evidence, actor, facts) and give a Refusal or None. What comes from paper is
never held up by a register (the officer enters the doctor afterwards): it is flagged, see `medical`.
"""

from workflow.domain.actor import Actor, Role
from workflow.domain.evidence import Evidence
from workflow.domain.flow import Refusal
from workflow.domain.medical import hospital_runs, is_licensed, licence_key
from workflow.domain.policies import about_evidence
from workflow.domain.record import Facts, Record
from workflow.domain.words import N_


@about_evidence
def doctor_is_registered(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if, at a hospital's own account, the doctor works there under a licence that runs on the day of the examination.

    Source: health manual of 2020 (a licensed doctor examines and signs); certificates sold without examination.
    """
    if actor.role is not Role.HOSPITAL:
        return None
    if is_licensed(facts.related.get("doctor"), evidence.hospital, evidence.examined_on):
        return None
    return Refusal(
        "doctor-unknown",
        N_(
            "No doctor with this licence is registered for this hospital on that day; ask the office to enter one."
        ),
        field="doctor_licence",
    )


@about_evidence
def hospital_is_licensed(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the hospital's licence runs on the day (referral, own account). Source: Sanatorium Act B.E. 2541."""
    hospital, on = facts.related.get("hospital"), getattr(evidence, "appointment_on", None)
    if on is None and actor.role is Role.HOSPITAL:
        on = evidence.examined_on
    if hospital is None or on is None or hospital_runs(hospital, on):
        return None
    return Refusal(
        "hospital-licence", N_("The licence of this hospital does not run on that day."), field="hospital"
    )


@about_evidence
def hospital_licence_runs_forward(
    record: Record, evidence: Evidence, actor: Actor, facts: Facts
) -> Refusal | None:
    """Only if the licence of a hospital ends after it begins. Source: Sanatorium Act B.E. 2541 (licence)."""
    if (
        not (evidence.licence_from and evidence.licence_until)
        or evidence.licence_from <= evidence.licence_until
    ):
        return None
    return Refusal("licence-backwards", N_("The licence ends before it begins."), field="licence_until")


@about_evidence
def doctor_is_known_whole(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the number is that doctor's, its days run forward, a hospital is named. Source: Medical Profession Act."""
    if not any(c.isdigit() for c in licence_key(evidence.licence)):
        return Refusal(
            "licence-number", N_("A licence number has digits, for example ว.12345."), field="licence"
        )
    if evidence.valid_until is not None and evidence.valid_until < evidence.valid_from:
        return Refusal("licence-backwards", N_("The licence ends before it begins."), field="valid_until")
    if not evidence.hospitals:
        return Refusal("no-hospital", N_("Say at which hospital the doctor works."), field="hospitals")
    holder = facts.related.get("doctor")
    if holder is None or holder.state == "closed" or holder.subject == record.subject:
        return None
    return Refusal(
        "licence-taken", N_("A doctor with this licence number is in the register already."), field="licence"
    )
