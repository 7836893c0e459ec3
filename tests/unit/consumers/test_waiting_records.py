"""Partitions that wait for a schema registry are tried again, ever less often, until their record is read."""

from kafka import TopicPartition

from consumers.waiting_records import WaitingRecords

ONE, OTHER = TopicPartition("one", 0), TopicPartition("other", 3)


def test_a_partition_is_tried_again_ever_less_often() -> None:
    """A registry that is away for hours is not asked every second, and no longer than half a minute apart."""
    now = [0.0]
    waiting = WaitingRecords(lambda: now[0])
    found = []
    for _ in range(7):
        waiting.hold(ONE, 5, "away")
        assert waiting.stands_still(ONE)
        begun = now[0]
        while not waiting.due():
            now[0] += 0.5
        assert not waiting.stands_still(ONE)
        assert waiting.due() == []
        found.append(now[0] - begun)
    assert found == [1, 2, 4, 8, 16, 30, 30]
    waiting.hold(ONE, 6, "away")  # the next record
    now[0] += 1
    assert waiting.due() == [ONE]


def test_a_record_that_was_read_ends_the_wait() -> None:
    """Of its partition, and of no other; what another member took is not ours to wait for."""
    waiting = WaitingRecords()
    waiting.hold(ONE, 5, "away")
    waiting.hold(OTHER, 5, "away")
    assert waiting.words == ["away; topic one, other waits for it"]
    waiting.passed(ONE, 5)
    assert len(waiting) == 2
    waiting.passed(ONE, 6)
    assert waiting.words == ["away; topic other waits for it"]
    waiting.drop(OTHER)
    assert len(waiting) == 0
    assert not waiting.stands_still(OTHER)
