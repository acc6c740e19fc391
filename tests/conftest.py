"""What tests share: an empty store; a served home, its local user and a browser; one thread for training."""

import pytest
from dashboard_home import served_home
from hypothesis import HealthCheck, settings
from pages_app import CHROMIUM, served_pages
from streamlit import config

from dashboard import people
from pipeline.store import Store

# How long inputs take to make says how busy the machine is, not whether the code is right.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture
def store(tmp_path):
    """An empty store of its own; a test file that wants one filled overrides it and asks for this one."""
    with Store.open(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A filled home, served by a child process for the tests of one file."""
    with served_home(tmp_path_factory.mktemp("home")) as root:
        yield root


@pytest.fixture
def on_loopback():
    """The pages as bound to the own machine, which needs no sign-in."""
    before = config.get_option("server.address")
    config.set_option("server.address", "127.0.0.1")
    yield
    config.set_option("server.address", before)


@pytest.fixture
def at_home(served, on_loopback, monkeypatch):
    """The pages of the served home, with one named local user before them."""
    monkeypatch.setenv("HUIYING_HOME", str(served))
    monkeypatch.setenv(people.LOCAL_ACTOR, "李明")


@pytest.fixture(scope="module")
def address(served):
    """The address at which the served home's pages answer a browser."""
    with served_pages(served) as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    """Chromium without a window."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def one_thread():
    """Compute in one thread: on busy cores two wait for each other longer than they work."""
    torch = pytest.importorskip("torch", reason="needs the train extra")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
