"""The store's shape, as the list of steps that led to it.

Append only: a published step is never edited. All steps a file lacks and the record of them commit
together or not at all, and only where no row was lost; the number of steps taken is the file's
`user_version`. A step adds; it renames and removes nothing, so that an older Hanare can still read.
"""

from collections.abc import Callable

from sqlcipher3.dbapi2 import Connection

from engine.store.first_steps import FIRST_STEPS


def s012_adapters(db: Connection) -> None:
    """Which LoRA adapters work on which models, and how strongly; both are rows of `model`."""
    db.execute(
        """CREATE TABLE adapter (
            model_id INTEGER NOT NULL REFERENCES model(id) ON DELETE CASCADE,
            adapter_id INTEGER NOT NULL REFERENCES model(id) ON DELETE CASCADE,
            strength REAL NOT NULL,
            PRIMARY KEY (model_id, adapter_id)
        )"""
    )


def s013_pictures(db: Connection) -> None:
    """Pictures shown to a model, made anew by us, before the text of their message; and which model sees with what."""
    db.execute(
        """CREATE TABLE picture (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            message_id INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
            digest TEXT NOT NULL,               -- SHA-256 of data
            kind TEXT NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            name TEXT NOT NULL DEFAULT '',
            thumbnail BLOB NOT NULL,
            data BLOB NOT NULL
        )"""
    )
    db.execute("CREATE INDEX picture_message ON picture(message_id)")
    db.execute("ALTER TABLE model ADD COLUMN projector TEXT")  # NULL: whatever is found; '': none


def s014_forms(db: Connection) -> None:
    """The form that a chat's answers are to have, and what came of each answer."""
    db.execute("ALTER TABLE chat ADD COLUMN form TEXT")  # JSON of forms.Form; NULL: free text
    db.execute("ALTER TABLE message ADD COLUMN judged TEXT")  # JSON of forms.Judged and the form's kind


def s015_embedders(db: Connection) -> None:
    """Sets of vectors side by side, one for each model that made one; see `embedders`.

    The rows of step 5 had room for one vector a passage; they move here.
    """
    db.execute(
        """CREATE TABLE embedder (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            model_id INTEGER NOT NULL DEFAULT 0,    -- of the library; 0: comes with Hanare
            in_use INTEGER NOT NULL DEFAULT 0,
            usual_cosine REAL NOT NULL DEFAULT 0,
            centre BLOB NOT NULL DEFAULT x'',
            reads_japanese INTEGER NOT NULL DEFAULT 0
        )"""
    )
    for table, column in (("meaning_bits", "bits"), ("meaning_row", "numbers")):
        db.execute(
            f"""CREATE TABLE {table} (
                passage_id INTEGER NOT NULL REFERENCES passage(id) ON DELETE CASCADE,
                embedder_id INTEGER NOT NULL,
                {column} BLOB NOT NULL,
                PRIMARY KEY (passage_id, embedder_id)
            )"""
        )
    db.execute("INSERT INTO embedder (name) SELECT DISTINCT embedder FROM vector_bits")
    db.execute(
        """UPDATE embedder SET in_use = 1 WHERE name =
           (SELECT embedder FROM vector_bits GROUP BY embedder ORDER BY count(*) DESC LIMIT 1)"""
    )
    db.execute(
        """INSERT INTO meaning_bits SELECT v.passage_id, e.id, v.bits FROM vector_bits v
           JOIN embedder e ON e.name = v.embedder"""
    )
    db.execute(
        """INSERT INTO meaning_row SELECT v.passage_id, e.id, r.numbers FROM vector_bits v
           JOIN embedder e ON e.name = v.embedder JOIN vector_row r ON r.passage_id = v.passage_id"""
    )
    db.execute("DELETE FROM vector_bits")
    db.execute("DELETE FROM vector_row")


def s016_thinking(db: Connection) -> None:
    """Whether models think first in a chat."""
    db.execute("ALTER TABLE chat ADD COLUMN thinking INTEGER")  # 0, 1; NULL: as the settings say


def s017_places(db: Connection) -> None:
    """What a person calls the place where a passage begins: see `types.Place`. Passages of before have none."""
    db.execute("ALTER TABLE passage ADD COLUMN place TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE passage ADD COLUMN place_number INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE passage ADD COLUMN label TEXT NOT NULL DEFAULT ''")


def s018_folders(db: Connection) -> None:
    """Folders kept in step: what of them is left out, and what came of the last look."""
    db.execute("ALTER TABLE root ADD COLUMN rules TEXT")  # as in .gitignore; NULL: those that come with Hanare
    db.execute("ALTER TABLE root ADD COLUMN most_bytes INTEGER NOT NULL DEFAULT 0")  # 0: as of any file
    db.execute("ALTER TABLE root ADD COLUMN paused INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE root ADD COLUMN scanned_at TEXT")  # NULL: never yet to the end
    db.execute("ALTER TABLE root ADD COLUMN away INTEGER NOT NULL DEFAULT 0")  # 1: was not there
    db.execute(
        "ALTER TABLE document ADD COLUMN vanished INTEGER NOT NULL DEFAULT 0"
    )  # 1: in the trash, its file is gone; 2: back all the same
    db.execute("CREATE TABLE kept_out (path_sha256 BLOB PRIMARY KEY) WITHOUT ROWID")  # erased; not to come back


