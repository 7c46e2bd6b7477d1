"""Collections: which documents are in them, whatever becomes of the documents, and what they limit."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.documents.collections import same
from engine.errors import NotFound, TextNotAccepted
from engine.operation import Cancel, finish
from engine.types import Collection, IndexReport

Add = Callable[..., IndexReport]
Names = Callable[[str], list[str]]


@pytest.fixture
def filled(folder: Path, add: Add, documents: Documents) -> Documents:
    """Three documents about fruit in two folders, one of them kept in step."""
    (folder / "old").mkdir()
    for name in ("plums.txt", "pears.txt", "old/quinces.txt"):
        (folder / name).write_text(f"{name} is about fruit, number {len(name)}.")
    other = folder.parent / "apples.txt"
    other.write_text("Apples are fruit.")
    add(folder / "old")
    add(folder / "plums.txt", folder / "pears.txt", other)
    return documents


@pytest.fixture
def names(filled: Documents) -> Names:
    """What a search finds, by the files' names."""

    def found(query: str) -> list[str]:
        hits = finish(filled.search(query, Cancel(), by="words"))
        return sorted(hit.passage.path.stem for hit in hits)

    return found


def ids(documents: Documents, *names: str) -> set[int]:
    return {one.id for one in (*documents.all(), *documents.trash()) if one.path.stem in names}


def test_a_document_is_in_any_number_of_collections_and_they_limit_a_search(filled: Documents, names: Names) -> None:
    stones, jam = filled.collections.make("Stone fruit"), filled.collections.make("Jam")
    filled.collections.add(stones, ids(filled, "plums"))
    filled.collections.add(jam, ids(filled, "plums", "quinces"))
    assert names("fruit") == ["apples", "pears", "plums", "quinces"]
    assert names("fruit in:jam") == ["plums", "quinces"]
    assert names('fruit in:"stone  FRUIT"') == ["plums"]
    assert names("fruit -in:jam") == ["apples", "pears"]
    assert names("fruit in:jam -in:“Stone fruit”") == ["quinces"]
    assert names("in:jam") == ["plums", "quinces"]
    filled.collections.take_out(jam, ids(filled, "plums"))
    assert names("in:jam") == ["quinces"]


def test_a_question_may_be_limited_to_a_collection(filled: Documents) -> None:
    jam = filled.collections.make("Jam")
    filled.collections.add(jam, ids(filled, "plums"))
    asked = filled.asked(f"{jam.term} Which fruit is it about?")
    assert asked.words == "Which fruit is it about?"
    assert [source.path.stem for source in finish(filled.sources(asked, Cancel(), 9))] == ["plums"]
    with pytest.raises(NotFound, match="“Jelly”"):
        finish(filled.quotes("in:Jelly Which fruit is it about?", Cancel()))


def test_a_folder_brings_what_is_in_it_now_and_later(folder: Path, filled: Documents, names: Names, add: Add) -> None:
    (old,) = filled.folders.all()
    kept = filled.collections.make("Kept")
    filled.collections.add(kept, folders=[old.id])
    (folder / "old" / "medlars.txt").write_text("Medlars are fruit, too.")
    (folder / "old papers.txt").write_text("Old papers are no fruit, and lie beside the folder.")
    finish(filled.look_again(Cancel()))
    add(folder / "old papers.txt")
    assert names("fruit in:kept") == ["medlars", "quinces"]
    gone = filled.folders.remove(old.id)
    assert names("fruit in:kept") == []
    filled.folders.restore(old.id, gone)
    assert names("fruit in:kept") == ["medlars", "quinces"]
    filled.collections.take_out(kept, folders=[old.id])
    assert filled.collections.find("kept").documents == set()


def test_a_folder_above_another_brings_that_ones_documents_too(folder: Path, filled: Documents, add: Add) -> None:
    add(folder)
    upper = next(one for one in filled.folders.all() if one.path == folder)
    everything = filled.collections.make("All")
    filled.collections.add(everything, folders=[upper.id])
    assert filled.collections.find("all").documents == ids(filled, "plums", "pears", "quinces")


