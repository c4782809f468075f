"""Logs are events with fields; never customer text, names or tokens."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final

# Only these may be logged beside the event's name: ids, numbers and stable words.
FIELDS = frozenset(
    {
        "action", "agent_id", "attempt", "channel", "colleague", "conversation_id", "count", "customer_id",
        "decision", "door", "error", "handoff", "host", "intent", "message_id", "method", "outcome",
        "path", "port", "reason", "release", "role", "rule", "status", "took_ms",
    }
)  # fmt: skip

_OWN: Final = ("bot", "ui", "training", "intents", "knowledge_base")


class UnknownLogFieldError(ValueError):
    """A log field is not on the list of what may be logged."""


def log_event(
    logger: logging.Logger, event: str, /, level: int = logging.INFO, **fields: object
) -> None:
    """Log an event.

    Args:
        logger: The module's logger.
        event: What happened, past tense, snake case: ``reply_sent``.
        level: As in ``logging``.
        fields: Named in ``FIELDS``.

    Raises:
        UnknownLogFieldError: A field is not in ``FIELDS``.
    """
    unknown = fields.keys() - FIELDS
    if unknown:
        raise UnknownLogFieldError(
            f"log fields {sorted(unknown)} are not on the list in bot/logs.py; add them there if they hold no personal data"
        )
    logger.log(level, event, extra={"fields": fields})


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Render a record; exceptions by type and place only, since their texts may quote customers."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["stack"] = _places(record)
        return json.dumps(line, ensure_ascii=False, default=str)


def _places(record: logging.LogRecord) -> list[str]:
    trace = record.exc_info[2] if record.exc_info else None
    places = []
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-8:]


def configure_logs(level: str) -> None:
    """Send all logs to standard error as JSON lines; debug lines only of our own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    wanted = logging.getLevelNamesMapping()[level.upper()]
    # Libraries' debug lines quote what they carry: frames of a socket, headers, parameters of a statement.
    logging.basicConfig(level=max(wanted, logging.INFO), handlers=[handler], force=True)
    for own in _OWN:
        logging.getLogger(own).setLevel(wanted)
    for noisy in (
        "httpx",
        "asyncio",
        "engineio.server",
        "socketio.server",
        "uvicorn.access",
        "bm25s",
        "rasa_sdk.executor",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