def s019_collections(db: Connection) -> None:
    """What a search may be narrowed to: named groups of documents and folders, and who sent a mail."""
    db.execute(  # a number is never used again: Undo brings a collection back under its own
        "CREATE TABLE collection (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, folded TEXT UNIQUE)"
    )
    for member in ("document", "root"):
        db.execute(
            f"""CREATE TABLE collection_{member} (
                collection_id INTEGER NOT NULL REFERENCES collection(id) ON DELETE CASCADE,
                {member}_id INTEGER NOT NULL REFERENCES {member}(id) ON DELETE CASCADE,
                PRIMARY KEY (collection_id, {member}_id)) WITHOUT ROWID"""
        )
        db.execute(f"CREATE INDEX {member}_collection ON collection_{member}({member}_id)")
    db.execute("ALTER TABLE page ADD COLUMN sender TEXT NOT NULL DEFAULT ''")
    db.execute(  # a mail's head has been its first lines ever since mails are read
        """UPDATE page SET sender = substr(text, 7, instr(text || char(10), char(10)) - 7) WHERE text GLOB 'From: *'
           AND document_id IN (SELECT id FROM document WHERE kind IN ('mail', 'mbox'))"""
    )
    db.execute("CREATE INDEX page_sender ON page(sender) WHERE sender != ''")


def s020_same_text(db: Connection) -> None:
    """Which text a vector was made of, so that the same text is not read again. Vectors of before do not tell."""
    db.execute("ALTER TABLE meaning_row ADD COLUMN text_sha256 BLOB")
    db.execute("CREATE INDEX meaning_text ON meaning_row(text_sha256, embedder_id) WHERE text_sha256 IS NOT NULL")


def s022_picture_pages(db: Connection) -> None:
    """Pages that show text only as a picture, and what OCR read of them."""
    db.execute(
        """CREATE TABLE picture_page (
            page_id INTEGER PRIMARY KEY REFERENCES page(id) ON DELETE CASCADE,
            document_id INTEGER NOT NULL,
            state TEXT NOT NULL DEFAULT 'waiting',   -- 'read', 'failed'
            why TEXT NOT NULL DEFAULT '',       -- it failed
            languages TEXT NOT NULL DEFAULT '', -- it was read in
            confidence REAL,                    -- 0 to 1, of what was read
            words BLOB                          -- their spans and boxes: see documents.page_words
        )"""
    )
    db.execute("CREATE INDEX picture_page_document ON picture_page(document_id)")


def s023_refusals(db: Connection) -> None:
    """Why an answer is not shown, and what was written: see `types.Refusal`."""
    db.execute("ALTER TABLE message ADD COLUMN refused TEXT")
    db.execute("ALTER TABLE message ADD COLUMN withheld TEXT NOT NULL DEFAULT ''")


def s024_downloads(db: Connection) -> None:
    """The queue of downloads. A token is never in it."""
    db.execute(
        """CREATE TABLE download (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            place INTEGER NOT NULL,             -- in the queue
            repository TEXT NOT NULL,
            file TEXT NOT NULL,
            revision TEXT NOT NULL,
            projector TEXT NOT NULL DEFAULT '',
            projector_bytes INTEGER NOT NULL DEFAULT 0,
            with_token INTEGER NOT NULL DEFAULT 0,  -- 1: one was given with it
            held INTEGER NOT NULL DEFAULT 0,    -- 1: the person paused it
            done_bytes INTEGER NOT NULL DEFAULT 0,
            total_bytes INTEGER NOT NULL DEFAULT 0,
            error TEXT,                         -- JSON of the code and the facts of what it failed with
            added_at TEXT NOT NULL
        )"""
    )


def s025_made(db: Connection) -> None:
    """How a model was made here from another one."""
    db.execute("ALTER TABLE model ADD COLUMN made TEXT")  # JSON of types.Made; NULL: it was not


def s026_costs(db: Connection) -> None:
    """What models lost against larger ones; nothing of the texts that they were measured with."""
    db.execute(
        """CREATE TABLE cost (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            model_id INTEGER NOT NULL REFERENCES model(id) ON DELETE CASCADE,
            against_id INTEGER NOT NULL,        -- a model's, which may be gone: it is deleted for what is known now
            figures TEXT NOT NULL               -- JSON of types.Cost
        )"""
    )
    db.execute("CREATE INDEX cost_model ON cost(model_id)")


def s027_cards(db: Connection) -> None:
    """How fast models were on a computer, from which commit they came, and what their files come to."""
    db.execute(
        """CREATE TABLE model_speed (
            model_id INTEGER NOT NULL REFERENCES model(id) ON DELETE CASCADE,
            computer TEXT NOT NULL,
            loading TEXT NOT NULL,
            file TEXT NOT NULL,
            reading REAL NOT NULL,              -- tokens a second; 0: not known
            writing REAL NOT NULL,
            on_card INTEGER NOT NULL,           -- 1: with layers on a graphics card
            PRIMARY KEY (model_id, computer, loading)
        )"""
    )
    db.execute("ALTER TABLE model ADD COLUMN hub_commit TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE model ADD COLUMN checksum TEXT")  # JSON of a mark and of each file's SHA-256


STEPS: tuple[Callable[[Connection], None], ...] = (
    *FIRST_STEPS,
    s012_adapters,
    s013_pictures,
    s014_forms,
    s015_embedders,
    s016_thinking,
    s017_places,
    s018_folders,
    s019_collections,
    s020_same_text,
    s022_picture_pages,
    s023_refusals,
    s024_downloads,
    s025_made,
    s026_costs,
    s027_cards,
)
