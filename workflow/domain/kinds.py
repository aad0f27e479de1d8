"""Why a worker applies: anew, or on a permit that runs, to renew it, to work for another, to replace what was lost."""

from dataclasses import dataclass

from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.terms import Terms
from workflow.domain.words import N_


class ApplicationKind(Terms):
    """Why a worker applies."""

    NEW = "new", N_("New")
    RENEWAL = "renewal", N_("Renewal")
    CHANGE = "change", N_("Change of employer")
    ADDITION = "addition", N_("Further employer")
    SUBSTITUTE = "substitute", N_("Substitute for a lost permit")


@dataclass(frozen=True, kw_only=True)
class OnPermit(Evidence):
    """What every application that stands on a permit names: the permit, its worker, the employer who asks."""

    permit: str = asked(N_("Permit"), Ask.GIVEN)
    worker: str = asked(N_("Worker"), Ask.GIVEN)
    employer: str = asked(N_("Employer"), Ask.GIVEN)


@dataclass(frozen=True, kw_only=True)
class Renewal(OnPermit):
    """The wish to go on working when the running period ends."""

    kind_of: ApplicationKind = asked(N_("Kind"), Ask.GIVEN, default=ApplicationKind.RENEWAL)


@dataclass(frozen=True, kw_only=True)
class AdditionOfEmployer(OnPermit):
    """The wish of a further employer, under an approved request, and the worker's signed consent."""

    kind_of: ApplicationKind = asked(N_("Kind"), Ask.GIVEN, default=ApplicationKind.ADDITION)
    request: str = asked(N_("Request"), Ask.GIVEN)
    consent_scan: str = asked(N_("Consent of the worker, signed (scan)"), Ask.FILE)


@dataclass(frozen=True, kw_only=True)
class ChangeOfEmployer(OnPermit):
    """The wish of an employer to take a worker over; `ends` is the employer who is left, empty if work had ended."""

    kind_of: ApplicationKind = asked(N_("Kind"), Ask.GIVEN, default=ApplicationKind.CHANGE)
    request: str = asked(N_("Request"), Ask.GIVEN)
    ends: str = asked(N_("Employer who is left"), Ask.GIVEN, default="")
    consent_scan: str = asked(N_("Consent of the worker, signed (scan)"), Ask.FILE)
    release_scan: str | None = asked(
        N_("Consent of the present employer, signed (scan)"),
        Ask.FILE,
        default=None,
        hint=N_("Not needed where the end of work was recorded."),
    )


@dataclass(frozen=True, kw_only=True)
class Substitution(OnPermit):
    """The wish for a permit in place of one that was lost or destroyed."""

    kind_of: ApplicationKind = asked(N_("Kind"), Ask.GIVEN, default=ApplicationKind.SUBSTITUTE)


def on_permit(evidence: Evidence | None) -> OnPermit | None:
    """Give what an application that stands on a permit was opened with; None for a new one."""
    return evidence if isinstance(evidence, OnPermit) else None
