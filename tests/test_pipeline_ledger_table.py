import json
import multiprocessing
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from click.testing import CliRunner
from docx import Document

from pipeline.cli.ledger import command
from pipeline.client import StoreClient
from pipeline.config import Settings
from pipeline.handover import handover
from pipeline.handover_files import write_handover
from pipeline.ledger import Ledger, LedgerStage
from pipeline.ledger_chain import GENESIS, verify
from pipeline.ledger_events import Assigned, Blocked, Declined, Noted
from pipeline.ledger_records import ReviewRules
from pipeline.ledger_table import COLUMNS, export_ledger
from pipeline.processes import free_port
from pipeline.roles import Role, User
from pipeline.rules import Rules
from pipeline.store import Store
from pipeline.triage import TriageStage

SEEN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DUTY = User(name="值班甲", roles=frozenset({Role.DUTY}))


def add_claims(store):
    for claim_id, text, seen in (("c1", "=cmd|' /C calc'!A0", SEEN), ("c2", "惠水停水", SEEN + 20 * HOUR)):
        row = {
            "claim_id": claim_id, "text": text, "first_seen": seen, "last_seen": seen, "size": 5,
            "spreading": 4, "authors": 4, "counties": ["惠水县"], "channels": ["forum"], "need": "help",
            "rumor_score": 0.9, "kind": "claim", "recurs": None, "updated_at": seen,
        }  # fmt: skip
        store.insert("claims", [row])
    TriageStage(store, Rules.load(Settings()), Settings()).run(SEEN)
    LedgerStage(store, Rules.load(Settings()), ReviewRules()).run(SEEN)


def refresh(store, now):
    LedgerStage(store, Rules.load(Settings()), ReviewRules()).run(now)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HUIYING_HOME", str(tmp_path))
    monkeypatch.setenv("HUIYING_ACTOR", "值班甲")
    with Store.open(tmp_path) as store:
        add_claims(store)
    return tmp_path


def test_the_hand_over_sheet_says_what_is_due_and_who_is_waited_for(home):
    with Store.open(home) as store:
        ledger = Ledger.open(store, Settings())
        ledger.record(DUTY, "c1", Assigned(county="惠水县", department="水务局"), SEEN + HOUR)
        ledger.record(DUTY, "c1", Blocked(by="水厂"), SEEN + HOUR)
        ledger.record(DUTY, "c2", Declined(reason="small"), SEEN + 21 * HOUR)
        refresh(store, SEEN + 22 * HOUR)
        sheet = handover(ledger, SEEN + 12 * HOUR, SEEN + 46 * HOUR)
    assert [row["claim_id"] for row in sheet.due[5]] == ["c1"]
    assert [row["claim_id"] for row in sheet.closed] == ["c2"]
    assert not sheet.opened
    text = sheet.text()
    assert "等待:水厂" in text
    assert "【超时未回应】无" in text
    assert f"台账链头 {sheet.chain_head}" in text


def test_a_formula_stays_a_text_in_the_exported_table(home, tmp_path):
    with Store.open(home) as store:
        ledger = Ledger.open(store, Settings())
        assert export_ledger(ledger, tmp_path / "t.xlsx", SEEN + 60 * HOUR) == 2
        assert export_ledger(ledger, tmp_path / "t.csv", SEEN + 60 * HOUR) == 2
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    rows = list(sheet.iter_rows())
    assert rows[0][0].value == "舆情回应台账(截至 2026-03-04 21:00)"
    assert tuple(cell.value for cell in rows[1]) == COLUMNS
    assert (sheet.freeze_panes, sheet.page_setup.orientation) == ("D3", "landscape")
    assert rows[2][2].data_type == "s"
    assert rows[2][11].value == "是"
    assert rows[2][7].value == "48 小时内回应,国办发〔2016〕61号,自首次发现起"
    assert "'=cmd|" in (tmp_path / "t.csv").read_text("utf-8-sig")


def test_the_command_line_records_lists_shows_and_verifies(home):
    runner = CliRunner()
    body = json.dumps({"county": "惠水县", "department": "水务局"}, ensure_ascii=False)
    assert runner.invoke(command, ["record", "c2", "assigned", body]).exit_code == 0
    again = runner.invoke(command, ["record", "c2", "assigned", body])
    assert again.exit_code == 2
    assert "已经交办给" in again.output
    listed = runner.invoke(command, ["list", "--overdue", "--json"])
    assert {json.loads(line)["claim_id"] for line in listed.output.splitlines()} == {"c1", "c2"}
    shown = runner.invoke(command, ["show", "c2"])
    assert "已交办" in shown.output
    assert "国办发〔2016〕61号" in shown.output
    assert runner.invoke(command, ["show", "nope"]).exit_code == 2
    checked = runner.invoke(command, ["verify", "--json"])
    assert json.loads(checked.output)["waiting"] == 1
    assert "交接班单" in runner.invoke(command, ["handover"]).output


def test_a_changed_event_makes_verify_fail(home):
    with Store.open(home) as store:
        ledger = Ledger.open(store, Settings())
        ledger.record(DUTY, "c1", Noted(text="甲"), SEEN)
        refresh(store, SEEN)
        store.connection.execute("""update ledger_events set body = '{"text": "乙"}'""")
    found = CliRunner().invoke(command, ["verify"])
    assert found.exit_code == 1
    assert "内容被改动过" in found.output


