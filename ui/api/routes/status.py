"""Whether the process lives, is ready, and what it has counted."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from ui.api.dependencies import KefuPart, MetricsPart

router = APIRouter(tags=["status"])


class Health(BaseModel):
    """The process answers."""

    status: str = "ok"


class Readiness(BaseModel):
    """A release is loaded."""

    status: str = "ready"
    release: int


@router.get("/healthz")
async def healthz() -> Health:
    """Tell that the process answers."""
    return Health()


@router.get("/readyz")
async def readyz(kefu: KefuPart) -> Readiness:
    """Tell which release answers; the server takes no requests before one is loaded."""
    return Readiness(release=kefu.shelf.live().number)


@router.get("/metrics", response_class=Response)
async def read_metrics(kefu: KefuPart, metrics: MetricsPart) -> Response:
    """Read the counters in Prometheus's text format."""
    shown = metrics.exposition(kefu.shelf.live().number)
    return Response(shown, media_type=CONTENT_TYPE_LATEST)
