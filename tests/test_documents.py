"""The table of papers: whole, in step with the process and the templates, open to the right people."""

from pathlib import Path

import pytest

from workflow.domain import application, flows, request
from workflow.domain.actor import Role
from workflow.domain.documents import DOCUMENTS, WORKING_PRINTS, Likeness, Page

PAPERS = Path(__file__).parent.parent / "pdf/papers"


def owed() -> set[str]:
    """Every paper that some step owes."""
    return {key for flow in flows.FLOWS.values() for step in flow.steps for key in step.papers}


def test_every_paper_a_step_owes_is_in_the_table_and_the_other_way_round():
    assert owed() == set(DOCUMENTS)


def test_every_paper_has_its_template_and_every_template_its_paper():
    templates = {path.stem for path in PAPERS.glob("*.html") if not path.name.startswith("_")}
    assert templates == set(DOCUMENTS) | set(WORKING_PRINTS)


def test_the_key_of_the_table_is_the_key_of_the_paper():
    assert [key for key, paper in DOCUMENTS.items() if paper.key != key] == []


def test_no_series_of_ours_is_one_that_evidence_draws_from():
    drawn = {
        field.metadata["question"].options
        for evidence in (request.RequestReceipt, request.RequestOrder, application.Filing)
        for field in evidence.__dataclass_fields__.values()
        if field.metadata["question"].ask == "given" and field.metadata["question"].options
    }
    assert drawn == {"request_receipt", "quota", "filing_receipt"}
    assert drawn & {paper.series for paper in DOCUMENTS.values()} == set()


@pytest.mark.parametrize("paper", DOCUMENTS.values(), ids=DOCUMENTS)
def test_officers_and_the_auditor_may_open_every_paper_the_administrator_none(paper):
    assert {Role.OFFICER, Role.REGISTRAR, Role.AUDITOR} <= set(paper.audience)
    assert Role.ADMINISTRATOR not in paper.audience


def test_a_hospital_opens_only_medical_papers_a_gate_only_those_of_the_crossing():
    def open_to(role: Role) -> set[str]:
        return {key for key, paper in DOCUMENTS.items() if role in paper.audience}

    assert open_to(Role.HOSPITAL) == {"medical_referral", "medical_record", "follow_up_card"}
    assert open_to(Role.CHECKPOINT) == {
        "name_list", "entry_appointment", "entry_record",
        "report_receipt", "grace_certificate", "departure_letter", "exit_clearance",
    }  # fmt: skip
    assert open_to(Role.CASHIER) == {"fee_receipt"}


def test_the_worker_opens_what_names_only_the_worker():
    closed = {key for key, paper in DOCUMENTS.items() if Role.WORKER not in paper.audience}
    assert {"name_list", "demand_letter", "cover_sheet"} <= closed
    assert "permit_record" not in closed


def test_what_a_worker_holds_speaks_khmer():
    held = ("medical_referral", "entry_appointment", "entry_record", "permit_record", "worker_notice")
    assert [key for key in held if "km" not in DOCUMENTS[key].languages] == []


def test_the_pages_not_seen_are_marked_as_such():
    assert DOCUMENTS["bt29"].likeness is Likeness.PART
    assert "not verified" in Likeness.PART
    redrawn = {key for key, paper in DOCUMENTS.items() if paper.likeness is Likeness.BLANK}
    assert redrawn == {
        "demand_letter", "name_list", "bt29_officials", "bt46", "tm30", "hire_notice", "start_notice", "notice_receipt",
    }  # fmt: skip
    assert DOCUMENTS["name_list"].page is Page.LANDSCAPE


def test_titles_are_in_the_catalogues_language():
    assert all(paper.title.isascii() for paper in DOCUMENTS.values())
