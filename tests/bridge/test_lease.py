"""lease.py: every line and branch."""

import pytest

from bridge.lease import Lease
from tests.bridge.peers import CAMERA

LOOK, OTHER = "a" * 22, "b" * 22


@pytest.fixture
def lease() -> Lease:
    found = Lease()
    found.expect(LOOK, CAMERA)
    return found


def test_nothing_is_allowed_before_the_first_lease(lease: Lease) -> None:
    assert lease.until is None
    assert not lease.permits(LOOK, CAMERA, 0.0)


def test_a_lease_allows_its_look_until_it_runs_out(lease: Lease) -> None:
    assert lease.renew(LOOK, CAMERA, 1, 3000, 10.0)
    assert lease.until == 13.0
    assert lease.permits(LOOK, CAMERA, 10.0)
    assert lease.permits(LOOK, CAMERA, 12.999)
    assert not lease.permits(LOOK, CAMERA, 13.0)
    assert not lease.permits(OTHER, CAMERA, 10.0)


def test_a_renewed_lease_lasts_longer(lease: Lease) -> None:
    assert lease.renew(LOOK, CAMERA, 1, 3000, 10.0)
    assert lease.renew(LOOK, CAMERA, 5, 3000, 11.0)
    assert lease.permits(LOOK, CAMERA, 13.9)


@pytest.mark.parametrize("counter", [4, 5], ids=["an older lease is refused", "a replayed lease is refused"])
def test_counters_only_grow(lease: Lease, counter: int) -> None:
    assert lease.renew(LOOK, CAMERA, 5, 3000, 10.0)
    assert not lease.renew(LOOK, CAMERA, counter, 3000, 12.0)
    assert lease.until == 13.0


def test_a_lease_that_ran_out_stays_out(lease: Lease) -> None:
    assert lease.renew(LOOK, CAMERA, 1, 1000, 10.0)
    assert not lease.renew(LOOK, CAMERA, 2, 3000, 11.0)
    assert not lease.permits(LOOK, CAMERA, 11.0)


def test_another_looks_lease_is_refused(lease: Lease) -> None:
    assert not lease.renew(OTHER, CAMERA, 1, 3000, 10.0)
    assert not lease.permits(OTHER, CAMERA, 10.0)


@pytest.mark.parametrize("ttl", [0, -1, 3001])
def test_a_ttl_out_of_range_is_refused(lease: Lease, ttl: int) -> None:
    assert not lease.renew(LOOK, CAMERA, 1, ttl, 10.0)


def test_a_clock_that_runs_backwards_allows_nothing(lease: Lease) -> None:
    assert lease.renew(LOOK, CAMERA, 1, 3000, 10.0)
    assert not lease.permits(LOOK, CAMERA, 9.999)


def test_a_dropped_lease_allows_and_renews_nothing(lease: Lease) -> None:
    assert lease.renew(LOOK, CAMERA, 1, 3000, 10.0)
    lease.drop()
    assert not lease.permits(LOOK, CAMERA, 10.0)
    assert not lease.renew(LOOK, CAMERA, 2, 3000, 10.0)
    assert lease.until is None


def test_expecting_another_look_ends_the_first(lease: Lease) -> None:
    assert lease.renew(LOOK, CAMERA, 1, 3000, 10.0)
    lease.expect(OTHER, CAMERA)
    assert not lease.permits(LOOK, CAMERA, 10.0)
    assert not lease.permits(OTHER, CAMERA, 10.0)
    assert lease.renew(OTHER, CAMERA, 1, 3000, 10.0)


def test_the_forwarders_question_follows_the_clock(lease: Lease) -> None:
    now = 10.0
    permit = lease.permit(LOOK, CAMERA, lambda: now)
    assert permit() is False
    assert lease.renew(LOOK, CAMERA, 1, 3000, now)
    assert permit() is True
    now = 13.0
    assert permit() is False
