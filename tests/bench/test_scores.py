"""The measures of a ranking, against values reckoned by hand and trec_eval's definitions."""

import math

import pytest

from bench.scores import ndcg, recall, reciprocal_rank, scores


def test_recall_is_the_share_of_what_is_relevant() -> None:
    relevance = {1: 1, 2: 2, 3: 0, 4: 1, 5: 1}
    assert recall([3, 1, 2, 9, 9], relevance, 1) == 0.0
    assert recall([3, 1, 2, 9, 9], relevance, 2) == 0.25
    assert recall([3, 1, 2, 4, 5], relevance, 5) == 1.0


def test_reciprocal_rank_looks_for_the_first_that_is_relevant() -> None:
    assert reciprocal_rank([7, 8, 1], {1: 1, 8: 0}) == pytest.approx(1 / 3)
    assert reciprocal_rank([0] * 10 + [1], {1: 1}) == 0.0
    assert reciprocal_rank([], {1: 1}) == 0.0


def test_gain_counts_grades_by_their_places() -> None:
    # Grades 3, 2, 3, 0, 1, 2 in this order, and 3 and 2 that were not found: the usual worked example.
    relevance = {1: 3, 2: 2, 3: 3, 4: 0, 5: 1, 6: 2, 7: 3, 8: 2}
    gained = 3 + 2 / math.log2(3) + 3 / 2 + 0 + 1 / math.log2(6) + 2 / math.log2(7)
    best = 3 + 3 / math.log2(3) + 3 / 2 + 2 / math.log2(5) + 2 / math.log2(6) + 2 / math.log2(7)
    assert gained == pytest.approx(6.861, abs=0.001)
    assert best == pytest.approx(8.740, abs=0.001)
    assert ndcg([1, 2, 3, 4, 5, 6], relevance, 6) == pytest.approx(0.785, abs=0.001)


def test_the_best_order_gains_all_and_depth_cuts_both_sides() -> None:
    relevance = dict.fromkeys(range(30), 1)
    assert ndcg(list(range(10)), relevance) == 1.0
    assert ndcg([*range(100, 110), *range(10)], relevance) == 0.0


def test_with_one_that_is_relevant_gain_is_a_matter_of_its_place() -> None:
    assert ndcg([9, 5], {5: 1}) == pytest.approx(1 / math.log2(3))


def test_scores_are_means_over_the_questions() -> None:
    means = scores([[1, 2], [2, 1], []], [{1: 1}, {1: 1}, {1: 1}])
    assert means == {
        "recall at 1": pytest.approx(1 / 3), "recall at 5": pytest.approx(2 / 3), "recall at 10": pytest.approx(2 / 3),
        "MRR at 10": pytest.approx(0.5), "nDCG at 10": pytest.approx((1 + 1 / math.log2(3)) / 3),
    }  # fmt: skip
