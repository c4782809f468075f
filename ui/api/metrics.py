"""What a Prometheus server may read: how many turns, how they went, how long they took."""

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.domain.trace import Trace

_MILLISECONDS: Final = (1, 2, 4, 6, 8, 12, 16, 20, 30, 40, 60, 100, 200, 500, 1000, 3000, 10000)


class Metrics:
    """Counters of one serving process, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._turns = Counter(
            "kefu_turns", "Wishes worked on", ["channel", "decision", "outcome"],
            registry=self._registry,
        )  # fmt: skip
        self._took = Histogram(
            "kefu_turn_milliseconds", "From message to reply", ["channel"],
            buckets=_MILLISECONDS, registry=self._registry,
        )  # fmt: skip
        self._stages = Histogram(
            "kefu_stage_milliseconds", "Stages of a turn", ["stage"],
            buckets=_MILLISECONDS, registry=self._registry,
        )  # fmt: skip
        self._handoffs = Counter(
            "kefu_handoffs", "Conversations given to an agent", ["reason"], registry=self._registry
        )
        self._refusals = Counter(
            "kefu_refusals", "Messages refused", ["channel", "error"], registry=self._registry
        )
        self._release = Gauge("kefu_release", "Number of the live release", registry=self._registry)

    def count_turn(self, channel: str, trace: Trace, took_ms: float) -> None:
        """Count a closed turn: one per wish, and its time."""
        for step in trace.steps:
            self._turns.labels(channel, step.decision, step.outcome).inc()
        self._took.labels(channel).observe(took_ms)
        self._observe_stages(trace.took_ms)

    def count_handoff(self, reason: str) -> None:
        """Count a handoff by its reason, a stable word."""
        self._handoffs.labels(reason).inc()

    def count_refusal(self, channel: str, problem: Exception) -> None:
        """Count a message that was refused, by the error's class."""
        self._refusals.labels(channel, type(problem).__name__).inc()

    def exposition(self, live_release: int) -> bytes:
        """Render everything in Prometheus's text format."""
        self._release.set(live_release)
        return generate_latest(self._registry)

    def _observe_stages(self, took_ms: Mapping[str, float]) -> None:
        for stage, spent in took_ms.items():
            self._stages.labels(stage).observe(spent)
