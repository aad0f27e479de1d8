"""Applications that stand on a permit, each walked whole through the verbs: renewal, change, addition, substitute."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.driving import WHY, against, does, flags, medical, papers, record, state
from tests.onward import (
    GOOD,
    addition,
    another,
    change,
    examined,
    filed_on,
    lost,
    near_the_end,
    opens,
    filing_of_renewal,
    paid,
    permitted,
    renewal,
    substitution,
    to_issue,
    to_order,
    whole,
    worker_of,
)
from workflow import onpermit
from workflow.casework import OtherContent
from workflow.demonstration import Season
from workflow.domain.application import EarlierMedical, PermitOrder, PermitOutcome
from workflow.domain.flow import Refused
from workflow.domain.kinds import OnPermit
from workflow.domain.rulesets import Ruleset
from workflow.domain.spells import employers_now, periods
from workflow.domain.validity import permit_until
from workflow.store.projections import Case, FeeLine
from workflow.verification import verify


def refused(season: Season, user: str, step: str, stated: OnPermit) -> list[str]:
    """Give the codes of what stands against an opening."""
    with pytest.raises(Refused) as found:
        opens(season, user, step, stated)
    return [refusal.code for refusal in found.value.refusals]


def employers(season: Season, permit: str) -> list[str]:
    """Name the parts that employ the worker now."""
    parts = {subject: part for part, subject in season.cast.entries.items()}
    return [parts[employer] for employer in employers_now(record(season, permit))]


# renewal ------------------------------------------------------------------------------------


def test_a_renewal_adds_the_period_that_follows_and_replaces_the_record(season: Season) -> None:
    permit = permitted(season)
    first = season.desk.session.get(Case, permit).valid_until
    near_the_end(season, permit)
    subject = whole(season, "owner", "open_renewal", renewal(season, permit))

    old, new = periods(record(season, permit))
    assert (old.valid_until, new.valid_from) == (first, first + timedelta(days=1))
    assert permit_until(record(season, permit)) == new.valid_until > first
    assert season.desk.session.get(Case, permit).valid_until == new.valid_until
    assert "renewal_filed" not in flags(season, permit)

    opened = old.application
    assert [paper.state for paper in papers(season, opened, "permit_record")] == ["void"]
    (anew,) = papers(season, subject, "permit_record")
    assert (anew.version, anew.replaces) == (2, papers(season, opened, "permit_record")[0].number)
    assert {"bt29", "bt46", "filing_receipt", "permit_order"} <= {paper.key for paper in papers(season, subject)}
    case = season.desk.session.get(Case, subject)
    assert (case.kind, case.worker) == ("renewal", worker_of(season, permit))
    assert verify(season.desk).sound


def test_a_renewal_opens_once_and_is_filed_before_the_end(season: Season) -> None:
    permit = permitted(season)
    near_the_end(season, permit, 1)
    stated = renewal(season, permit)
    assert refused(season, "owner2", "open_renewal", stated) == ["other-employer"]
    subject = opens(season, "owner", "open_renewal", stated, request_id="once").record.subject
    assert opens(season, "owner", "open_renewal", stated, request_id="once").repeated
    assert refused(season, "owner", "open_renewal", stated) == ["in-another-file"]

    examined(season, subject)
    season.calendar.next_day(2)
    from tests.onward import filing_of_renewal

    filing = filing_of_renewal(season, subject)
    assert "too-late" in against(season, "owner", subject, "file_application", filing)
    does(season, "owner", subject, "withdraw", WHY)
    assert refused(season, "owner", "open_renewal", stated) == ["too-late"]
