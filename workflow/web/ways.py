"""Where a case and its steps are found: the addresses that pages of other parts lead to."""

LIST_STEPS = frozenset({"attach_list", "lock_list"})
"""Steps that are done on the page of the name list, after a look at its rows."""


def case_address(reference: str) -> str:
    """Give the address of a case."""
    return f"/cases/{reference}"


def list_address(reference: str) -> str:
    """Give the address of the name list of a request."""
    return f"/requests/{reference}/list"


def step_address(reference: str, step: str) -> str:
    """Give the address of the page on which a step is done."""
    return list_address(reference) if step in LIST_STEPS else f"/cases/{reference}/steps/{step}"
