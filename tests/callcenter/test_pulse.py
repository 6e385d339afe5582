"""Awake or not: by beats that come each second."""

from callcenter.pulse import LONGEST_S, Pulse


def test_what_beats_is_awake_after_a_while_and_what_stood_still_is_not() -> None:
    now = [100.0]
    pulse = Pulse(lambda: now[0])
    assert not pulse.was_awake()
    for _ in range(int(LONGEST_S) + 1):
        pulse.beat()
        now[0] += 1
    assert pulse.was_awake()
    now[0] += 90  # stopped
    assert not pulse.was_awake()
    pulse.beat()
    assert not pulse.was_awake()  # what lay in the sockets may still come
    for _ in range(int(LONGEST_S)):
        now[0] += 1
        pulse.beat()
    assert pulse.was_awake()
