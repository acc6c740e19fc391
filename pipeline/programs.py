"""The children of ``huiying up`` and ``huiying demo``: a home and its settings come in, command lines go out.

Spiders and the dashboard are started by name, so that nothing of theirs is imported here.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from pipeline.channels import load_channels
from pipeline.config import Home, Secrets, Settings
from pipeline.processes import free_port, port_is_free
from pipeline.routing import Routing
from pipeline.signin import check_address, is_loopback, sign_in
from pipeline.supervisor import Program

DEMO_MARK = ".huiying-demo"

# Megabytes that one file may have on its way through the browser, where it is held in memory: a million
# posts of 150 characters in csv are about 450 MB in UTF-8. What is larger goes through ``huiying classify``.
MOST_UPLOAD_MB = 500


class PortTakenError(RuntimeError):
    """A port that should be ours is in use; the message is Chinese."""


class NotADemoError(RuntimeError):
    """A folder with real data would have been emptied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is about to run, and where the dashboard will be."""

    programs: tuple[Program, ...]
    dashboard_url: str


def plan_up(home: Home, settings: Settings, port: int | None = None, host: str | None = None) -> Plan:
    """Return the pipeline, the crawl schedule and the dashboard of a home.

    Raises:
        PortTakenError: the dashboard's or the store's port is in use.
        OpenAddressError: others could reach the dashboard without signing in.
        ConfigError: the sign-in, a channel, a route or the rota is set up wrongly.
    """
    address = host or settings.dashboard_host
    check_address(home, address)
    chosen = _port(settings.dashboard_port if port is None else port, "页面", "dashboard_port")
    if settings.quack_port:
        _port(settings.quack_port, "数据库服务", "quack_port")
    environment = {"HUIYING_HOME": str(home.root), "PYTHONUNBUFFERED": "1"}
    programs = (
        _pipeline(home, environment),
        *_notify(home, settings, environment),
        _crawl(home, settings, environment),
        _dashboard(home, address, chosen, environment),
        *_reports(home, settings, environment),
    )
    return Plan(programs=programs, dashboard_url=f"http://{_reached_at(address)}:{chosen}")


def plan_demo(home: Home, port: int | None, speed: float) -> Plan:
    """Return the children of a demo: our own web site first, then what ``plan_up`` starts for it.

    ``home`` is emptied, so that the story begins anew.

    Raises:
        NotADemoError: the folder has a database that no demo made.
        PortTakenError: the dashboard's port is in use.
    """
    _empty_demo_home(home)
    site_port = free_port()
    _write_demo_files(home, f"http://127.0.0.1:{site_port}")
    site = Program(
        name="demo-site",
        command=[*_module("pipeline.demo.site"), "--port", str(site_port), "--speed", str(speed)],
    )
    up = plan_up(home, Settings.load(home), port)
    return Plan(programs=(site, *up.programs), dashboard_url=up.dashboard_url)


def sources_folder(home: Home) -> Path:
    """Return where an office's own source files are."""
    return home.root / "sources"


def _pipeline(home: Home, environment: Mapping[str, str]) -> Program:
    command = [*_module("pipeline.worker"), "--home", str(home.root)]
    return Program(name="pipeline", command=command, environment=environment)


def _notify(home: Home, settings: Settings, environment: Mapping[str, str]) -> list[Program]:
    """Return the sender where somebody is to be told; its settings are read now, so that a fault stops
    ``up``.
    """
    load_channels(home, settings)
    if not Routing.load(settings).recipients:
        return []
    command = [*_module("pipeline.notify"), "--home", str(home.root)]
    return [Program(name="notify", command=command, environment=environment)]


def _crawl(home: Home, settings: Settings, environment: Mapping[str, str]) -> Program:
    sources = sources_folder(home)
    sources.mkdir(parents=True, exist_ok=True)
    command = [*_module("crawlers.schedule"), "--home", str(home.root), "--sources", str(sources)]
    more = {"HUIYING_AUTHOR_KEY": Secrets.load(home).author_key, "HUIYING_CONTACT": settings.contact}
    return Program(name="crawl", command=command, environment={**environment, **more})


def _reports(home: Home, settings: Settings, environment: Mapping[str, str]) -> tuple[Program, ...]:
    if "reports" not in settings.tables:
        return ()
    command = [*_module("pipeline.report_schedule"), "--home", str(home.root)]
    return (Program(name="reports", command=command, environment=environment),)


def _dashboard(home: Home, address: str, port: int, environment: Mapping[str, str]) -> Program:
    spec = find_spec("dashboard")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the dashboard package is not installed")
    command = [*_module("streamlit"), "run", str(Path(spec.origin).with_name("app.py"))]
    options = {
        "server.port": str(port),
        "server.address": address,
        "server.maxUploadSize": str(MOST_UPLOAD_MB),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
    }
    if sign_in(home) is not None:
        options["secrets.files"] = str(home.secrets_file)
    command += [f"--{name}={value}" for name, value in options.items()]
    return Program(name="dashboard", command=command, environment=environment)


def _reached_at(address: str) -> str:
    # What listens on every address is reached on this one.
    return address if is_loopback(address) else "127.0.0.1"


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]


def _port(port: int, what: str, setting: str) -> int:
    if port and not port_is_free(port):
        raise PortTakenError(
            f"{what}的端口 {port} 已被占用。可在 huiying.toml 中改 {setting},或用 --port 0 自动选择。"
        )
    return port or free_port()


def _empty_demo_home(home: Home) -> None:
    """Remove what a demo before left; only files of ours, and never the lock that this process holds."""
    mark = home.root / DEMO_MARK
    if home.database.exists() and not mark.exists():
        raise NotADemoError(f"{home.root} 里是真实数据，不是演示目录，不会清空。请用 --home 指定一个新目录。")
    for folder in (home.spool, home.logs, home.root / "crawl", sources_folder(home)):
        shutil.rmtree(folder, ignore_errors=True)
    for pattern in ("huiying*.duckdb*", "huiying.toml", "run/*.*"):
        for file in home.root.glob(pattern):
            file.unlink()
    home.create()
    mark.touch()


def _write_demo_files(home: Home, base: str) -> None:
    demo = Path(str(files("pipeline") / "demo"))
    config = (
        'office = "云岭州回应办(演示)"\n'
        f'region = "{demo / "region.toml"}"\n'
        "quack_port = 0\ntick_seconds = 0.5\ndetector_step_minutes = 1\nlateness_minutes = 1\n"
        'contact = "demo@localhost"\n'
    )
    home.config_file.write_text(config, "utf-8")
    folder = sources_folder(home)
    folder.mkdir()
    for source in sorted((demo / "sources").glob("*.toml")):
        (folder / source.name).write_text(source.read_text("utf-8").replace("{base}", base), "utf-8")
