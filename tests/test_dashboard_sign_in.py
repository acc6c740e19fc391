"""People sign in at a real OpenID Connect provider on loopback, in a browser; each sees the own county."""

import httpx
import oidc_provider_mock
import pytest
from dashboard_home import REGION_TOML, served_home
from pages_app import CHROMIUM, PAGES, SLOW, reader, rows_when, served_pages, settled

from dashboard import people, wording, wording_system
from pipeline.config import ConfigError, Home
from pipeline.roles import ForbiddenError, Role
from pipeline.signin import OpenAddressError, check_address, sign_in

browser_test = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

AUTH = """
[auth]
redirect_uri = "{pages}/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "huiying"
client_secret = "test"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
PEOPLE = """
[people."li@office.example"]
name = "李明"
roles = ["admin"]
"""
OFFICER = {"email": "libo@office.example", "name": "荔波值班", "roles": ["duty"], "counties": ["荔波县"]}
NOBODY = {"email": "guest@office.example", "name": "来访"}
ADMIN = {"email": "li@office.example", "name": "Li"}


def test_the_list_of_people_comes_before_the_claims_of_the_provider():
    listed = {"a@x": {"name": "甲", "roles": ["值班员"], "counties": ["荔波县"]}}
    user = people.from_claims({"email": "a@x", "name": "A", "roles": ["admin"]}, listed)
    assert (user.name, user.roles, user.counties) == ("甲", {Role.DUTY}, {"荔波县"})


def test_without_a_role_nobody_gets_in_and_a_wrong_role_is_named():
    with pytest.raises(ForbiddenError, match="guest@x"):
        people.from_claims({"email": "guest@x"}, {})
    with pytest.raises(ConfigError, match="boss"):
        people.from_claims({"email": "a@x", "roles": ["boss"]}, {})


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::", "office.example"])
def test_other_addresses_are_refused_without_a_sign_in(tmp_path, address):
    with pytest.raises(OpenAddressError, match="没有配置登录"):
        check_address(Home(root=tmp_path), address)


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1"])
def test_the_own_machine_needs_no_sign_in(tmp_path, address):
    check_address(Home(root=tmp_path), address)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ('redirect_uri = "http://x/oauth2callback"', "cookie_secret"),
        (AUTH.replace("[auth]", "").replace("oauth2callback", "login"), "redirect_uri"),
        (AUTH.replace("[auth]", "").replace("0123456789abcdef0123456789abcdef", "short"), "cookie_secret"),
    ],
)
def test_a_sign_in_that_cannot_work_is_named_before_anything_starts(tmp_path, table, named):
    home = Home(root=tmp_path)
    home.secrets_file.write_text(f"[auth]\n{table}", "utf-8")
    with pytest.raises(ConfigError, match=named):
        sign_in(home)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    root = tmp_path_factory.mktemp("office")
    users = [oidc_provider_mock.User(sub=one["email"], claims=one) for one in (OFFICER, NOBODY, ADMIN)]
    with (
        oidc_provider_mock.run_server_in_thread(user_claims=users) as provider,
        served_home(root) as home,
    ):
        (home / "huiying.toml").write_text(REGION_TOML + PEOPLE, "utf-8")
        at = f"http://localhost:{provider.server_port}"
        assert httpx.get(f"{at}/.well-known/openid-configuration").status_code == 200
        secrets = home / "secrets.toml"
        # The pages' own address is only known once they are served: {{port}} is filled in by Streamlit.
        secrets.write_text(
            secrets.read_text("utf-8") + AUTH.format(pages="http://127.0.0.1:{port}", provider=at), "utf-8"
        )
        with served_pages(home, AUTHLIB_INSECURE_TRANSPORT="1") as url:
            yield home, url


def at_the_door(browser, url):
    """Open the pages as somebody who is not signed in: no cookie of another test comes along."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(SLOW)
    page.goto(url)
    return page


def signed_in(browser, url, email):
    page = at_the_door(browser, url)
    page.get_by_role("button", name=wording.LOGIN["button"], exact=True).click()
    page.get_by_role("button", name=email).click()
    page.get_by_text(wording.PAGES["today"]).first.wait_for()
    return page


def audited(root, action):
    with reader(root) as store:
        found = store.select(f"select actor, body from audit_events where action = '{action}'")
    return dict(zip(found["actor"], found["body"], strict=True))


@browser_test
def test_nobody_sees_anything_before_signing_in(office, browser):
    page = at_the_door(browser, f"{office[1]}/claim?claim=c-water")
    page.get_by_role("button", name=wording.LOGIN["button"], exact=True).wait_for()
    assert "二水厂" not in page.content()


@browser_test
def test_a_county_officer_cannot_see_another_county_on_any_page(office, browser):
    root, url = office
    page = signed_in(browser, url, OFFICER["email"])
    page.get_by_text("我们小区停水三天了").first.wait_for()
    assert "二水厂" not in page.content()
    for name in PAGES:
        page.goto(f"{url}/{name}")
        settled(page)
        for foreign in ("二水厂", "红绿灯", "体育馆", "李明,"):
            assert foreign not in page.content(), (name, foreign)
    page.goto(f"{url}/claim?claim=c-water")
    page.get_by_text("找不到这条说法").wait_for()
    assert '"counties": ["荔波县"]' in audited(root, "sign_in")["荔波值班"]


@browser_test
def test_the_list_of_people_makes_an_admin_who_sees_the_audit_log(office, browser):
    page = signed_in(browser, office[1], ADMIN["email"])
    page.get_by_text("李明").first.wait_for()
    page.goto(f"{office[1]}/system")
    page.get_by_text(wording_system.SYSTEM["audit"]).wait_for()
    page.goto(office[1])
    page.get_by_role("button", name=wording.LOGIN["out"]).click()
    page.wait_for_url("**/oauth2/end_session**")
    page.goto(office[1])
    page.get_by_role("button", name=wording.LOGIN["button"], exact=True).wait_for()
    assert "李明" in audited(office[0], "sign_out")


@browser_test
def test_without_a_role_the_door_stays_shut_and_the_try_is_recorded(office, browser):
    page = at_the_door(browser, office[1])
    page.get_by_role("button", name=wording.LOGIN["button"], exact=True).click()
    page.get_by_role("button", name=NOBODY["email"]).click()
    page.get_by_text("没有分配角色").first.wait_for()
    assert "二水厂" not in page.content()
    rows_when(office[0], f"select 1 from audit_events where actor = '{NOBODY['email']}'")
