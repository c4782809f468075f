"""The demo shop in a database."""

from datetime import date

from sqlalchemy import func, select

from bot.crm.demo.making import demo_day, ensure_demo
from bot.crm.gateway import SqlCrm
from bot.crm.tables import CUSTOMERS, OPERATIONS, ORDERS
from bot.domain.ports import DemoDay
from bot.sql import Database
from tests.bot.crm.test_demo import ANCHOR
from tests.contracts.crm_wishes import MAYA, doing


async def test_a_shop_is_made_once_and_again_on_request(empty_database: Database) -> None:
    steps: list[float] = []
    assert await demo_day(empty_database) is None

    made = await ensure_demo(
        empty_database,
        anchor=ANCHOR,
        seed=4,
        customers=40,
        orders=200,
        progress=lambda _, share: steps.append(share),
    )
    kept = await ensure_demo(empty_database, anchor=date(2027, 1, 1), seed=5)

    assert made == kept == DemoDay(ANCHOR, 4)
    assert steps == sorted(steps)
    assert steps[-1] == 1.0
    assert await _count(empty_database) == (40, 200, 0)

    await SqlCrm(empty_database).cancel_order(doing(MAYA, "op"), "CP-200101")
    again = await ensure_demo(
        empty_database, anchor=date(2027, 1, 1), seed=5, customers=50, orders=220, remake=True
    )

    assert again == DemoDay(date(2027, 1, 1), 5)
    assert await _count(empty_database) == (50, 220, 0)


async def test_numbers_of_changes_go_on_after_the_generated_ones(empty_database: Database) -> None:
    await ensure_demo(empty_database, anchor=ANCHOR, customers=40, orders=200)

    change = await SqlCrm(empty_database).start_return(
        doing(MAYA, "op"), "CP-200103", [1], "too_small"
    )

    assert change.values["return_number"] == "RT-399005"


async def _count(database: Database) -> tuple[int, ...]:
    async with database.read() as connection:
        return tuple(
            [
                (await connection.execute(select(func.count()).select_from(table))).scalar_one()
                for table in (CUSTOMERS, ORDERS, OPERATIONS)
            ]
        )
