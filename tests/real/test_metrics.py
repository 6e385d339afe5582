"""What /metrics says of a hotline at work."""

from __future__ import annotations

import sqlite3
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from tests.real.house import House

CHANGCHUN = "+864315550123"


def metrics(house: House) -> dict[str, float]:
    """Figures without labels, by name."""
    with urllib.request.urlopen(f"http://{house.settings.web}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    families = text_string_to_metric_families(text)
    return {s.name: s.value for family in families for s in family.samples if not s.labels}


def test_the_parts_tell_what_they_have_done(house: House) -> None:
    before = metrics(house)
    assert before["hotline_ami_links_total"] == 1
    assert before["hotline_agi_lines"] == 0
    assert before["hotline_facts_appended_total"] == 0

    house.seat("8001", talk_s=4)
    call = house.sipp.citizen(keys=((1.0, "2"), (9.0, "1")), caller=CHANGCHUN)
    house.wait_for(lambda: metrics(house)["hotline_agi_lines"] == 1, what="one line is open")
    call.wait(60)
    house.ended()
    house.wait_for(
        lambda: metrics(house)["hotline_spool_behind_bytes"] == 0, what="all is in the database"
    )
    after = metrics(house)
    assert after["hotline_agi_lines"] == 0
    assert after["hotline_facts_appended_total"] == after["hotline_facts_drained_total"] >= 5
    for name in ("facts_lost_total", "facts_refused_total", "ami_faults_total", "facts_held"):
        assert after[f"hotline_{name}"] == 0, name
    assert after["hotline_board_reserved_total"] == 1
    assert after["hotline_board_written_total"] > 0
    assert after["hotline_ami_events_total"] > before["hotline_ami_events_total"]
    assert after["hotline_leases_expired_total"] == 0

    house.node.kill()
    house.node.start()
    house.wait_for(lambda: metrics(house)["hotline_ami_links_total"] == 2, what="a second link")


def test_what_is_away_shows(house: House) -> None:
    lock = sqlite3.connect(house.settings.home / "hotline.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        house.stop_redis()
        house.sipp.citizen(hangup_after_s=1.0).wait(30)
        house.wait_for(lambda: metrics(house)["hotline_board_outages_total"] == 1, what="Redis")
        house.wait_for(
            lambda: metrics(house)["hotline_database_failures_total"] > 0,
            what="the database",
            timeout_s=40,
        )
        assert metrics(house)["hotline_spool_behind_bytes"] > 0
        assert metrics(house)["hotline_board_pending"] > 0
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    house.start_redis()
    house.wait_for(lambda: metrics(house)["hotline_spool_behind_bytes"] == 0, what="caught up")
    house.wait_for(lambda: metrics(house)["hotline_board_pending"] == 0, what="Redis has it all")
    assert metrics(house)["hotline_board_resyncs_total"] == 2


def test_a_move_that_does_not_fit_is_counted(house: House) -> None:
    house.seat("8001", talk_s=8)
    call = house.sipp.citizen(keys=((1.0, "2"),), caller=CHANGCHUN, hangup_after_s=20)
    house.wait_for(lambda: house.seat_state("8001") == "talking", what="8001 talks")
    assert metrics(house)["hotline_seat_moves_refused_total"] == 0
    house.sipp.dial("8001", "*0").wait(20)  # from a second line of the same phone
    house.wait_for(
        lambda: metrics(house)["hotline_seat_moves_refused_total"] == 1, what="it is counted"
    )
    assert house.seat_state("8001") == "talking"
    call.stop()
