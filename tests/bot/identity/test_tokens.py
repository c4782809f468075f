import base64
import hashlib
import hmac
import json
from datetime import timedelta

import jwt
import pytest

from bot.domain.message import GUEST, CustomerId
from bot.errors import TokenError
from bot.identity.door import Credentials, Door
from bot.identity.tokens import make_token, verify_token
from tests.fakes import SetClock

SECRET = "a secret that only the shop's server and Kefu know"  # noqa: S105 - made up
MAYA = CustomerId("C-1001")
HOUR = timedelta(hours=1)


def a_door(*, accepts_user_hash: bool = False, api_token: str = "") -> Door:
    return Door(SECRET, api_token, accepts_user_hash, SetClock())


def signed(algorithm: str = "HS256", secret: str = SECRET, **claims: object) -> str:
    return jwt.encode(claims, secret, algorithm=algorithm)


def in_an_hour() -> int:
    return int((SetClock().now() + HOUR).timestamp())


def unsigned(header: dict[str, str], claims: dict[str, object]) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in (header, claims)
    ]
    return b".".join([*parts, b""]).decode()


def test_a_token_of_the_shop_names_its_customer() -> None:
    token = make_token(MAYA, SECRET, SetClock().now(), HOUR)

    customer, expires_at = verify_token(token, SECRET, SetClock().now())

    assert customer == MAYA
    assert expires_at == SetClock().now() + HOUR


def test_user_id_is_accepted_for_sub() -> None:
    token = signed(user_id="C-1001", exp=in_an_hour())

    assert verify_token(token, SECRET, SetClock().now())[0] == MAYA


def test_a_minute_of_leeway_is_given_and_no_more() -> None:
    token = make_token(MAYA, SECRET, SetClock().now(), timedelta())

    verify_token(token, SECRET, SetClock().now() + timedelta(seconds=59))

    with pytest.raises(TokenError, match="expired"):
        verify_token(token, SECRET, SetClock().now() + timedelta(seconds=60))


@pytest.mark.parametrize(
    "token",
    [
        unsigned({"alg": "none", "typ": "JWT"}, {"sub": "C-1001", "exp": 4102444800}),
        unsigned({"alg": "HS256", "typ": "JWT"}, {"sub": "C-1001", "exp": 4102444800}),
        signed(
            secret="another secret, long enough for the algorithm",  # noqa: S106
            sub="C-1001",
            exp=4102444800,
        ),
        signed(algorithm="HS512", secret=SECRET * 2, sub="C-1001", exp=4102444800),
        signed(algorithm="HS384", sub="C-1001", exp=4102444800),
        signed(sub="C-1001"),
        signed(exp=4102444800),
        signed(sub="", exp=4102444800),
        signed(user_id=1001, exp=4102444800),
        signed(sub="C-1001", exp="soon"),
        signed(sub="C-1001", exp=1e300),
        signed(sub="C-1001", exp=4102444800, nbf=4102444800),
        "",
        "a.b",
        "ä.ö.ü",
        "." * 5000,
    ],
)
def test_what_is_no_valid_token_is_refused(token: str) -> None:
    with pytest.raises(TokenError):
        verify_token(token, SECRET, SetClock().now())


def test_nothing_shown_is_a_guest() -> None:
    assert a_door().caller_of(Credentials()) == GUEST


def test_a_bad_token_is_never_a_guest() -> None:
    with pytest.raises(TokenError):
        a_door(api_token="trusted").caller_of(Credentials(token="nonsense", api_token="trusted"))  # noqa: S106


def test_the_older_hash_counts_only_where_it_is_switched_on() -> None:
    digest = hmac.new(SECRET.encode(), b"C-1001", hashlib.sha256).hexdigest()
    credentials = Credentials(user_id="C-1001", user_hash=digest)

    with pytest.raises(TokenError, match="not accepted"):
        a_door().caller_of(credentials)

    assert a_door(accepts_user_hash=True).caller_of(credentials).customer_id == MAYA


@pytest.mark.parametrize(
    ("user_id", "user_hash"), [("C-1002", "0" * 64), ("", "0" * 64), ("C-1001", "ä")]
)
def test_a_hash_that_does_not_fit_is_refused(user_id: str, user_hash: str) -> None:
    with pytest.raises(TokenError):
        a_door(accepts_user_hash=True).caller_of(Credentials(user_id=user_id, user_hash=user_hash))


def test_without_an_api_token_nobody_is_trusted() -> None:
    assert not a_door().is_trusted("")
    assert not a_door(api_token="right").is_trusted("wrong")  # noqa: S106
    assert a_door(api_token="right").is_trusted("right")  # noqa: S106


def test_a_token_is_not_shown_when_a_caller_is_printed() -> None:
    token = make_token(MAYA, SECRET, SetClock().now(), HOUR)

    caller = a_door().caller_of(Credentials(token=token))

    assert token not in repr(caller)
    assert token not in repr(Credentials(token=token))
    assert SECRET not in repr(a_door())


@pytest.mark.parametrize(
    "claims", [{"exp": 253402300799}, {"exp": 4102444800, "nbf": -62135596800}]
)
def test_the_last_and_the_first_moment_there_is_are_moments_like_any_other(
    claims: dict[str, int],
) -> None:
    token = jwt.encode({"sub": "C-1001", **claims}, SECRET, algorithm="HS256")

    assert verify_token(token, SECRET, SetClock().now())[0] == MAYA
