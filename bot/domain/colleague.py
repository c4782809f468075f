"""Colleagues: the people who work with the assistant, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.message import AgentId


class Role(StrEnum):
    """What a colleague may do."""

    AGENT = "agent"
    TRAINER = "trainer"
    ANALYST = "analyst"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person who works with the assistant; ``admin`` includes every other role."""

    colleague_id: AgentId
    name: str
    roles: frozenset[Role]

    def may(self, role: Role) -> bool:
        """Tell whether the colleague has a role."""
        return role in self.roles or Role.ADMIN in self.roles
