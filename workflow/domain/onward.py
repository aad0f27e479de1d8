"""What an application that stands on a permit takes from it, and what it brings about on it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from workflow.domain.evidence import Evidence
from workflow.domain.permit import (
    EmploymentStarted,
    PeriodAdded,
    RenewalEnded,
    RenewalFiled,
    SubstituteIssued,
)
from workflow.domain.policies import medical_done
from workflow.domain.record import Facts, Record
from workflow.domain.thai import bangkok_date
from workflow.domain.validity import filing_of, longest, permit_until

if TYPE_CHECKING:
    from workflow.domain.application import OfficialNumbers, PermitOrder, Work

RENEWAL = "renewal"


def book_of(permit: Record) -> tuple[str, str]:
    """Give the book and number that a permit bears now: those of the substitute, the renewal, or the first."""
    last = permit.last("substitute_permit", "extend_permit") or permit.history[0]
    return last.evidence.permit_book, last.evidence.permit_number


# what the order completes -------------------------------------------------------------------


def renewed_days(record: Record, evidence: Evidence, facts: Facts) -> Evidence:
    """Complete the order of a renewal: from the day after the running period, to the longest allowed."""
    start = evidence.valid_from or next_first_day(facts)
    if start is None:
        return evidence
    return replace(evidence, valid_from=start, valid_until=evidence.valid_until or longest(record, start, facts))


def next_first_day(facts: Facts) -> date | None:
    """Give the first day of a renewed period: the one after the running period ends."""
    permit = facts.related.get("permit")
    until = permit_until(permit) if permit else None
    return until + timedelta(days=1) if until else None


def days_kept(record: Record, evidence: Evidence, facts: Facts) -> Evidence:
    """Complete an order that leaves the permit its period: from the filed start, to the permit's own end."""
    permit, filing = facts.related.get("permit"), filing_of(record)
    start = max(facts.on, getattr(filing.evidence, "from_on", facts.on)) if filing else facts.on
    until = permit_until(permit) if permit else None
    return replace(
        evidence, valid_from=evidence.valid_from or start, valid_until=evidence.valid_until or until
    )


def earlier_medical(record: Record, evidence: Evidence, facts: Facts) -> Evidence:
    """Take the newest certificate out of the earlier file; what there is none of stays empty."""
    earlier = facts.related.get("earlier")
    passed = medical_done(earlier) if earlier else None
    if earlier is None or passed is None:
        return evidence
    found = passed.evidence
    return replace(
        evidence,
        application=earlier.subject,
        hospital=found.hospital,
        certificate_number=found.certificate_number,
        examined_on=found.examined_on,
        result=found.result,
    )


# what follows on the permit -----------------------------------------------------------------


def renewal_filed(record: Record, evidence: Evidence, facts: Facts) -> RenewalFiled:
    """State on the permit that its renewal was filed: the worker may go on working while it is pending."""
    return RenewalFiled(application=record.subject, filed_on=facts.on, receipt=evidence.number)


def renewal_pending(record: Record, evidence: Evidence, facts: Facts) -> RenewalFiled | None:
    """State anew on the permit that a renewal is pending, by the day and receipt of its filing; nothing for other kinds."""
    filed = record.last("file_application")
    if RENEWAL not in record.flags or filed is None:
        return None
    return RenewalFiled(
        application=record.subject, filed_on=bangkok_date(filed.happened_at), receipt=filed.evidence.number
    )


def renewal_ended(record: Record, evidence: Evidence, facts: Facts) -> RenewalEnded | None:
    """State on the permit that the filed renewal is pending no longer; nothing for other kinds."""
    if RENEWAL not in record.flags:
        return None
    return RenewalEnded(application=record.subject, reason=getattr(evidence, "reason", ""))


def extended(record: Record, evidence: Evidence, facts: Facts) -> PeriodAdded:
    """State the period that a renewal adds."""
    order: PermitOrder = record.last("decide").evidence
    numbers: OfficialNumbers = record.last("enter_numbers").evidence
    return PeriodAdded(
        application=record.subject,
        valid_from=order.valid_from,
        valid_until=order.valid_until,
        conditions=order.conditions,
        permit_book=numbers.permit_book,
        permit_number=numbers.permit_number,
    )


def employed(record: Record, evidence: Evidence, facts: Facts) -> EmploymentStarted:
    """State the employment that a change or an addition begins."""
    opened, filing = record.history[0].evidence, filing_of(record)
    order: PermitOrder = record.last("decide").evidence
    work: Work = filing.evidence
    return EmploymentStarted(
        application=record.subject,
        employer=opened.employer,
        request=opened.request,
        workplace=work.workplace,
        job=work.work_nature,
        from_on=max(order.valid_from, facts.on),
        replaces=getattr(opened, "ends", ""),
    )


def substituted(record: Record, evidence: Evidence, facts: Facts) -> SubstituteIssued:
    """State the book and number that take the place of the lost ones."""
    numbers: OfficialNumbers = record.last("enter_numbers").evidence
    return SubstituteIssued(
        application=record.subject,
        permit_book=numbers.permit_book,
        permit_number=numbers.permit_number,
    )
