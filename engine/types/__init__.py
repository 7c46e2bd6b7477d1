"""The nouns of Hanare: plain frozen values that every part may hold.

A value here knows nothing of storage, processes or windows. Sizes are bytes, times are seconds, moments are UTC
in ISO 8601, character spans are half-open offsets into the text of one page. One file for each kind of thing;
all of them are had from here.
"""

from engine.types.answers import MessageState, Role, Scored, Speed, Turn, Wanted, Written
from engine.types.chats import Chat, KeptStates, Message
from engine.types.comparisons import Comparison, Trial
from engine.types.computer import Check
from engine.types.documents import (
    PLACE_WORDS,
    Answer,
    Checked,
    Collection,
    Counts,
    Document,
    DocumentState,
    Folder,
    Hit,
    IndexReport,
    LeftOut,
    Library,
    Ocr,
    Page,
    PagePicture,
    Passage,
    PicturesRead,
    Place,
    Prepared,
    Preparing,
    Quote,
    Refusal,
    Source,
    Spot,
    Support,
)
from engine.types.downloads import Download, DownloadNote, DownloadState
from engine.types.elsewhere import ModelElsewhere
from engine.types.inspection import FileStanding, Found, Given, Inspected, NotAdded, Share, Standing, Why
from engine.types.making import Checkpoint, Importance, Made, PreviewedSize, TextOf
from engine.types.models import Adapter, Fit, HubFile, Model, ModelFacts, ModelOrigin, Resident, WaysDown
from engine.types.pictures import Picture
from engine.types.reach import Coverage, Fitting, Reach, ReadingCost, Unread

__all__ = [
    "Adapter",
    "Answer",
    "Chat",
    "Check",
    "Checked",
    "Checkpoint",
    "Collection",
    "Comparison",
    "Counts",
    "Coverage",
    "Document",
    "DocumentState",
    "Download",
    "DownloadNote",
    "DownloadState",
    "FileStanding",
    "Fit",
    "Fitting",
    "Folder",
    "Found",
    "Given",
    "Hit",
    "HubFile",
    "Importance",
    "IndexReport",
    "Inspected",
    "KeptStates",
    "LeftOut",
    "Library",
    "Made",
    "Message",
    "MessageState",
    "Model",
    "ModelElsewhere",
    "ModelFacts",
    "ModelOrigin",
    "NotAdded",
    "Ocr",
    "PLACE_WORDS",
    "Page",
    "PagePicture",
    "Passage",
    "Picture",
    "PicturesRead",
    "Place",
    "Prepared",
    "Preparing",
    "PreviewedSize",
    "Quote",
    "Reach",
    "ReadingCost",
    "Refusal",
    "Resident",
    "Role",
    "Scored",
    "Share",
    "Source",
    "Spot",
    "Speed",
    "Standing",
    "Support",
    "TextOf",
    "Trial",
    "Turn",
    "Unread",
    "Wanted",
    "WaysDown",
    "Why",
    "Written",
]
