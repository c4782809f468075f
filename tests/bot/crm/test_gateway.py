"""The CRM in SQL and the one in memory keep the same contract; what only SQL can do is tested besides."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Table, create_mock_engine, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from bot.crm import statements
from bot.crm.gateway import SqlCrm
from bot.crm.tables import CONTACTS, METADATA, OPERATIONS, ORDERS, PRODUCTS, RETURNS, TICKETS
from bot.domain.message import OperationId
from bot.domain.ports import CrmGateway
from bot.errors import CrmUnavailableError
from bot.sql import Database, open_database
from tests.contracts.crm_gateway import (
    MAYA,
    NOW,
    TOM,
    CrmGatewayContract,
    contract_records,
    doing,
    values_of,
)
from tests.memory_crm import MemoryCrm


async def count(database: Database, table: Table) -> int:
    async with database.read() as connection:
        found = await connection.execute(select(func.count()).select_from(table))
        return int(found.scalar_one())


class TestMemoryCrm(CrmGatewayContract):
    @pytest.fixture
    def crm(self) -> CrmGateway:
        return MemoryCrm(contract_records())

    async def test_it_can_be_switched_off(self) -> None:
        crm = MemoryCrm(contract_records())
        crm.is_down = True

        with pytest.raises(CrmUnavailableError):
            await crm.customer(MAYA)


class TestSqlCrm(CrmGatewayContract):
    @pytest.fixture
    def crm(self, filled_database: Database) -> CrmGateway:
        return SqlCrm(filled_database)

    async def test_many_repetitions_at_once_leave_one_record(
        self, filled_database: Database
    ) -> None:
        crm = SqlCrm(filled_database)
        before = [await count(filled_database, table) for table in (RETURNS, CONTACTS, OPERATIONS)]

        outcomes = await asyncio.gather(
            *(crm.start_return(doing(MAYA, "op"), "CP-200103", [1], "faulty") for _ in range(20))
        )

        assert len({values_of(outcome)["return_number"] for outcome in outcomes}) == 1
        after = [await count(filled_database, table) for table in (RETURNS, CONTACTS, OPERATIONS)]
        assert after == [number + 1 for number in before]

    async def test_changes_of_many_customers_at_once_get_different_tickets(
        self, filled_database: Database
    ) -> None:
        crm = SqlCrm(filled_database)

        outcomes = await asyncio.gather(
            *(
                crm.open_ticket(doing(customer, f"{customer}-{at}"), "Call", "Please")
                for customer in (MAYA, TOM)
                for at in range(10)
            )
        )

        assert len({values_of(outcome)["ticket"] for outcome in outcomes}) == 20
        assert await count(filled_database, TICKETS) == 20

    async def test_an_outcome_survives_a_restart(
        self, filled_database: Database, tmp_path: Path
    ) -> None:
        done = await SqlCrm(filled_database).cancel_order(doing(MAYA, "op"), "CP-200101")

        reopened = open_database(f"sqlite+aiosqlite:///{tmp_path / 'crm.db'}")
        assert await SqlCrm(reopened).operation_outcome(OperationId("op")) == done
        assert await SqlCrm(reopened).cancel_order(doing(MAYA, "op"), "CP-200101") == done
        await reopened.close()

    async def test_a_cancelled_order_goes_back_into_stock(self, filled_database: Database) -> None:
        crm = SqlCrm(filled_database)
        order = await crm.find_order(MAYA, "CP-200101")
        assert order is not None
        product_id = order.lines[0].product_id
        before = await crm.find_product(product_id)

        await crm.cancel_order(doing(MAYA, "op"), "CP-200101")

        after = await crm.find_product(product_id)
        assert before is not None
        assert after is not None
        assert after.stock == before.stock + 1

    async def test_records_that_answer_too_late_are_unavailable(
        self, filled_database: Database
    ) -> None:
        crm = SqlCrm(filled_database, timeout_s=0.05)
        may_end = asyncio.Event()

        async def hog(_: AsyncConnection) -> None:
            await may_end.wait()

        hogging = asyncio.create_task(filled_database.write(hog))
        await asyncio.sleep(0)

        with pytest.raises(CrmUnavailableError, match=r"0\.05 s"):
            await crm.set_newsletter(doing(MAYA, "op"), is_subscribed=False)
        may_end.set()
        await hogging

    async def test_a_lost_database_is_unavailable(self, tmp_path: Path) -> None:
        database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'no_tables.db'}")
        crm = SqlCrm(database)

        with pytest.raises(CrmUnavailableError):
            await crm.customer(MAYA)
        with pytest.raises(CrmUnavailableError):
            await crm.open_ticket(doing(MAYA, "op"), "Call", "Please")
        await database.close()

    async def test_times_come_back_as_they_were_and_in_utc(self, filled_database: Database) -> None:
        await SqlCrm(filled_database).open_ticket(doing(MAYA, "op"), "Call", "Please")

        async with filled_database.read() as connection:
            at = (await connection.execute(select(TICKETS.c.created_at))).scalar_one()
        assert at == NOW
        assert at.utcoffset() is not None


def test_tables_and_statements_suit_postgresql_too() -> None:
    dialect = create_mock_engine("postgresql://", lambda *_: None).dialect

    made = [str(CreateTable(table).compile(dialect=dialect)) for table in METADATA.sorted_tables]
    locked = str(statements.SELECT_LOCKED.compile(dialect=dialect))

    assert len(made) == len(METADATA.tables)
    assert locked.endswith("FOR UPDATE")
    for statement in (statements.SELECT_CUSTOMER, statements.SELECT_RETURNS):
        assert "SELECT" in str(statement.compile(dialect=dialect))
    assert {ORDERS.name, PRODUCTS.name} <= set(METADATA.tables)
