"""A store on each engine given (script/test gives PostgreSQL, too), for tests below the office's own desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import ENGINES, Store, copy_of, fill, model_database, opened


@pytest.fixture(scope="session", params=ENGINES)
def dialect(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def model(dialect: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database with all tables and no rows; copy it, never write to it."""
    with model_database(dialect, tmp_path_factory.mktemp("model")) as url:
        yield url


@pytest.fixture
def store(model: str, tmp_path: Path) -> Iterator[Store]:
    """A new store for one test."""
    with copy_of(model, tmp_path) as url, opened(url, tmp_path) as store:
        yield store


@pytest.fixture(scope="module")
def filled(model: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with something of every kind in it, shared by the tests of a module: roll back what you do."""
    folder = tmp_path_factory.mktemp("filled")
    with copy_of(model, folder) as url, opened(url, folder) as store:
        fill(store)
        yield store
