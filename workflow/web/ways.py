"""Where a case and its steps are found: the addresses that pages of other parts lead to."""


def case_address(reference: str) -> str:
    """Give the address of a case."""
    return f"/cases/{reference}"


def step_address(reference: str, step: str) -> str:
    """Give the address of the page of a step."""
    return f"/cases/{reference}/steps/{step}"
