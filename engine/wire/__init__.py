"""What crosses the pipe between the engine and its processes.

One JSON object per line, tagged with its kind, at most `LINE_BYTES` long. Every message names the job it belongs to.
A new field gets a default, so an older peer still works; a changed meaning bumps `PROTOCOL`, and `Hello` refuses the
mismatch. Unknown fields are ignored, unknown kinds are an error. Never pickle: what comes from outside is data.

  engine → process  Load Generate Measure SetThreads Stop · Embed Rerank · Read Draw TakePicture · Fetch
                    MakeModels MakeEmbedder · AskKeychain · Beat
  process → engine  Sealed Hello Loading Loaded Reading Looking Token Called Weighed Done Measured
                    Embedded Reranked · PageRead DocumentRead Drawn PictureTaken · Connection Moved Fetched
                    ModelsMade · KeychainAnswered
                    Failed · Alive
"""

from engine.wire.envelope import LINE_BYTES, PROTOCOL, Message, WireError
from engine.wire.lines import FINAL, REPORTS, REQUESTS, line, message
from engine.wire.reports import (
    Alive,
    Called,
    Connection,
    DocumentRead,
    Done,
    Drawn,
    Embedded,
    Failed,
    Fetched,
    Hello,
    KeychainAnswered,
    Loaded,
    Loading,
    Looking,
    Measured,
    ModelsMade,
    Moved,
    PageRead,
    PictureTaken,
    Reading,
    Reranked,
    Sealed,
    Token,
    Weighed,
)
from engine.wire.requests import (
    AskKeychain,
    Beat,
    Draw,
    Embed,
    Fetch,
    Generate,
    Load,
    MakeEmbedder,
    MakeModels,
    Measure,
    Read,
    Rerank,
    SetThreads,
    Stop,
    TakePicture,
)

__all__ = [
    "Alive",
    "AskKeychain",
    "Beat",
    "Called",
    "Connection",
    "DocumentRead",
    "Done",
    "Draw",
    "Drawn",
    "Embed",
    "Embedded",
    "FINAL",
    "Failed",
    "Fetch",
    "Fetched",
    "Generate",
    "Hello",
    "KeychainAnswered",
    "LINE_BYTES",
    "Load",
    "Loaded",
    "Loading",
    "Looking",
    "MakeEmbedder",
    "MakeModels",
    "Measure",
    "Measured",
    "Message",
    "ModelsMade",
    "Moved",
    "PROTOCOL",
    "PageRead",
    "PictureTaken",
    "REPORTS",
    "REQUESTS",
    "Read",
    "Reading",
    "Rerank",
    "Reranked",
    "Sealed",
    "SetThreads",
    "Stop",
    "TakePicture",
    "Token",
    "Weighed",
    "WireError",
    "line",
    "message",
]
