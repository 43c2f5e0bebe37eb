"""Turns: no more at work than promised, none lost, and nobody waits behind a crowd of another."""

import asyncio

import pytest

from toolkit.turns import Turn, Turns, give_up_turn


def turns(most: int = 1, *, patience: float = 60) -> Turns:
    return Turns(most, most_waiting=20, of_one=10, patience=patience)


async def queue_up(turns: Turns, *callers: str) -> list[asyncio.Task[Turn | None]]:
    """Have callers wait, in this order."""
    tasks = [asyncio.create_task(turns.take(caller)) for caller in callers]
    await asyncio.sleep(0.01)
    return tasks


async def test_a_caller_waits_behind_one_of_a_crowd_at_most():
    ours = turns()
    first = await ours.take("crowd")
    waiting = await queue_up(ours, *["crowd"] * 5, "alone")
    first.give_up()
    (await waiting[0]).give_up()
    (await waiting[5]).give_up()
    assert not waiting[1].done() or await waiting[1]


async def test_no_more_are_at_work_than_promised_and_none_is_lost():
    ours, at_work, most = turns(3), 0, 0

    async def work(number: int) -> bool:
        nonlocal at_work, most
        turn = await ours.take(str(number % 4))
        if turn is None:
            return False
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0.001 * (number % 3))
        at_work -= 1
        turn.give_up()
        turn.give_up()
        return True

    done = await asyncio.gather(*(work(number) for number in range(20)))
    assert all(done)
    assert most == 3
    assert all([await ours.take("x") for _ in range(3)])


async def test_a_crowd_that_waits_is_bounded():
    ours = turns()
    await ours.take("a")
    waiting = await queue_up(ours, *["a"] * 10, *["b"] * 10)
    assert await ours.take("a") is None
    assert await ours.take("c") is None
    for task in waiting:
        task.cancel()


async def test_nobody_waits_for_ever_and_a_turn_is_not_lost_with_who_left():
    ours = turns(patience=0.01)
    first = await ours.take("a")
    assert await ours.take("b") is None
    first.give_up()
    assert await ours.take("c")


@pytest.mark.parametrize("called_first", [True, False])
async def test_a_turn_goes_on_from_who_is_cancelled(called_first):
    ours = turns()
    first = await ours.take("a")
    (leaves, stays) = await queue_up(ours, "b", "c")
    if called_first:
        first.give_up()
    leaves.cancel()
    await asyncio.sleep(0)
    first.give_up()
    assert await asyncio.wait_for(stays, 5)


async def test_a_request_that_only_waits_gives_its_turn_up():
    ours = turns()
    await ours.take("a")
    give_up_turn()
    assert await ours.take("b")
