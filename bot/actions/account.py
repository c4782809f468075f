"""A customer's account: Trail Points, newsletter, deletion."""

from typing import Final

from bot.actions.asked import Asked
from bot.actions.crm_action import AccountAction, Answer, CrmChange
from bot.actions.phrasing import long_day, pounds
from bot.crm.loyalty import POINTS_PER_STEP, STEP_WORTH_CENTS, TIERS
from bot.domain.customer import LoyaltyAccount
from bot.domain.message import CustomerId
from bot.domain.outcome import ActionDone, ActionText, Said
from bot.domain.ports import Change, ChangeOrder, CrmGateway
from bot.domain.reply import Card

_SOON_DAYS: Final = 92


class LoyaltyBalance(AccountAction):
    """Tells a customer's Trail Points, their worth, the tier, and what expires soon."""

    async def answer_customer(self, customer_id: CustomerId, asked: Asked) -> Answer:
        """Tell it."""
        account = await self._desk.crm.loyalty(customer_id, self._desk.now())
        said: list[Said] = [self._balance(account), _tier(account)]
        today, expires_on = self._desk.today(), account.expires_on
        is_soon = expires_on is not None and (expires_on - today).days <= _SOON_DAYS
        if expires_on is not None and is_soon and account.expiring_points:
            values = {"points": f"{account.expiring_points:,}", "day": long_day(expires_on, today)}
            said.append(ActionText("loyalty_expiring", values))
        fields = (("Points", f"{account.points:,}"), ("Worth", _worth(account.points)))
        card = Card("Trail Points", (*fields, ("Tier", account.tier)))
        return ActionDone(self._name, (*said, card))

    def _balance(self, account: LoyaltyAccount) -> ActionText:
        values = {"points": f"{account.points:,}", "worth": _worth(account.points)}
        if account.points == 0:
            return ActionText("loyalty_none", values)
        is_enough = account.points >= POINTS_PER_STEP
        return ActionText("loyalty_balance" if is_enough else "loyalty_balance_small", values)


def _worth(points: int) -> str:
    return pounds(points // POINTS_PER_STEP * STEP_WORTH_CENTS)


def _tier(account: LoyaltyAccount) -> ActionText:
    names = [name for name, _ in reversed(TIERS)]
    values = {"tier": account.tier, "missing": f"{account.points_to_next_tier:,}"}
    place = names.index(account.tier) + 1 if account.tier in names else len(names)
    if account.points_to_next_tier <= 0 or place >= len(names):
        return ActionText("loyalty_top_tier", values)
    return ActionText("loyalty_next_tier", {**values, "next_tier": names[place]})


class Newsletter(CrmChange):
    """Subscribes a customer to the newsletter or takes them off it."""

    subject = "newsletter"
    slots = ("subscribed",)

    async def make(self, crm: CrmGateway, order: ChangeOrder, asked: Asked) -> Change:
        """Do it."""
        return await crm.set_newsletter(order, is_subscribed=self._is_wanted(asked))

    def variant(self, asked: Asked) -> str:
        """Return which words speak about it."""
        return "newsletter_on" if self._is_wanted(asked) else "newsletter_off"

    def _is_wanted(self, asked: Asked) -> bool:
        # Only a clear yes subscribes somebody.
        return asked.slot("subscribed").lower() == "true"


class DeleteMyData(CrmChange):
    """Asks for the account's data to be deleted."""

    subject = "deletion"
    slots = ()

    async def make(self, crm: CrmGateway, order: ChangeOrder, asked: Asked) -> Change:
        """Ask for it."""
        return await crm.request_deletion(order)
