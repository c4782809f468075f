"""What a database runs: works, on the few methods that connections to SQLite and to a server have in common."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, TypeVarTuple, overload

from sqlalchemy import Connection, CursorResult, Dialect, Executable
from sqlalchemy.sql.selectable import TypedReturnsRows

T = TypeVar("T")
Columns = TypeVarTuple("Columns")

# Values of columns are of many kinds.
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class SqlConnection(Protocol):
    """A connection; SQLAlchemy's ``AsyncConnection`` is one."""

    @property
    def dialect(self) -> Dialect:
        """Return which SQL it speaks."""
        ...

    @overload
    async def execute(
        self, statement: TypedReturnsRows[*Columns], parameters: Parameters | None = None
    ) -> CursorResult[*Columns]: ...

    @overload
    async def execute(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[*tuple[Any, ...]]: ...

    async def run_sync(self, fn: Callable[[Connection], T]) -> T:
        """Call a function that wants a plain connection."""
        ...


Work = Callable[[SqlConnection], Awaitable[T]]
"""Statements of one transaction; it neither commits nor rolls back, and awaits nothing but its connection."""
