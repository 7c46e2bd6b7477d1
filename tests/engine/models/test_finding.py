"""Searching the hub and looking into a repository: what is found, what leaves this computer, and what is refused."""

from collections.abc import Callable

import pytest

from engine.engine import Engine
from engine.errors import HubModelNotFound, HubModelRefused, HubSearchRefused, HubUnreachable, TextNotAccepted
from engine.ledger import Ledger
from engine.loading import LoadOptions
from engine.models import Finding
from engine.models.finding import MOST_FOUND
from engine.operation import Cancel, finish
from engine.places import Places
from engine.store import Store
from engine.types import HubKind, HubSort, Verdict
from tests.fakes.hub import FakeHub
from tests.fakes.hub_api import Card

REPOSITORY = "someone/Model-GGUF"


@pytest.fixture
def finding(store: Store, places: Places, hub: FakeHub) -> Finding:
    """One that knows that hub, on a computer where nothing was written yet."""
    return made(store, places, hub.endpoint)


def made(store: Store, places: Places, endpoint: str) -> Finding:
    """One that asks `endpoint`."""
    return Finding(Ledger(store.connections), places, endpoint, tuple, LoadOptions, tuple)


def names(finding: Finding, words: str, **how: object) -> list[str]:
    """The repositories that a search finds."""
    found = finish(finding.search(words, Cancel(), **how))  # type: ignore[arg-type]
    return [model.repository for model in found.models]


def some(hub: FakeHub) -> None:
    """Three repositories of GGUF files and two of safetensors."""
    hub.cards["a/Tea-1B-GGUF"] = Card(downloads=5, likes=9, created="2024-01-01T00:00:00.000Z", gated="manual")
    hub.cards["b/Tea-3B-GGUF"] = Card(downloads=90, likes=1, created="2025-01-01T00:00:00.000Z", licence="mit")
    hub.cards["c/Coffee-GGUF"] = Card(downloads=50)
    hub.cards["d/Tea-1B"] = Card(kind="safetensors", architecture="qwen3")
    hub.cards["e/Tea-odd"] = Card(kind="safetensors", architecture="mamba")


def test_a_search_finds_repositories_of_gguf_files_in_the_order_that_was_asked_for(
    finding: Finding, hub: FakeHub
) -> None:
    some(hub)
    assert names(finding, "  tea ") == ["b/Tea-3B-GGUF", "a/Tea-1B-GGUF"]
    assert names(finding, "tea", sort=HubSort.LIKES) == ["a/Tea-1B-GGUF", "b/Tea-3B-GGUF"]
    assert names(finding, "tea", sort=HubSort.NEWEST) == ["b/Tea-3B-GGUF", "a/Tea-1B-GGUF"]
    assert names(finding, "cocoa") == []


def test_a_result_tells_licence_gate_downloads_and_dates(finding: Finding, hub: FakeHub) -> None:
    some(hub)
    (model,) = finish(finding.search("Tea-1B", Cancel())).models
    assert (model.licence, model.gated, model.downloads, model.likes) == ("apache-2.0", "manual", 5, 9)
    assert (model.published_at, model.updated_at) == ("2024-01-01T00:00:00+00:00", "2025-05-02T08:30:00+00:00")
    assert (model.architecture, model.parameters, model.context_tokens) == ("llama", 1_000_000_000, 8192)
    assert model.languages == ("en",)


def test_of_safetensors_only_those_that_can_be_converted_are_shown_and_the_others_counted(
    finding: Finding, hub: FakeHub
) -> None:
    some(hub)
    found = finish(finding.search("tea", Cancel(), kind=HubKind.SAFETENSORS))
    assert [model.repository for model in found.models] == ["d/Tea-1B"]
    assert found.left_out == 1


