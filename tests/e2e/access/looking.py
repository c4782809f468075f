"""What the tests look at behind the server's back: its records, its audit log, its files."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.e2e.access.forging import AISHAS_WORDS
from tests.e2e.serving import AISHA, Server

# Columns that say whose a row is, and what stands there where it is hers.
_HERS = (("customer_id", AISHA), ("order_number", "CP-2006*"), ("number", "CP-2006*"))


def assert_hides_aisha(text: str) -> None:
    """Assert that a text holds nothing that only Aisha may read.

    Whole words alone count: a random secret in an answer can have ``sNUg`` among its letters.
    """
    found = [
        word for word in AISHAS_WORDS if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)
    ]
    assert not found, f"this tells of Aisha ({found}): {text[:1000]}"


def records_of_aisha(server: Server) -> list[str]:
    """Return every row of the shop's records that is Aisha's or about her orders."""
    rows = []
    with closing(sqlite3.connect(f"file:{server.home / 'crm.db'}?mode=ro", uri=True)) as records:
        names = records.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            rows += [repr((name, row)) for row in _rows_of_aisha(records, name)]
    assert len(rows) >= len(_HERS)
    return sorted(rows)


def _rows_of_aisha(records: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    columns = {row[1] for row in records.execute(f'PRAGMA table_info("{table}")')}
    wanted = [(column, value) for column, value in _HERS if column in columns]
    if not wanted:
        return []
    found = " OR ".join(f'"{column}" GLOB ?' for column, _ in wanted)
    values = [value for _, value in wanted]
    return records.execute(f'SELECT * FROM "{table}" WHERE {found}', values).fetchall()  # noqa: S608 - its own names


def operations_of(server: Server, customer: str, kind: str) -> int:
    """Return how many changes of a kind were made for a customer."""
    with closing(sqlite3.connect(f"file:{server.home / 'crm.db'}?mode=ro", uri=True)) as records:
        found = records.execute(
            "SELECT count(*) FROM operations WHERE customer_id = ? AND kind = ?", (customer, kind)
        )
        return int(found.fetchone()[0])


def audit_lines(server: Server) -> list[tuple[str, str, str]]:
    """Return the audit log, oldest first: what, who, detail."""
    with closing(sqlite3.connect(f"file:{server.home / 'kefu.db'}?mode=ro", uri=True)) as store:
        return store.execute("SELECT what, who, detail FROM audit ORDER BY id").fetchall()


def refusals(server: Server) -> int:
    """Return how often somebody was refused so far, by the audit log."""
    return sum(what == "access_refused" for what, _, _ in audit_lines(server))


def written_files(folder: Path) -> list[Path]:
    """Return the files that grow while serving: databases with their logs, not models."""
    return [file for file in folder.iterdir() if file.is_file()]
