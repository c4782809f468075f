import pytest

from bot.errors import ConfigurationError
from bot.settings import is_loopback, read_settings


def test_everything_has_a_default() -> None:
    settings = read_settings({})

    assert settings.port == 8000
    assert settings.host == "127.0.0.1"
    assert settings.store_url.startswith("sqlite:////")
    assert not settings.demo


def test_the_environment_is_read_and_options_win() -> None:
    settings = read_settings({"KEFU_PORT": "9000", "KEFU_DEMO": "true", "PATH": "/bin"}, port=9001)

    assert settings.port == 9001
    assert settings.demo


def test_a_misspelt_name_is_refused_with_the_nearest_right_one() -> None:
    with pytest.raises(ConfigurationError, match="did you mean KEFU_CUSTOMER_SECRET"):
        read_settings({"KEFU_CUSTOMER_SECERT": "x"})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("KEFU_PORT", "eighty", "KEFU_PORT"),
        ("KEFU_TIME_ZONE", "Europe/Londn", "is not a time zone"),
        ("KEFU_LOG_LEVEL", "warn", "warning"),
        ("KEFU_DEMO", "perhaps", "KEFU_DEMO"),
        ("KEFU_CUSTOMER_SECRET", "short and guessable", "needs 32"),
        ("KEFU_REQUESTS_PER_MINUTE", "-1", "KEFU_REQUESTS_PER_MINUTE"),
        ("KEFU_TRUSTED_PROXIES", "10.0.0.0/8, nginx", "'nginx' is no address"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(name: str, value: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read_settings({name: value})


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "shop.example", "::"])  # noqa: S104 - refused
def test_demo_mode_refuses_every_address_but_loopback(host: str) -> None:
    with pytest.raises(ConfigurationError, match="KEFU_DEMO"):
        read_settings({"KEFU_DEMO": "true", "KEFU_HOST": host})


def test_secrets_are_not_shown() -> None:
    settings = read_settings({"KEFU_API_TOKEN": "very secret"})

    assert "very secret" not in repr(settings)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("kefu", False),
    ],
)
def test_loopback_is_known_in_every_form(host: str, *, expected: bool) -> None:
    assert is_loopback(host) is expected
