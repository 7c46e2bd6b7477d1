"""What is guessed from the text itself, how far that is trusted, and how many guesses a step is worth."""

import random

from engine.worker.model.prompt_lookup import FIRST_TRUST, PromptLookup
from engine.worker.model.worth import FRESH_STEPS, MOST_GUESSES, REFUSED_STEPS, Worth, brings


def followed(tokens: list[int], start: int) -> PromptLookup:
    """As an answer does it: the tokens from `start` on come one by one."""
    growing = tokens[:start]
    lookup = PromptLookup(growing)
    for token in tokens[start:]:
        growing.append(token)
        lookup.add()
    return lookup


def test_a_text_that_goes_round_is_guessed_round_and_round() -> None:
    lookup = followed([5, 1, 2, 3] * 12, 20)
    assert list(lookup.guesses(10)) == [5, 1, 2, 3, 5, 1, 2, 3, 5, 1]
    assert lookup.trust > FIRST_TRUST[-1]


def test_what_is_said_again_is_guessed_from_where_it_stood() -> None:
    said = list(range(100, 160))
    lookup = followed([*said, 1, 2, *said[20:30]], 62)
    assert list(lookup.guesses(5)) == said[30:35]


def test_what_never_stood_before_is_not_guessed() -> None:
    lookup = followed(list(range(500)), 20)
    assert lookup.trust == 0.0


def test_guesses_that_would_have_been_wrong_lose_trust_without_being_tried() -> None:
    luck = random.Random(1)
    lookup = followed([luck.randrange(4) for _ in range(2000)], 10)
    assert 0.1 < lookup._trust[0] < 0.45  # one in four, after two or three letters of four


def test_a_guess_stands_where_the_last_two_tokens_stood_before() -> None:
    luck = random.Random(2)
    for _ in range(200):
        tokens = [luck.randrange(6) for _ in range(luck.randrange(3, 80))]
        lookup = followed(tokens, luck.randrange(2, len(tokens)))
        if lookup.trust:
            source = lookup.source
            assert tokens[source - 2 : source] == tokens[-2:]
            assert source < len(tokens)
            assert list(lookup.guesses(1)) == [tokens[source]]
        else:
            pairs = list(zip(tokens, tokens[1:], strict=False))
            assert pairs[-1] not in pairs[:-1]


def timed(plain_s: float, each: float, writing: int = 1) -> Worth:
    """What has been learned where a guess adds `each` steps."""
    worth = Worth()
    for _ in range(30):
        worth.took(plain_s, writing, 0)
        for size in (4, 8, 16):
            worth.took(plain_s * (1 + each * (size - writing)), writing, size - writing)
    worth.took(plain_s, writing, 0)
    return worth


def test_as_many_guesses_are_weighed_as_bring_the_most_words_a_second() -> None:
    cheap, dear = timed(0.1, 0.02), timed(0.1, 0.8)
    assert cheap.count(0.99, MOST_GUESSES, 1) == 15
    assert cheap.count(0.6, MOST_GUESSES, 1) in (3, 7)
    assert cheap.count(0.05, MOST_GUESSES, 1) == 0
    assert dear.count(0.6, MOST_GUESSES, 1) == 0
    assert dear.count(0.99, 2, 1) <= 2
    assert brings(1.0, 7) == 7
    assert abs(brings(0.5, 2) - 0.75) < 1e-9


def test_a_draft_that_is_slow_to_make_is_worth_fewer_guesses_or_none() -> None:
    worth = timed(0.1, 0.1)
    assert worth.count(0.9, MOST_GUESSES, 1) >= worth.count(0.9, MOST_GUESSES, 1, dear=0.3)
    assert worth.count(0.9, MOST_GUESSES, 1, dear=1.0) == 0


def test_nothing_is_guessed_before_a_step_without_guesses_was_timed() -> None:
    assert Worth().count(0.99, MOST_GUESSES, 1) == 0


def test_after_many_steps_with_guesses_comes_one_without() -> None:
    worth = timed(0.1, 0.1)
    for _ in range(FRESH_STEPS):
        assert not worth.due
        worth.took(0.2, 1, 7)
    assert worth.due
    worth.took(0.1, 1, 0)
    assert not worth.due


def test_guesses_that_were_too_dear_are_tried_again_in_the_end() -> None:
    worth = timed(0.1, 1.8)
    steps = 0
    while not worth.count(0.95, MOST_GUESSES, 1):
        steps += 1
    assert REFUSED_STEPS <= steps < 8 * REFUSED_STEPS


def test_guesses_keep_nobody_else_waiting() -> None:
    assert timed(0.05, 0.1, writing=2).count(0.99, MOST_GUESSES, 2) == 6  # in a tenth of a second
    assert timed(0.2, 0.1, writing=2).count(0.99, MOST_GUESSES, 2) == 0
