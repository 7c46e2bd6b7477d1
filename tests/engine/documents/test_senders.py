"""`from:` finds what somebody sent: in mails, in mailboxes of many senders, and in what was attached."""

from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.operation import Cancel, finish
from engine.store import Store, migrations
from engine.store.vault import connected
from engine.types import IndexReport

UME, BEN = "梅子 <ume@example.org>", "Ben Ōno <ben@post.example.com>"


def mail(sender: str, words: str) -> EmailMessage:
    message = EmailMessage()
    if sender:
        message["From"] = sender
    message["Subject"] = "Fruit"
    message.set_content(words)
    return message


def mailbox(*mails: EmailMessage) -> bytes:
    return b"".join(b"From x Thu Jan  1 09:00:00 2026\n" + one.as_bytes() + b"\n\n" for one in mails)


@pytest.fixture
def filled(folder: Path, quick: Documents) -> Documents:
    """A mailbox of several senders, a mail with attachments and one without a sender, and no mail."""
    long = mail(
        BEN, "Fruit, pears first. " + "More about pears and the cellar follows here.\n\n" * 900 + "fruit: medlars"
    )
    nobody = mail("", "Fruit of nobody.")
    (folder / "all.mbox").write_bytes(mailbox(mail(UME, "Fruit: plums."), long, nobody))
    forward = mail(UME, "Fruit, see below.")
    forward.add_attachment(b"Fruit: quinces.", maintype="text", subtype="plain", filename="quinces.txt")
    forward.add_attachment(mail(BEN, "Fruit: apples."))
    (folder / "forward.eml").write_bytes(forward.as_bytes())
    (folder / "note.txt").write_text("From: nobody. Fruit: cherries.")
    finish(quick.add([folder], Cancel()))
    finish(quick.embed(Cancel()))
    return quick


@pytest.fixture
def found(filled: Documents) -> Callable[[str], set[str]]:
    """Which of these words stand in what a search finds by words; what it finds by meaning is among them."""
    fruits = ("plums", "pears first", "medlars", "nobody", "see below", "quinces", "apples", "cherries")

    def find(query: str) -> set[str]:
        by_words = finish(filled.search(query, Cancel(), by="words", limit=90))
        by_meaning = finish(filled.search(query, Cancel(), by="meaning", limit=90))
        of_words, of_meaning = (
            {fruit for hit in hits for fruit in fruits if fruit in hit.passage.text} for hits in (by_words, by_meaning)
        )
        assert of_meaning <= of_words
        assert of_meaning or not of_words
        return of_words

    return find


def test_mails_are_found_by_a_part_of_who_sent_them(found: Callable[[str], set[str]]) -> None:
    of_ume = {"plums", "see below", "quinces"}
    of_ben = {"pears first", "medlars", "apples"}
    for name in ("梅子", "ume@example.org", "EXAMPLE.ORG", "ｕｍｅ"):
        assert found(f"fruit from:{name}") == of_ume, name
    for name in ("ben", '"ben ono"', "post.example"):
        assert found(f"fruit from:{name}") == of_ben, name
    assert found("fruit from:example") == of_ume | of_ben
    assert found("fruit from:ume from:ben") == of_ume | of_ben
    assert found("fruit from:example -from:ben") == of_ume
    assert found("fruit -from:example") == {"nobody", "cherries"}
    assert found("fruit from:ume type:mbox") == {"plums"}
    assert found("fruit from:stranger") == set()


def test_mails_of_somebody_are_listed_where_nothing_is_looked_for(filled: Documents) -> None:
    hits = finish(filled.search("from:ben", Cancel()))
    assert sorted(hit.passage.path.name for hit in hits) == ["all.mbox", "forward.eml"]
    assert all("ben@post" in hit.passage.text for hit in hits)


def test_a_question_may_be_asked_of_what_somebody_sent(filled: Documents) -> None:
    sources = finish(filled.sources(filled.asked("from:ume Which fruit?"), Cancel(), 9))
    assert {source.path.name for source in sources} == {"all.mbox", "forward.eml"}
    assert not any("pears" in source.text for source in sources)


def test_of_mails_that_were_read_before_the_sender_is_taken_from_their_heads(
    folder: Path, add: Callable[..., IndexReport], store: Store, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "all.mbox").write_bytes(mailbox(mail(UME, "Plums."), mail("", "Pears.")))
    (folder / "note.txt").write_text("From: nobody@example.org\nCherries.")
    add(folder)
    path = store._vault.path
    store.close()
    with closing(connected(path, key)) as db:
        for table in ("collection_document", "collection_root", "collection"):
            db.execute(f"DROP TABLE {table}")
        for index in ("page_sender", "meaning_text"):
            db.execute(f"DROP INDEX {index}")
        db.execute("ALTER TABLE page DROP COLUMN sender")
        db.execute("ALTER TABLE meaning_row DROP COLUMN text_sha256")
        db.execute("PRAGMA user_version = 18")
    monkeypatch.setattr(migrations, "STEPS", migrations.STEPS[:20])  # those after are done in it already
    store = Store(path, key)
    assert store.documents.passages.senders() == [UME]
    store.close()


def test_a_sender_of_any_shape_is_kept_and_does_no_harm(folder: Path, add: Callable[..., IndexReport]) -> None:
    raw = b"Subject: x\r\nFrom: =?utf-8?b?" + b"4" * 3000 + b"?= \xff\xfe \x00\x1b[2J\r\n\r\nthe needle\r\n"
    (folder / "odd.eml").write_bytes(raw)
    assert add(folder).read == 1
