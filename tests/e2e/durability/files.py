"""Looks into the databases that a server left behind, without any of its code but the entries' format."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.entries import Entry, HandoffOpened, MessageReceived, TurnClosed
from bot.domain.reply import part_as_text
from bot.stores.entry_json import entry_from_json


@dataclass(frozen=True)
class Files:
    """The databases under a ``KEFU_HOME``."""

    home: Path

    # Rows hold values of any type.
    def rows(self, file: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Read rows of ``kefu`` or ``crm``."""
        with closing(sqlite3.connect(self.home / f"{file}.db", timeout=10)) as connection:
            return connection.execute(statement, values).fetchall()

    def change(self, file: str, statement: str, *values: object) -> None:
        """Change rows of ``kefu`` or ``crm``, as another program on the same machine could."""
        with closing(sqlite3.connect(self.home / f"{file}.db", timeout=10)) as connection:
            connection.execute(statement, values)
            connection.commit()

    def count(self, file: str, source: str, *values: object) -> int:
        """Count the rows of a table, with an optional ``where``."""
        return int(self.rows(file, f"SELECT count(*) FROM {source}", *values)[0][0])  # noqa: S608 - our own words

    def entries(self, conversation_id: str) -> list[Entry]:
        """Read a conversation's log."""
        found = self.rows(
            "kefu",
            "SELECT body FROM entry WHERE conversation_id = ? ORDER BY number",
            conversation_id,
        )
        return [entry_from_json(body) for (body,) in found]

    def operations(self, customer: str, *kinds: str) -> int:
        """Count the changes of these kinds that a customer made."""
        marks = ", ".join("?" * len(kinds))
        where = f"operations WHERE customer_id = ? AND kind IN ({marks})"
        return self.count("crm", where, customer, *kinds)

    def check_log(self, conversation_id: str, sent: Sequence[str]) -> None:
        """Check that these messages, and no others, are in the log once each, each with one closed turn."""
        entries = self.entries(conversation_id)
        received = [entry.message_id for entry in entries if isinstance(entry, MessageReceived)]
        closed = [entry.message_id for entry in entries if isinstance(entry, TurnClosed)]
        assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
        assert sorted(received) == sorted(sent)
        assert closed == received
        still_open = "conversation WHERE id = ? AND waiting IS NOT NULL"
        assert self.count("kefu", still_open, conversation_id) == 0
        (head,) = self.rows(
            "kefu",
            "SELECT next_number, lease_until FROM conversation WHERE id = ?",
            conversation_id,
        )
        assert head == (len(entries) + 1, 0.0)

    def reply_to(self, conversation_id: str, message_id: str) -> str:
        """Return the words of a message's stored reply; "" while there is none."""
        return next(
            (
                "\n".join(part_as_text(part) for part in entry.reply.parts)
                for entry in self.entries(conversation_id)
                if isinstance(entry, TurnClosed) and entry.message_id == message_id
            ),
            "",
        )

    def outcome_of(self, conversation_id: str, message_id: str) -> str:
        """Return what came of a message's last step, by its trace."""
        (closed,) = (
            entry
            for entry in self.entries(conversation_id)
            if isinstance(entry, TurnClosed) and entry.message_id == message_id
        )
        return closed.trace.steps[-1].outcome

    def handoff_reasons(self, conversation_id: str) -> list[str]:
        """Return why the conversation was handed over, each time."""
        entries = self.entries(conversation_id)
        return [entry.reason for entry in entries if isinstance(entry, HandoffOpened)]
