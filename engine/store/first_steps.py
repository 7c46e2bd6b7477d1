"""The first steps of the store's shape, as `migrations` takes them: chats, models, documents. They are never edited."""

from collections.abc import Callable

from sqlcipher3.dbapi2 import Connection


def s001_chats(db: Connection) -> None:
    """Conversations as trees of messages: an edit or a new try adds a sibling."""
    db.execute(
        """CREATE TABLE chat (
            id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again, nor are those below
            title TEXT NOT NULL,
            named INTEGER NOT NULL DEFAULT 0,   -- 1: the person chose the title
            model_id INTEGER,
            leaf_id INTEGER,                    -- the last message of the branch on show
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            deleted_at TEXT
        )"""
    )
    db.execute(
        """CREATE TABLE message (
            id INTEGER PRIMARY KEY AUTOINCREMENT,   -- a late piece of an erased answer must not find a stranger
            chat_id INTEGER NOT NULL REFERENCES chat(id) ON DELETE CASCADE,
            parent_id INTEGER REFERENCES message(id) ON DELETE CASCADE,
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            state TEXT NOT NULL,
            model TEXT NOT NULL DEFAULT '',
            note TEXT NOT NULL DEFAULT '',
            speed TEXT,                         -- JSON of types.Speed
            sources TEXT,                       -- JSON list of types.Source
            created_at TEXT NOT NULL
        )"""
    )
    db.execute("CREATE INDEX message_chat ON message(chat_id)")
    db.execute("CREATE INDEX message_parent ON message(parent_id)")


def s002_models(db: Connection) -> None:
    """The models the person has shown us."""
    db.execute(
        """CREATE TABLE model (
            id INTEGER PRIMARY KEY AUTOINCREMENT,   -- chats remember it longer than it is here
            path TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            origin TEXT NOT NULL,
            facts TEXT NOT NULL,                -- JSON of types.ModelFacts
            mtime_ns INTEGER NOT NULL,
            repository TEXT NOT NULL DEFAULT '',
            sha256 TEXT NOT NULL DEFAULT '',
            added_at TEXT NOT NULL
        )"""
    )


def s003_preferences(db: Connection) -> None:
    """Settings that differ from their defaults, and other small values, as JSON."""
    db.execute("CREATE TABLE preference (name TEXT PRIMARY KEY, value TEXT NOT NULL)")


def s004_documents(db: Connection) -> None:
    """Documents, their pages, the passages within pages, and the index of their words.

    A passage's text is `substr(page.text, start + 1, end - start)`: it is kept once. The
    word index is contentless; its rows are passages. Spans count Unicode code points.
    """
    db.execute("CREATE TABLE root (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, added_at TEXT NOT NULL)")
    db.execute(
        """CREATE TABLE document (
            id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again: kept answers cite it
            path TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            state TEXT NOT NULL,
            size_bytes INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            sha256 TEXT NOT NULL DEFAULT '',
            paged INTEGER NOT NULL DEFAULT 0,
            pages INTEGER NOT NULL DEFAULT 0,
            reason_code TEXT NOT NULL DEFAULT '',
            reason TEXT NOT NULL DEFAULT '',
            read_at TEXT NOT NULL
        )"""
    )
    db.execute(
        """CREATE TABLE page (
            id INTEGER PRIMARY KEY,
            document_id INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            text TEXT NOT NULL,
            UNIQUE (document_id, number)
        )"""
    )
    db.execute(
        """CREATE TABLE passage (
            id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again: a late vector must not find a stranger
            document_id INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,
            page_id INTEGER NOT NULL REFERENCES page(id) ON DELETE CASCADE,
            start INTEGER NOT NULL,
            end INTEGER NOT NULL
        )"""
    )
    db.execute("CREATE INDEX passage_document ON passage(document_id)")
    db.execute("CREATE INDEX passage_page ON passage(page_id)")
    db.execute(
        """CREATE VIRTUAL TABLE words USING fts5(
            text, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
        )"""
    )
    db.execute("CREATE VIRTUAL TABLE word_count USING fts5vocab('words', 'row')")


