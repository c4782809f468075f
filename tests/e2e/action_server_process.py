"""Serves our actions over the story customers, as ``kefu actions`` does: database, port, secret and customers' secret are given."""

import asyncio
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from ruamel.yaml import YAML

from bot.actions.registry import local_actions
from bot.actions.server import ActionServerOptions, serve_actions
from bot.actions.wordings import SeedWording
from bot.crm.demo.range import demo_products
from bot.crm.demo.stories import story_records
from bot.crm.gateway import LONDON, SqlCrm
from bot.crm.records import ShopRecords
from bot.crm.schema import insert_records, prepare_tables
from bot.sql import open_database
from tests.fakes import SetClock

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WORDING = Path(__file__).parents[2] / "intents" / "catalogue" / "wording.yml"


async def _fill(url: str) -> None:
    database = open_database(url)
    await prepare_tables(database)
    anchor = date(2026, 11, 20)
    records = story_records(anchor).joined(ShopRecords(products=demo_products(1, anchor)))
    await database.write(lambda lent: insert_records(lent, records))
    await database.close()


def _wording() -> SeedWording:
    read = YAML(typ="safe").load(WORDING.read_text("utf-8"))
    texts = {k: (t,) if isinstance(t, str) else tuple(t) for k, t in read["texts"].items()}
    return SeedWording(texts, read["shop"])


def main() -> None:
    """Serve until the process is told to stop."""
    url, port, secret, customer_secret = sys.argv[1:5]
    asyncio.run(_fill(url))
    database = open_database(url)
    clock = SetClock(NOW)
    actions = local_actions(SqlCrm(database), clock, LONDON)
    options = ActionServerOptions(
        wording=_wording(), customer_secret=customer_secret, port=int(port), secret=secret
    )
    serve_actions(actions, clock, options, close=database.close)


if __name__ == "__main__":
    main()
