import json
import logging

import pytest

from bot.logs import JsonFormatter, UnknownLogFieldError, configure_logs, log_event


def test_an_event_is_one_line_of_json(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("kefu.test")

    with caplog.at_level(logging.INFO, "kefu.test"):
        log_event(logger, "reply_sent", conversation_id="c1", took_ms=4.2)
    line = json.loads(JsonFormatter().format(caplog.records[0]))

    assert line["event"] == "reply_sent"
    assert (line["conversation_id"], line["took_ms"]) == ("c1", 4.2)


def test_a_field_that_may_hold_personal_data_is_refused() -> None:
    with pytest.raises(UnknownLogFieldError, match="text"):
        log_event(logging.getLogger("kefu.test"), "reply_sent", text="my address is …")


def test_an_exception_is_logged_by_type_and_place_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("kefu.test")

    try:
        raise ValueError("Maya Okafor, 12 Harcourt Road")  # noqa: TRY301 - what is caught
    except ValueError:
        logger.exception("turn_failed")
    rendered = JsonFormatter().format(caplog.records[0])

    assert "Maya" not in rendered
    assert json.loads(rendered)["error"] == "ValueError"
    assert "test_logs.py" in rendered


def test_debug_lines_of_libraries_stay_out(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    try:
        configure_logs("debug")
        logging.getLogger("websockets.server").debug("< TEXT 'my words'")
        logging.getLogger("httpcore.connection").info("something worth telling")
        logging.getLogger("bot.assistant").debug("ours")
    finally:
        root.setLevel(before[0])
        root.handlers[:] = before[1]
        for own in ("bot", "ui", "training", "intents", "knowledge_base"):
            logging.getLogger(own).setLevel(logging.NOTSET)

    told = capsys.readouterr().err
    assert "my words" not in told
    assert "worth telling" in told
    assert "ours" in told