def s005_vectors(db: Connection) -> None:
    """What passages mean: sign bits to scan, eight-bit numbers to rank by.

    Bits are apart from the numbers so that a start reads them without the rest. `embedder`
    names the model that made a vector; vectors of two embedders are never compared.
    """
    db.execute(
        """CREATE TABLE vector_bits (
            passage_id INTEGER PRIMARY KEY REFERENCES passage(id) ON DELETE CASCADE,
            embedder TEXT NOT NULL,
            bits BLOB NOT NULL
        )"""
    )
    db.execute(
        """CREATE TABLE vector_row (
            passage_id INTEGER PRIMARY KEY REFERENCES passage(id) ON DELETE CASCADE,
            numbers BLOB NOT NULL
        )"""
    )


def s006_connections(db: Connection) -> None:
    """The network ledger."""
    db.execute(
        """CREATE TABLE connection (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            process TEXT NOT NULL,
            why TEXT NOT NULL DEFAULT '',
            what TEXT NOT NULL DEFAULT '',
            channel TEXT NOT NULL DEFAULT 'tcp',
            host TEXT NOT NULL,
            port INTEGER NOT NULL,
            began_at TEXT NOT NULL,
            ended_at TEXT NOT NULL DEFAULT '',
            sent_bytes INTEGER NOT NULL DEFAULT 0,
            received_bytes INTEGER NOT NULL DEFAULT 0,
            outcome TEXT NOT NULL
        )"""
    )


def s007_upkeep(db: Connection) -> None:
    """When the store last did what it does from time to time, and what is still to be done."""
    db.execute("CREATE TABLE upkeep (name TEXT PRIMARY KEY, moment TEXT NOT NULL)")


def s008_document_trash(db: Connection) -> None:
    """Documents that were removed, and folders all of whose documents were, until they are erased."""
    db.execute("ALTER TABLE document ADD COLUMN deleted_at TEXT")
    db.execute("ALTER TABLE root ADD COLUMN deleted_at TEXT")
    db.execute("CREATE INDEX document_trash ON document(deleted_at) WHERE deleted_at IS NOT NULL")


def s009_thoughts(db: Connection) -> None:
    """What a model thought before an answer, apart from it, and for how long."""
    db.execute("ALTER TABLE message ADD COLUMN thoughts TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE message ADD COLUMN thinking_s REAL NOT NULL DEFAULT 0")


def s010_context(db: Connection) -> None:
    """What entered an answer, and what is done in a chat that outgrows the model's context."""
    db.execute("ALTER TABLE message ADD COLUMN context TEXT")  # JSON of context.Context
    db.execute("ALTER TABLE chat ADD COLUMN when_full TEXT")  # NULL: as the settings say


def s011_loading(db: Connection) -> None:
    """How a model is loaded where that differs from the settings, and what memory it took when it last was."""
    db.execute("ALTER TABLE model ADD COLUMN loading TEXT NOT NULL DEFAULT '{}'")  # JSON of options of LoadOptions
    db.execute(
        """CREATE TABLE model_memory (
            model_id INTEGER NOT NULL REFERENCES model(id) ON DELETE CASCADE,
            computer TEXT NOT NULL,
            loading TEXT NOT NULL,
            file TEXT NOT NULL,
            peak_bytes INTEGER NOT NULL,
            PRIMARY KEY (model_id, computer, loading)
        ) WITHOUT ROWID"""
    )


FIRST_STEPS: tuple[Callable[[Connection], None], ...] = (
    s001_chats,
    s002_models,
    s003_preferences,
    s004_documents,
    s005_vectors,
    s006_connections,
    s007_upkeep,
    s008_document_trash,
    s009_thoughts,
    s010_context,
    s011_loading,
)