def own_store(home, port, ready, sealing, sealed, stop):
    with Store.open(home) as store:
        store.serve(port, "a" * 64, "b" * 64)
        ready.set()
        sealing.wait(60)
        refresh(store, SEEN + 2 * HOUR)
        sealed.set()
        stop.wait(60)


def test_what_a_client_appends_the_owner_seals(home):
    port, context = free_port(), multiprocessing.get_context("spawn")
    ready, sealing, sealed, stop = (context.Event() for _ in range(4))
    owner = context.Process(target=own_store, args=(home, port, ready, sealing, sealed, stop))
    owner.start()
    try:
        assert ready.wait(60)
        with StoreClient.connect(f"quack:localhost:{port}", "b" * 64, home / "extensions") as client:
            ledger = Ledger.open(client, Settings())
            # The second machine's clock is behind: order is of arrival.
            ledger.record(DUTY, "c1", Assigned(county="惠水县", department="水务局"), SEEN + HOUR)
            ledger.record(DUTY, "c1", Blocked(by="水厂"), SEEN)
            assert verify(client).waiting == 2
            sealing.set()
            assert sealed.wait(60)
            assert verify(client).sealed == 2
            response = ledger.response("c1", SEEN + 2 * HOUR)
            assert [entry.kind for entry in response.history] == ["assigned", "blocked"]
            assert [row["state"] for row in ledger.page()] == ["assigned", "pending"]
    finally:
        sealing.set()
        stop.set()
        owner.join(30)
    assert owner.exitcode == 0


@pytest.mark.parametrize("kind", ["docx", "html", "xlsx"])
def test_the_hand_over_sheet_is_written_as_a_file(home, tmp_path, kind):
    path = tmp_path / f"sheet.{kind}"
    found = CliRunner().invoke(command, ["handover", "--output", str(path)])
    assert found.exit_code == 0, found.output
    if kind == "xlsx":
        said = str([[cell.value for cell in row] for row in openpyxl.load_workbook(path).active.iter_rows()])
    elif kind == "docx":
        paper = Document(path)
        cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
        said = "\n".join([*(line.text for line in paper.paragraphs), *cells])
    else:
        said = path.read_text("utf-8")
    assert "惠水停水" in said
    assert GENESIS[:20] in said
    again = CliRunner().invoke(command, ["handover", "--output", str(path)])
    assert (again.exit_code, "已存在" in again.output) == (2, True)


def test_what_sank_out_of_the_queue_is_on_the_sheet(home):
    with Store.open(home) as store:
        store.connection.execute("update claims set need = 'none' where claim_id = 'c2'")
        TriageStage(store, Rules.load(Settings()), Settings()).run(SEEN + 30 * HOUR)
        sheet = handover(Ledger.open(store, Settings()), SEEN + 29 * HOUR, SEEN + 31 * HOUR)
    assert [row["claim_id"] for row in sheet.shelved] == ["c2"]
    assert "自动搁置(优先级低,无人接手)】1 件" in sheet.text()


def test_the_sheet_lists_every_alert_that_is_silent_now_and_no_other(home, tmp_path):
    now = SEEN + 60 * HOUR
    with Store.open(home) as store:
        for number, (muted, until) in enumerate([(30, 70), (55, 58), (56, 80)]):
            alert = {
                "alert_id": f"a{number}", "claim_id": "c2", "raised_at": SEEN, "level": "red", "observed": 9,
                "expected": 1.0, "upper": 3.0, "window_minutes": 60, "score": 5.0, "trigger": "burst",
                "reasons": [], "post_ids": [],
            }  # fmt: skip
            store.insert("alerts", [alert])
            body = json.dumps({"until": (SEEN + until * HOUR).isoformat()})
            event = {"event_id": f"e{number}", "alert_id": f"a{number}", "kind": "muted", "body": body}
            store.append("alert_events", {**event, "actor": "李明", "recorded_at": SEEN + muted * HOUR})
        lifted = {"event_id": "e9", "alert_id": "a2", "kind": "unmuted", "body": "{}", "actor": "李明"}
        store.append("alert_events", {**lifted, "recorded_at": SEEN + 57 * HOUR})
        sheet = handover(Ledger.open(store, Settings()), SEEN + 52 * HOUR, now)
    # The first was silenced in an earlier shift and still is; the second one ended; the third was lifted.
    assert [row["alert_id"] for row in sheet.silenced] == ["a0"]
    assert "静默至 03月05日 07:00" in sheet.text()
    write_handover(sheet, "测试办", tmp_path / "sheet.xlsx")
    cells = [cell.value for row in openpyxl.load_workbook(tmp_path / "sheet.xlsx").active for cell in row]
    assert any("静默至 03月05日 07:00" in str(value) for value in cells)


def test_a_desk_whose_clock_runs_ahead_is_found(home):
    with Store.open(home) as store:
        ledger = Ledger.open(store, Settings())
        ledger.record(DUTY, "c1", Noted(text="甲"), SEEN + HOUR)
        ledger.record(DUTY, "c2", Noted(text="乙"), SEEN + 7 * HOUR / 6)
        refresh(store, SEEN + HOUR)
        found = store.rows("clocks_ahead", since=SEEN, most_seconds=60.0)
    assert found == [{"kind": "desk", "name": "", "seconds": 600.0}]
