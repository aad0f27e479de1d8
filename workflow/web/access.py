"""Who acts, and who may see a page: closed unless a view says otherwise."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from flask import Flask, abort, current_app, g, request, url_for
from flask_babel import gettext

from workflow.domain.actor import Actor, Role

View = TypeVar("View", bound=Callable)

ANYONE: frozenset[Role] = frozenset()
SIGNED_IN = frozenset(role for role in Role if role is not Role.SYSTEM)


class NotSignedIn(Exception):
    """The page needs someone signed in, and nobody is."""


class MenuItem(NamedTuple):
    """A line of the menu."""

    label: str
    href: str
    current: bool


# --- marks on views


def allow(*roles: Role) -> Callable[[View], View]:
    """Mark a view as open to these roles; with none given, to everybody who is signed in."""

    def mark(view: View) -> View:
        view.allowed = frozenset(roles) or SIGNED_IN  # type: ignore[attr-defined]
        return view

    return mark


def allow_anyone(view: View) -> View:
    """Mark a view as public: nobody need be signed in."""
    view.allowed = ANYONE  # type: ignore[attr-defined]
    return view


def takes(size: int) -> Callable[[View], View]:
    """Mark a view as one that is sent more than others, up to so many bytes."""

    def mark(view: View) -> View:
        view.takes = size  # type: ignore[attr-defined]
        return view

    return mark


def in_menu(label: str, *, order: int) -> Callable[[View], View]:
    """Put a view that takes no parameters into the menu of those who may see it."""

    def mark(view: View) -> View:
        view.menu = (order, label)  # type: ignore[attr-defined]
        return view

    return mark


# --- each request


def init_access(app: Flask) -> None:
    """Ask at the door of every page."""
    app.before_request(ask_at_the_door)


def ask_at_the_door() -> None:
    """Refuse who may not see the page; a view without a mark is shown to nobody."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static":
        return
    allowed = getattr(view, "allowed", None)
    if allowed is None:
        abort(404)
    if allowed is not ANYONE and current_actor().role not in allowed:
        abort(403)
    request.max_content_length = getattr(view, "takes", request.max_content_length)


def current_actor() -> Actor:
    """Give the person who acts in this request; raises NotSignedIn where nobody does."""
    actor = actor_or_none()
    if actor is None:
        raise NotSignedIn
    return actor


def actor_or_none() -> Actor | None:
    """Give the person who acts, or nobody on a public page."""
    return g.get("actor")


def menu() -> list[MenuItem]:
    """List the pages that the reader's role has in its menu, in their order."""
    actor = actor_or_none()
    if actor is None:
        return []
    marked = [
        (view.menu, name) for name, view in current_app.view_functions.items() if _listed(view, actor.role)
    ]
    return [
        MenuItem(gettext(label), url_for(name), name == request.endpoint)
        for (_, label), name in sorted(marked)
    ]


def _listed(view: Callable, role: Role) -> bool:
    return hasattr(view, "menu") and role in getattr(view, "allowed", ())
