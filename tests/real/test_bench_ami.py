"""The AMI benchmark runs, and every client counts the same events of the same stream."""

import json

from callcenter.bench import ami


def test_all_clients_take_in_the_same_stream_whole(monkeypatch):
    monkeypatch.setattr(ami, "RUNS", 1)
    told = ami.run(scale=0.005)
    rows = {row["client"]: row for row in told["rows"]}
    assert set(rows) == {"ours_all", "ours_filter", "asterisk_ami", "pyst2", "panoramisk"}
    for name, row in rows.items():
        wanted = round(row["events"] * told["stream"]["wanted_share"])
        assert abs(row["wanted"] - wanted) <= row["events"] * 0.001
        assert row["handed_on"] == (row["wanted"] if name == "ours_filter" else row["events"])
        assert row["events_per_cpu_s"] > 0 and row["events_per_s"] > 0
    assert json.loads(json.dumps(told)) == told
