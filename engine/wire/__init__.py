"""What crosses the pipe between the engine and its processes.

One JSON object per line, tagged with its kind, at most `LINE_BYTES` long. Every message names the job it belongs to.
A new field gets a default, so an older peer still works; a changed meaning bumps `PROTOCOL`, and `Hello` refuses the
mismatch. Unknown fields are ignored, unknown kinds are an error. Never pickle: what comes from outside is data.

  engine → process  Load Generate Measure SetThreads Stop · Embed · Read Draw · Fetch · MakeModels · AskKeychain · Beat
  process → engine  Sealed Hello Loading Loaded Reading Token Called Weighed Done Measured · Embedded · PageRead
                    DocumentRead Drawn · Connection Moved Fetched · ModelsMade · KeychainAnswered · Failed · Alive
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
    Measured,
    ModelsMade,
    Moved,
    PageRead,
    Reading,
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
    MakeModels,
    Measure,
    Read,
    SetThreads,
    Stop,
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
    "MakeModels",
    "Measure",
    "Measured",
    "Message",
    "ModelsMade",
    "Moved",
    "PROTOCOL",
    "PageRead",
    "REPORTS",
    "REQUESTS",
    "Read",
    "Reading",
    "Sealed",
    "SetThreads",
    "Stop",
    "Token",
    "Weighed",
    "WireError",
    "line",
    "message",
]
