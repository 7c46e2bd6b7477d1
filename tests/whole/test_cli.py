"""The command `hanare` as a person types it: real processes, real documents, real llama.cpp."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.engine import Engine, Places

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "resources" / "samples"


def environment() -> dict[str, str]:
    """The environment of a terminal without a display, a keychain or UTF-8."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "HANARE_DATA")
    }
    kept.pop("QT_QPA_PLATFORM", None)
    return kept | {"HANARE_KEYCHAIN": "off", "LC_ALL": "C"}


def hanare(
    *arguments: str, data: Path | None = None, said: str = "", **more: str
) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end; `more` goes into its environment."""
    where = ["--data", str(data)] if data else []
    return subprocess.run(
        [sys.executable, "-m", "engine.cli", *arguments, *where],
        cwd=ROOT,
        env=environment() | more,
        input=said,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def document(*arguments: str, data: Path) -> Any:
    """The JSON document of a command that must succeed."""
    run = hanare(*arguments, "--json", data=data)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the samples are indexed."""
    folder = tmp_path_factory.mktemp("data")
    report = document("index", str(SAMPLES), data=folder)
    assert report["read"] == len(list(SAMPLES.iterdir()))
    assert report["failed"] == []
    assert report["counts"]["embedded"] == report["counts"]["passages"] > 0
    return folder


@pytest.fixture(scope="module")
def models(data: Path) -> list[Any]:
    """Two test models in the same folder, made by the tour; the guide, where it ships, is beside them."""
    run = hanare("tour", data=data)
    assert run.returncode == 0, run.stderr
    found: list[Any] = document("models", "list", data=data)["models"]
    return [model for model in found if not model["built_in"]]


def test_a_hit_says_where_it_stands_and_its_span_is_the_text_of_that_page(data: Path) -> None:
    first = document("search", "stolen laptop", data=data)["hits"][0]
    assert first["rank"] == 1
    assert Path(first["file"]) == SAMPLES / "small-models-handbook.pdf"
    assert first["page"] == 5
    assert first["end"] - first["start"] == len(first["text"])
    marked = {first["text"][start:end].lower() for start, end in first["marks"]}
    assert {"stolen", "laptop"} <= {word for text in marked for word in text.split()}


def test_japanese_is_found_in_a_pdf_and_in_markdown(data: Path) -> None:
    found = {Path(hit["file"]).name for hit in document("search", "量子化", "--by", "words", data=data)["hits"]}
    assert "量子化の話.md" in found
    backups = document("search", "バックアップ", "--by", "words", data=data)["hits"]
    assert Path(backups[0]["file"]).name == "離れの手引き.pdf"
    assert backups[0]["page"] == 3


def test_a_question_without_a_model_is_answered_in_verbatim_quotes_with_file_and_page(data: Path) -> None:
    answer = document("ask", "What is the commonest loss of private data?", data=data)
    assert answer["model"] == ""
    assert answer["text"] == ""
    best = answer["quotes"][0]
    assert " ".join(best["text"].split()) == "The commonest loss of private data is not theft but a disk that dies."
    assert Path(best["file"]).name == "small-models-handbook.pdf"
    assert best["page"] == 5


def test_results_for_people_show_file_page_and_text_in_any_locale(data: Path) -> None:
    run = hanare("search", "バックアップ", "--by", "words", data=data)
    assert run.returncode == 0
    assert "離れの手引き.pdf, page 3" in run.stdout
    assert run.stderr == ""  # no progress where there is no terminal


def test_files_that_cannot_be_read_are_listed_with_their_reason_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("The key is under the third stone.\n", encoding="utf-8")
    (tmp_path / "zip.pdf").write_bytes(b"PK\x03\x04")
    (tmp_path / "empty.txt").write_bytes(b"")
    run = hanare("index", str(tmp_path), "--words-only", data=tmp_path / "data")
    assert run.returncode == 0, run.stderr
    reasons = [line for line in run.stdout.splitlines() if line.startswith("Not read: ")]
    assert len(reasons) == 2
    assert "third stone" in hanare("search", "stone", "--by", "words", data=tmp_path / "data").stdout
    alone = hanare("index", str(tmp_path / "nowhere"), "--words-only", data=tmp_path / "data")
    assert alone.returncode == 1
    assert "is not there" in alone.stdout