def test_what_is_sent_is_the_words_and_what_is_wanted_and_no_token_or_telemetry(
    finding: Finding, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody")
    names(finding, "tea")
    (request,) = hub.requests
    assert request.method == "GET"
    assert request.path.startswith("/api/models?")
    assert "search=tea" in request.path
    assert "filter=gguf" in request.path
    assert "authorization" not in request.headers
    assert request.headers["user-agent"] == "hanare"
    assert set(request.headers) <= {"accept", "accept-encoding", "connection", "host", "user-agent"}


def test_a_token_that_was_given_goes_to_the_hub(finding: Finding, hub: FakeHub) -> None:
    hub.cards[REPOSITORY] = Card(private=True)
    with pytest.raises(HubModelRefused, match="is private and takes a token"):
        finish(finding.open(REPOSITORY, Cancel()))
    finish(finding.open(REPOSITORY, Cancel(), token="hf_mine"))
    assert hub.requests[-1].headers["authorization"] == "Bearer hf_mine"


def test_every_question_stands_in_the_ledger_with_what_it_was_for(finding: Finding, hub: FakeHub, store: Store) -> None:
    some(hub)
    names(finding, "tea")
    finish(finding.open("b/Tea-3B-GGUF", Cancel()))
    lines = [(line.process, line.why, line.what, line.received_bytes > 0) for line in Ledger(store.connections).all()]
    assert lines == [("fetcher", "search", "b/Tea-3B-GGUF", True), ("fetcher", "search", "tea", True)]


def test_a_repository_tells_what_it_is_and_which_files_fit(finding: Finding, hub: FakeHub) -> None:
    hub.cards[REPOSITORY] = Card(licence="mit", base_model="someone/Model", languages=("en", "ja"))
    hub.put(REPOSITORY, "model-Q8_0.gguf", b"x" * 900)
    hub.put(REPOSITORY, "model-Q4_K_M.gguf", b"x" * 500)
    hub.put(REPOSITORY, "README.md", b"words", lfs=False)
    found = finish(finding.open(REPOSITORY, Cancel()))
    assert [(offer.file, offer.size_bytes, offer.quantization) for offer in found.offers] == [
        ("model-Q4_K_M.gguf", 500, "Q4_K_M"), ("model-Q8_0.gguf", 900, "Q8_0")
    ]  # fmt: skip
    assert all(offer.outlook and offer.outlook.verdict is Verdict.FITS for offer in found.offers)
    assert found.model.licence == "mit"
    assert found.model.base_models == ("someone/Model",)
    assert found.model.languages == ("en", "ja")
    assert found.left_out == 0


def test_the_parts_of_a_model_are_one_and_a_projector_comes_last(finding: Finding, hub: FakeHub) -> None:
    for number in (1, 2, 3):
        hub.put(REPOSITORY, f"deep/big-Q6_K-0000{number}-of-00003.gguf", b"x" * 100)
    hub.put(REPOSITORY, "cut-Q6_K-00001-of-00002.gguf", b"x" * 10)
    hub.put(REPOSITORY, "mmproj-f16.gguf", b"x")
    cut, big, projector = finish(finding.open(REPOSITORY, Cancel())).offers
    assert (big.file, big.parts, big.size_bytes, big.whole) == ("deep/big-Q6_K-00001-of-00003.gguf", 3, 300, True)
    assert (cut.parts, cut.whole) == (2, False)
    assert (projector.file, projector.outlook) == ("mmproj-f16.gguf", None)


def test_a_file_that_is_larger_than_the_memory_is_too_big(
    finding: Finding, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.cards[REPOSITORY] = Card(
        more={
            "siblings": [
                {"rfilename": f"m-{form}.gguf", "size": size} for form, size in (("Q2_K", 1), ("Q8_0", 1 << 45))
            ]
        }
    )
    small, large = finish(finding.open(REPOSITORY, Cancel())).offers
    assert small.outlook is not None
    assert large.outlook is not None
    assert (small.outlook.verdict, large.outlook.verdict) == (Verdict.FITS, Verdict.TOO_BIG)
    assert large.outlook.slow


def test_a_repository_that_is_not_there_is_told_so(finding: Finding, hub: FakeHub) -> None:
    with pytest.raises(HubModelRefused, match="nobody/nothing"):
        finish(finding.open("nobody/nothing", Cancel()))
    hub.cards[REPOSITORY] = Card()
    hub.moved_to = "/gone"
    with pytest.raises(HubModelNotFound, match=REPOSITORY):
        finish(finding.open(REPOSITORY, Cancel()))


@pytest.mark.parametrize("words", ["", "   ", "x" * 201, "a\0b", "a\u202eb"])
def test_words_that_no_name_has_are_refused_before_anything_is_sent(finding: Finding, hub: FakeHub, words: str) -> None:
    with pytest.raises(TextNotAccepted):
        names(finding, words)
    assert hub.requests == []


@pytest.mark.parametrize("repository", ["../x", "a/b/c", "a/../b", "x\0", "", "a--b/c"])
def test_a_name_that_no_repository_has_is_refused_before_anything_is_sent(
    finding: Finding, hub: FakeHub, repository: str
) -> None:
    with pytest.raises(TextNotAccepted):
        finish(finding.open(repository, Cancel()))
    assert hub.requests == []


def test_a_hub_that_does_not_answer_is_told_so(store: Store, places: Places, hub: FakeHub) -> None:
    hub.troubled = 3
    with pytest.raises(HubUnreachable, match="it answered with 503"):
        names(made(store, places, hub.endpoint), "tea")
    with pytest.raises(HubUnreachable, match="no connection could be made"):
        names(made(store, places, "http://127.0.0.1:9"), "tea")
    with pytest.raises(HubSearchRefused, match="not encrypted"):
        names(made(store, places, "http://hub.example"), "tea")


def test_a_trouble_that_passes_is_waited_for(finding: Finding, hub: FakeHub) -> None:
    some(hub)
    hub.troubled = 1
    assert len(names(finding, "tea")) == 2


def test_a_hub_that_asks_for_a_days_rest_is_not_waited_for(finding: Finding, hub: FakeHub) -> None:
    hub.troubled, hub.retry_after = 1, "86400"
    with pytest.raises(HubUnreachable):
        names(finding, "tea")


def test_another_host_is_never_asked(finding: Finding, hub: FakeHub, store: Store) -> None:
    hub.moved_to = "https://elsewhere.example/api/models"
    with pytest.raises(HubSearchRefused, match="another host"):
        names(finding, "tea")
    blocked = [line for line in Ledger(store.connections).all() if line.host == "elsewhere.example"]
    assert [line.outcome.value for line in blocked] == ["blocked"]


def test_pages_without_an_end_have_one_here(finding: Finding, hub: FakeHub) -> None:
    for number in range(60):
        hub.cards[f"a/tea-{number:03d}"] = Card(downloads=number)
    assert len(names(finding, "tea")) == MOST_FOUND
    hub.page_of = 1
    with pytest.raises(HubSearchRefused, match="from page to page"):
        names(finding, "tea")
    assert len(hub.requests) < 10


def test_the_sizes_of_the_catalogue_are_asked_for_kept_and_used(
    finding: Finding, hub: FakeHub, store: Store, places: Places
) -> None:
    model = finding.catalogue[0]
    hub.put(model.repository, "Renamed-Q4_K_M.gguf", b"x" * 1000)
    assert hub.requests == []
    assert finish(finding.refresh(Cancel())) == 1
    (file,) = made(store, places, hub.endpoint).catalogue[0].files
    assert (file.name, file.size_bytes, file.about) == ("Renamed-Q4_K_M.gguf", 1000, False)
    assert {line.why for line in Ledger(store.connections).all()} == {"catalogue"}
    assert len(made(store, places, hub.endpoint).catalogue[1].files) == len(finding.catalogue[1].files)


@pytest.mark.parametrize("kept", [b"", b"[]", b'{"a": 1}', b'{"a": {"Q4_K_M": ["../x.gguf", 5]}}', b"\xff" * 9])
def test_sizes_that_were_kept_and_are_damaged_count_as_never_kept(
    finding: Finding, places: Places, kept: bytes
) -> None:
    before = finding.catalogue
    places.sizes.write_bytes(kept)
    assert finding.catalogue == before


def test_recommending_asks_nobody(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr("engine.models.finding.Process", never)
    assert finish(engine.finding.recommended(Cancel())).models
    assert engine.ledger.all() == ()


HOSTILE: dict[str, Callable[[FakeHub], None]] = {
    "no json": lambda hub: setattr(hub, "told", b"<html>"),
    "another shape": lambda hub: setattr(hub, "told", b'{"id": [1]}'),
    "rows of numbers": lambda hub: setattr(hub, "told", b"[1, 2, 3]"),
    "no id": lambda hub: setattr(hub, "told", b'[{"downloads": 1}]'),
    "deep": lambda hub: setattr(hub, "told", b"[" * 100_000),
    "endless": lambda hub: setattr(hub, "told", b"[" + b" " * (17 << 20) + b"]"),
    "no moment": lambda hub: setattr(hub, "told", b'[{"id": "a/b", "createdAt": "yesterday"}]'),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_an_answer_that_is_none_is_refused_with_a_reason(finding: Finding, hub: FakeHub, how: str) -> None:
    HOSTILE[how](hub)
    with pytest.raises(HubSearchRefused, match="could not be read"):
        names(finding, "tea")
    if how == "another shape":  # of a list; of a repository it only tells nothing
        assert finish(finding.open(REPOSITORY, Cancel())).offers == ()
        return
    with pytest.raises(HubModelRefused, match="could not be read"):
        finish(finding.open(REPOSITORY, Cancel()))


def test_a_packed_answer_is_refused(finding: Finding, hub: FakeHub) -> None:
    hub.told, hub.packed = b"x" * 100, True
    with pytest.raises(HubSearchRefused, match="could not be read"):
        names(finding, "tea")


def test_a_hostile_card_is_short_and_has_its_types(finding: Finding, hub: FakeHub) -> None:
    evil = "<img src=//evil.example/x>\x1b[2J\u202e" + "A" * 1000
    hub.cards[REPOSITORY] = Card(
        licence=evil, languages=[evil] * 5000, base_model=evil,
        more={
            "downloads": "many", "likes": -5, "gated": {"x": 1}, "pipeline_tag": [evil], "library_name": evil,
            "gguf": {"total": 1e300, "architecture": evil, "context_length": 2**70}, "tags": [evil, 7, None],
        },
    )  # fmt: skip
    model = finish(finding.open(REPOSITORY, Cancel())).model
    assert (model.repository, model.downloads, model.likes, model.gated) == (REPOSITORY, 0, 0, "manual")
    assert (model.parameters, model.context_tokens, model.task) == (0, 0, "")
    assert len(model.languages) <= 40
    for text in (model.licence, model.architecture, model.library, *model.languages, *model.base_models):
        assert len(text) <= 200
        assert "\n" not in text


@pytest.mark.parametrize(
    "name",
    ["../../x.gguf", "/etc/x.gguf", "a/../x.gguf", "x\x1b[2J.gguf", "x\u202e.gguf", "x" * 500 + ".gguf",
     "m-00001-of-99999.gguf", "m-00000-of-00002.gguf"],
)  # fmt: skip
def test_a_file_whose_name_is_no_name_is_counted_and_not_shown(finding: Finding, hub: FakeHub, name: str) -> None:
    siblings = [{"rfilename": name, "size": 5}, {"rfilename": "good-Q8_0.gguf", "size": 5}]
    hub.cards[REPOSITORY] = Card(more={"siblings": siblings})
    found = finish(finding.open(REPOSITORY, Cancel()))
    assert [offer.file for offer in found.offers] == ["good-Q8_0.gguf"]
    assert found.left_out == 1


def test_a_repository_of_very_many_files_has_an_end(finding: Finding, hub: FakeHub) -> None:
    siblings = [{"rfilename": f"m-{number}.gguf", "size": number + 1} for number in range(20_000)]
    hub.cards[REPOSITORY] = Card(more={"siblings": siblings})
    found = finish(finding.open(REPOSITORY, Cancel()))
    assert len(found.offers) + found.left_out == 20_000
    assert len(found.offers) <= 300
