"""A user, an action and a county come in; nothing comes out, or a refusal that says why: who may do what.

``require`` is the one place where this is decided. What a page hides is no protection; what is recorded
has passed here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is to the office; one person may be several."""

    VIEWER = "viewer"
    DUTY = "duty"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


ROLE_WORDS: Mapping[Role, str] = {
    Role.VIEWER: "查看",
    Role.DUTY: "值班员",
    Role.REVIEWER: "审核",
    Role.SUPERVISOR: "带班领导",
    Role.ADMIN: "管理员",
}

_ALL = frozenset(Role)
_WORK = frozenset({Role.DUTY, Role.SUPERVISOR, Role.ADMIN})
_DECIDE = frozenset({Role.SUPERVISOR, Role.ADMIN})
_CHECK = frozenset({Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN})

# Every action and the roles that may do it. The kinds of ledger events are actions under their own names.
PERMISSIONS: Mapping[str, frozenset[Role]] = {
    "see": _ALL,
    "export": _ALL,
    "assigned": _WORK,
    "happened": _WORK,
    "consulted": _WORK,
    "consented": _WORK,
    "drafted": _WORK | {Role.REVIEWER},
    "submitted": _WORK,
    "cited": _WORK,
    "published": _WORK,
    "briefed": _WORK,
    "blocked": _WORK,
    "unblocked": _WORK,
    "noted": _WORK | {Role.REVIEWER},
    "escalated": _WORK,
    "declined": _WORK,
    "closed": _WORK,
    "reopened": _WORK,
    "reviewed": _CHECK,
    "verdict": _CHECK,
    "withdrawn": _DECIDE,
    "superseded": _WORK,
    "graded": _DECIDE,
    "extended": _DECIDE,
    "label": _WORK | {Role.REVIEWER},
    "alert": _WORK,
    "statement": _WORK,
    "claim": _WORK,
    "source": _DECIDE,
    "report": _WORK | {Role.REVIEWER},
    "model": _DECIDE,
    "settings": frozenset({Role.ADMIN}),
    "audit": _DECIDE,
}


class ForbiddenError(PermissionError):
    """Somebody may not do this; the message is Chinese and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who is signed in: a name, roles, and the counties they work for (none: all of them)."""

    name: str
    roles: frozenset[Role]
    counties: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a user must have a name")


def require(user: User, action: str, county: str | Collection[str] = ()) -> None:
    """Refuse what this user may not do in this county.

    ``county`` is one county, or all that a claim touches: then one of them in the user's scope is enough.
    A matter of no county is the whole office's, and open to those who work for all counties only.

    Raises:
        ForbiddenError: no role of theirs allows the action, or the matter is another county's.
        KeyError: there is no such action.
    """
    allowed = PERMISSIONS[action]
    if not user.roles & allowed:
        names = "、".join(ROLE_WORDS[role] for role in Role if role in allowed)
        raise ForbiddenError(f"{user.name} 没有这项权限({action}),需要:{names}")
    if not in_scope(user, county):
        raise ForbiddenError(f"{user.name} 只负责 {'、'.join(sorted(user.counties))},此事不在范围内")


def may(user: User, action: str, county: str | Collection[str] = ()) -> bool:
    """Whether ``require`` would let it pass: for greying out what would be refused."""
    return bool(user.roles & PERMISSIONS[action]) and in_scope(user, county)


def in_scope(user: User, county: str | Collection[str]) -> bool:
    """Whether a matter of these counties is the user's."""
    if not user.counties:
        return True
    touched = {county} if isinstance(county, str) else set(county)
    return bool(user.counties & touched)


def roles_from(names: Collection[str]) -> frozenset[Role]:
    """Return the roles that a sign-in service or a file names, in English or Chinese.

    Raises:
        ValueError: a name is no role; the message names it.
    """
    words = {word: role for role, word in ROLE_WORDS.items()} | {str(role): role for role in Role}
    unknown = sorted(set(names) - set(words))
    if unknown:
        raise ValueError(f"没有这样的角色:{'、'.join(unknown)};可用的有 {'、'.join(words)}")
    return frozenset(words[name] for name in names)