def test_nothing_found_is_no_error(data: Path) -> None:
    assert hanare("search", "xylophonist", "--by", "words", data=data).returncode == 0
    assert document("search", "xylophonist", "--by", "words", data=data)["hits"] == []


def test_the_tour_leaves_two_test_models_where_it_was_told_to_keep_what_it_makes(models: list[Any]) -> None:
    assert len(models) == 2
    assert {model["origin"] for model in models} == {"test"}


def test_one_prompt_is_answered_and_its_cost_is_told(data: Path, models: list[Any]) -> None:
    message = document("chat", "Good morning", "--model", str(models[0]["id"]), "--likeliest", "3", data=data)
    assert message["text"]
    assert message["state"] in ("complete", "cut")
    assert message["speed"]["tokens"] > 0
    assert message["speed"]["peak_bytes"] > 0
    assert len(message["tokens"]) == message["speed"]["tokens"]
    assert all(len(token["others"]) == 3 and token["log_probability"] <= 0 for token in message["tokens"])


def test_a_prompt_can_be_piped_in(data: Path, models: list[Any]) -> None:
    run = hanare("chat", "--model", str(models[0]["id"]), data=data, said="Good morning\n")
    assert run.returncode == 0, run.stderr
    assert "tokens/s" in run.stdout


def test_two_models_are_compared_with_what_each_answer_cost(data: Path, models: list[Any]) -> None:
    names = [str(model["id"]) for model in models]
    comparison = document("compare", "Good morning", "--models", *names, data=data)
    assert [trial["model_id"] for trial in comparison["trials"]] == [model["id"] for model in models]
    assert all(trial["speed"]["tokens"] > 0 and trial["speed"]["first_token_s"] > 0 for trial in comparison["trials"])


def test_a_model_is_added_in_place_inspected_and_forgotten_and_its_file_stays(
    data: Path, models: list[Any], tmp_path: Path
) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(Path(models[0]["path"]).read_bytes())
    added = document("models", "add", str(own), data=data)
    assert added["path"] == str(own)
    facts = document("models", "inspect", str(own), data=data)
    assert facts["parameters"] == models[0]["facts"]["parameters"]
    assert facts["fit"]["fits"] is True
    document("models", "remove", str(added["id"]), data=data)
    assert own.exists()
    assert added["id"] not in [model["id"] for model in document("models", "list", data=data)["models"]]


def test_a_file_that_is_no_model_is_refused_in_one_sentence_with_what_to_do(data: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"PK\x03\x04 this is a ZIP")
    run = hanare("models", "add", str(wrong), data=data)
    assert run.returncode == 1
    assert run.stdout == ""
    sentence, what_to_do = run.stderr.splitlines()
    assert sentence.startswith("hanare: ")
    assert "wrong.gguf" in sentence
    assert what_to_do.strip()


def test_wrong_usage_is_told_from_failure() -> None:
    assert hanare("search").returncode == 2
    assert hanare("juggle").returncode == 2


def test_a_second_start_on_the_same_folder_is_refused_with_the_reason(data: Path) -> None:
    with Engine.open(Places(data)):
        run = hanare("models", "list", data=data)
    assert run.returncode == 1
    assert "already running" in run.stderr
    assert "--data" in run.stderr


def test_without_a_display_the_window_is_refused_with_another_way() -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux has desktops without a display")
    run = hanare()
    assert run.returncode == 1
    assert "no display" in run.stderr
    assert "hanare tour" in run.stderr


def test_the_doctor_finds_everything_well(data: Path) -> None:
    run = hanare("doctor", "--json", data=data, GTK_MODULES="foreign", SSLKEYLOGFILE="/nowhere/keys")
    assert run.returncode == 0, run.stderr
    examined = json.loads(run.stdout)
    assert examined["well"] is True
    (environment,) = (check for check in examined["checks"] if check["name"] == "Environment")
    assert environment["found"] == "taken out at the start: GTK_MODULES, SSLKEYLOGFILE"
    assert {"name", "found", "ok", "advice"} <= set(examined["checks"][0])
