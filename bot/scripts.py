"""Scripted conversations: what a customer says and what must come of it, as YAML.

::

    - name: cancels an order that is still placed
      customer: C-1001            # or guest, which is the default
      turns:
        - says: hi, i dont want the tent anymore, can u stop order CP-200101?
          replies:                # all must hold for the reply as text, upper and lower case alike
            - contains: CP-200101
            - buttons: [Yes, No]  # each begins the title of a button
          intent: cancel_order
        - taps: Yes               # a button of an earlier reply, by how its title begins
          replies: [{contains: cancelled}, {not_contains: sorry}]
          action: action_cancel_order

Further checks of a turn: ``decision`` and ``outcome`` (class names), ``status`` of the conversation afterwards,
``handoff`` (its reason), ``source`` (slug of a quoted article), ``silent: true``. Where a message holds several wishes,
``intent``, ``decision``, ``action`` and ``outcome`` hold for one of them; a list wants each.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from bot.errors import ReleaseInvalidError

GUEST_NAME: Final = "guest"


@dataclass(frozen=True, slots=True)
class ReplyChecks:
    """What must hold for a reply as text, and for its buttons."""

    contains: tuple[str, ...] = ()
    not_contains: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnChecks:
    """What must hold for a turn; empty tuples and None are not checked."""

    intent: tuple[str, ...] = ()
    decision: tuple[str, ...] = ()
    action: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    status: str | None = None
    handoff: str | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class ScriptedTurn:
    """One message of the customer.

    Attributes:
        says: The message; "" where ``taps`` says which button is tapped instead.
        customer: Who sends this one; None is the guest.
        line: Where it stands in its file, counted from 1.
    """

    says: str
    taps: str
    customer: str | None
    reply: ReplyChecks
    checks: TurnChecks
    line: int


@dataclass(frozen=True, slots=True)
class Script:
    """A scripted conversation; ``file`` is its document's path."""

    name: str
    file: str
    line: int
    turns: tuple[ScriptedTurn, ...]


def read_scripts(documents: Mapping[str, str]) -> tuple[Script, ...]:
    """Read scripts.

    Args:
        documents: Path to YAML text.

    Raises:
        ReleaseInvalidError: Names file, line and remedy.
    """
    return tuple(
        script for file, text in sorted(documents.items()) for script in _Reader(file).read(text)
    )


class _Reader:
    """Reads one file; knows its name, so that every complaint can say it."""

    def __init__(self, file: str) -> None:
        self._file = file

    def read(self, text: str) -> Iterator[Script]:
        try:
            content = YAML(typ="rt", pure=True).load(text)
        except MarkedYAMLError as problem:
            line = problem.problem_mark.line + 1 if problem.problem_mark else 1
            raise self._invalid(line, f"it is not YAML ({problem.problem})") from problem
        if not isinstance(content, CommentedSeq):
            raise self._invalid(1, "a list of conversations is wanted, '- name: …'")
        for place, item in enumerate(content):
            yield self._script(item, content.lc.item(place)[0] + 1)

    def _script(self, item: object, line: int) -> Script:
        values = self._mapping(item, line, {"name", "customer", "turns"})
        name, turns = values.get("name"), values.get("turns")
        if not name or not isinstance(turns, CommentedSeq) or not turns:
            raise self._invalid(line, "a conversation needs a name and turns")
        customer = str(values.get("customer", GUEST_NAME))
        return Script(
            name=str(name),
            file=self._file,
            line=line,
            turns=tuple(
                self._turn(turn, turns.lc.item(place)[0] + 1, customer)
                for place, turn in enumerate(turns)
            ),
        )

    def _turn(self, item: object, line: int, customer: str) -> ScriptedTurn:
        checks = {field.name for field in fields(TurnChecks)}
        values = self._mapping(item, line, {"says", "taps", "customer", "replies", *checks})
        says, taps = str(values.get("says", "")), str(values.get("taps", ""))
        if bool(says) == bool(taps):
            raise self._invalid(line, "a turn either says something or taps a button")
        who = str(values.get("customer", customer))
        return ScriptedTurn(
            says=says.strip(),
            taps=taps,
            customer=None if who == GUEST_NAME else who,
            reply=self._reply_checks(values.get("replies", []), line),
            checks=self._turn_checks({k: v for k, v in values.items() if k in checks}, line),
            line=line,
        )

    def _reply_checks(self, items: Any, line: int) -> ReplyChecks:  # noqa: ANN401 - YAML
        known = {field.name for field in fields(ReplyChecks)}
        found: dict[str, list[str]] = {name: [] for name in known}
        if not isinstance(items, list):
            raise self._invalid(line, "replies is a list, '- contains: …'")
        for item in items:
            for name, value in self._mapping(item, line, known).items():
                found[name].extend(_many(value))
        return ReplyChecks(**{name: tuple(values) for name, values in found.items()})

    def _turn_checks(self, values: Mapping[str, Any], line: int) -> TurnChecks:  # YAML
        given: dict[str, Any] = {}  # fields of many types
        for name, value in values.items():
            if name == "silent":
                given[name] = value is True
            elif name in {"status", "handoff"}:
                given[name] = str(value)
            else:
                given[name] = _many(value)
        if values and not any(given.values()):
            raise self._invalid(line, "the turn's checks are empty")
        return TurnChecks(**given)

    def _mapping(self, item: object, line: int, known: Iterable[str]) -> Mapping[str, Any]:
        names = sorted(known)
        if not isinstance(item, CommentedMap):
            raise self._invalid(line, f"here must be some of {', '.join(names)}, each with a value")
        for name in item:
            if name not in names:
                at = item.lc.key(name)[0] + 1
                raise self._invalid(at, f"{name!r} is none of {', '.join(names)}")
        return item

    def _invalid(self, line: int, problem: str) -> ReleaseInvalidError:
        return ReleaseInvalidError(f"{self._file}:{line}: {problem}")


def _many(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)