def test_a_document_stays_in_its_collection_through_trash_change_and_move(
    folder: Path, filled: Documents, names: Names, add: Add
) -> None:
    jam = filled.collections.make("Jam")
    filled.collections.add(jam, ids(filled, "plums", "quinces"))
    filled.remove(list(ids(filled, "plums")))
    assert (names("in:jam"), filled.collections.find("jam").put_in) == (["quinces"], ids(filled, "plums", "quinces"))
    filled.restore(list(ids(filled, "plums")))
    (folder / "plums.txt").write_text("Plums are written about anew.")
    add(folder / "plums.txt")
    (folder / "old" / "quinces.txt").rename(folder / "old" / "Quitten.txt")
    finish(filled.look_again(Cancel()))
    assert names("in:jam") == ["Quitten", "plums"]
    filled.remove(list(ids(filled, "plums")))
    finish(filled.erase(list(ids(filled, "plums")), Cancel()))
    assert filled.collections.find("jam").put_in == ids(filled, "Quitten")


def test_a_deleted_collection_comes_back_with_what_is_still_there(filled: Documents) -> None:
    (old,) = filled.folders.all()
    jam = filled.collections.make("Jam")
    filled.collections.add(jam, ids(filled, "plums", "pears"), [old.id])
    jam = filled.collections.find("Jam")
    filled.collections.delete(jam)
    assert (filled.collections.all(), len(filled.all())) == ((), 4)
    filled.remove(list(ids(filled, "pears")))
    finish(filled.erase(list(ids(filled, "pears")), Cancel()))
    filled.collections.restore(jam)
    (back,) = filled.collections.all()
    assert (back.id, back.name, back.folders) == (jam.id, "Jam", {old.id})
    assert back.documents == ids(filled, "plums", "quinces")
    filled.collections.delete(back)
    filled.collections.make("jam")
    with pytest.raises(TextNotAccepted, match="there is one of that name"):
        filled.collections.restore(jam)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("契約書", "契約書"),
        ("ガス料金", "ｶﾞｽ料金"),
        ("カ\u3099ス", "ガス"),
        ("Ｔａｘ　２０２４", "tax 2024"),
        ("Résumés", "RE\u0301SUME\u0301S"),
        ("「契約」関係", "契約関係"),
        ('The "old" letters', "the old letters"),
        ("Straße", "STRASSE"),
    ],
)
def test_names_are_the_same_whatever_their_width_case_and_form(filled: Documents, name: str, written: str) -> None:
    made = filled.collections.make(name)
    filled.collections.add(made, ids(filled, "plums"))
    assert filled.collections.find(written).id == made.id
    for text in (f'in:"{written}" fruit', f"{made.term} fruit", f"in：「{written}」 fruit"):
        (hit,) = finish(filled.search(text, Cancel(), by="words"))
        assert hit.passage.path.stem == "plums"
    with pytest.raises(TextNotAccepted, match="there is one of that name"):
        filled.collections.make(written)
    other = filled.collections.make("Other")
    with pytest.raises(TextNotAccepted, match="there is one of that name"):
        filled.collections.rename(other, written)
    filled.collections.rename(made, written)  # its own name, written otherwise
    assert same(filled.collections.find(name).name) == same(written)


def test_a_renamed_collection_keeps_what_is_in_it(filled: Documents, names: Names) -> None:
    jam = filled.collections.make("Jam")
    filled.collections.add(jam, ids(filled, "plums"))
    filled.collections.rename(jam, "  Preserves \n of 2024 ")
    assert [one.name for one in filled.collections.all()] == ["Preserves of 2024"]
    assert names('in:"preserves of 2024"') == ["plums"]
    with pytest.raises(NotFound, match="There is no collection “jam”"):
        names("in:jam fruit")


@pytest.mark.parametrize(("name", "said"), [("  ", "nothing"), ("「」", "nothing"), ("x" * 81, "80 characters")])
def test_what_is_no_name_is_refused_and_nothing_is_made(filled: Documents, name: str, said: str) -> None:
    with pytest.raises(TextNotAccepted, match=said):
        filled.collections.make(name)
    assert filled.collections.all() == ()


def test_a_collection_that_is_gone_takes_nothing(filled: Documents) -> None:
    gone = Collection(id=99, name="Gone")
    filled.collections.add(gone, ids(filled, "plums"))
    assert filled.collections.all() == ()
