"""The CRM in SQL and the one in memory keep the same contract; what only SQL can do is tested besides."""

import asyncio

import pytest
from sqlalchemy import Table, func, select, text

from bot.crm.gateway import SqlCrm
from bot.crm.tables import CONTACTS, OPERATIONS, RETURNS, TICKETS
from bot.domain.message import OperationId
from bot.domain.ports import CrmGateway
from bot.errors import CrmUnavailableError
from bot.sql import Database, open_database
from bot.sql_work import SqlConnection
from tests.contracts.crm_gateway import CrmGatewayContract
from tests.contracts.crm_wishes import MAYA, NOW, TOM, contract_records, doing, values_of
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
        self, filled_database: Database, database_url: str
    ) -> None:
        done = await SqlCrm(filled_database).cancel_order(doing(MAYA, "op"), "CP-200101")

        reopened = open_database(database_url)
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
        has_it, may_end = asyncio.Event(), asyncio.Event()

        async def hog(connection: SqlConnection) -> None:
            if (
                connection.dialect.name == "postgresql"
            ):  # a writer of SQLite keeps all others out anyway
                await connection.execute(text(f"LOCK TABLE {OPERATIONS.name}"))
            has_it.set()
            await may_end.wait()

        hogging = asyncio.create_task(filled_database.write(hog))
        await has_it.wait()

        with pytest.raises(CrmUnavailableError, match=r"0\.05 s"):
            await crm.set_newsletter(doing(MAYA, "op"), is_subscribed=False)
        may_end.set()
        await hogging

    async def test_a_database_without_tables_is_unavailable(self, database_url: str) -> None:
        database = open_database(database_url)
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
