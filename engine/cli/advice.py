"""What to do about each error, for a person at a terminal: one sentence a class, none missing."""

from engine import errors
from engine.cli.wording import inert, size
from engine.engine import Engine
from engine.errors import EngineError, NotEnoughMemory
from engine.types import WaysDown

_TOKEN = "Accept its terms on its own page if it has any, and give a token with --ask-token or --kept-token."

ADVICE: dict[type[EngineError], str] = {
    errors.AlreadyRunning: "Close the other Hanare, or choose another folder with --data DIR.",
    errors.KeyMissing: "Unlock the keychain it was kept in, or restore the folder from a backup.",
    errors.Locked: (
        "Run the command at a terminal, which asks, or give the passphrase with --passphrase-fd N, that of a backup "
        "with --backup-passphrase-fd N."
    ),
    errors.PassphraseWrong: "Type it again, or type the recovery code in its place; nothing was changed.",
    errors.PassphraseTooWeak: "Four or five words that do not belong together are good and easy to remember.",
    errors.RecoveryCodeWrong: "Compare it with what you wrote down, group by group; nothing was changed.",
    errors.KeysTooNew: "Update Hanare.",
    errors.LockNotPossible: "Set a passphrase first, with: hanare key passphrase.",
    errors.AskNotPossible: "Make both first: hanare key passphrase, and hanare key recovery-code.",
    errors.TokenKeychainRefused: "Unlock the keychain and try again, or give the token with --ask-token.",
    errors.KeychainRefused: "Unlock the keychain and try again; what opened the store goes on opening it.",
    errors.StoreUnreadable: "Restore a backup with: hanare backup restore newest",
    errors.StoreTooNew: "It can be read but not changed. Update Hanare to go on.",
    errors.StoreNotEncrypted: "Install Hanare again; nothing was written.",
    errors.DiskFull: "Free some space and try again; what was saved before is safe.",
    errors.NotFound: "Look up names with: hanare models list, hanare documents list, or hanare collections list",
    errors.FileMissing: "Check the path.",
    errors.FileNotReadable: "Check that you may read it.",
    errors.FormatUnknown: "PDF, Office and OpenDocument files, e-books, mails, web pages, archives and text are read.",
    errors.DocumentDamaged: "Open it in the program it came from and save it again.",
    errors.DocumentEmpty: "Look whether it is the file you meant.",
    errors.DocumentTooLarge: "Split it into smaller files.",
    errors.DocumentTooSlow: "Save it again in a simpler format and add that.",
    errors.ModelDamaged: "Fetch the file again and compare its SHA-256 hash with the publisher's.",
    errors.ModelBuiltIn: "It takes no room in your folder, and any model of your own goes before it.",
    errors.ModelNotUsable: "It may need a newer llama.cpp; try another model.",
    errors.DraftNotUsable: "Choose another for it with: hanare models set MODEL draft=NAME, or draft=none.",
    errors.CardNotUsable: "Fewer layers may fit: hanare models set MODEL gpu-layers=NUMBER, or 0 for none.",
    errors.ModelNotForChat: "Choose a model whose name says instruct or chat.",
    errors.GuideOnlyQuotes: "Get a bigger model, see: hanare models recommended.",
    errors.AnswerNotGoneOnWith: "Ask it in a message to go on, or choose another model.",
    errors.AdapterNotForModel: "Attach it to the model it was made from; `hanare models detach` takes it off this one.",
    errors.ProjectorNotForModel: "Take the file named mmproj from where the model comes from.",
    errors.ModelKeepsFailing: "Fetch the file again, or use another model.",
    errors.ModelNotMade: "Begin with the model as it was published, in F16 or BF16, or try another quantization.",
    errors.CheckpointNotUsable: "Look for a GGUF file of it; nothing was left behind.",
    errors.TokenizerDiffers: "Look for a GGUF file of it from its maker; a newer Hanare may read its tokenizer.",
    errors.MatrixNeeded: "Give one with --matrix FILE, or text with --text FILE, --collection NAME or --chats.",
    errors.MatrixNotUsable: "Take one that llama-imatrix or `hanare models importance` made of this very model.",
    errors.ModelsNotComparable: "Name the model that it was made from, with --against MODEL.",
    errors.NothingToMeasureAgainst: "Add it with `hanare models add FILE`, or name another one with --against MODEL.",
    errors.NoRoomToMeasure: "Free some space, close other programs so that both models fit, or give a lower --chunks.",
    errors.NotEnoughRoom: "Free some space, or have it written to another disk with --output FILE.",
    errors.NotEnoughMemory: "Close other programs, or load it all the same with --load-anyway.",
    errors.MemoryRanShort: "Close other programs, or choose a smaller model; what was written is kept.",
    errors.NoModel: "Add one with: hanare models add FILE",
    errors.WorkerDied: "Try again; nothing that was written is lost.",
    errors.WorkerNotSealed: "It read nothing. Try again; if it stays so, see what a container around Hanare forbids.",
    errors.WorkerSilent: "Try again when the computer is less busy.",
    errors.WorkerKeepsDying: "Wait that long and try again; nothing that was written is lost.",
    errors.ModelCannotSee: "Choose another model, or its projector with: hanare models projector MODEL FILE",
    errors.PictureNotUsable: "Save it as PNG or JPEG and try again.",
    errors.ContextFull: "Begin a new chat, raise the context length, or give --when-full oldest, ends or summary.",
    errors.PromptTooLong: "Shorten the prompt or raise the context length.",
    errors.FormNotUsable: "Mend that place in it and try again; the model was not asked.",
    errors.TextNotAccepted: "Change it and try again.",
    errors.StateNotUsable: "It will be kept anew; to keep nothing of the kind, see: hanare states --remove.",
    errors.EmbedderNotUsable: "Install Hanare again; the search by words works meanwhile.",
    errors.CheckerNotUsable: "Choose another with: hanare documents checker MODEL (or none).",
    errors.HubUnreachable: "Check the connection and try again; what has arrived is kept.",
    errors.HubSentElsewhere: "Nothing was sent there. Ask huggingface.co itself (without HF_ENDPOINT), or fetch the "
    "file in a browser and open it with `hanare models add`.",
    errors.HubRefused: _TOKEN,
    errors.HubNotFound: "Check the repository and the file name; capitals matter.",
    errors.HubSearchRefused: "Try again later, or other words.",
    errors.HubModelRefused: _TOKEN,
    errors.HubModelNotFound: "Check the spelling of the repository; capitals matter.",
    errors.CatalogDamaged: "Install Hanare again; everything else works meanwhile.",
    errors.WitnessNotPossible: "Try it on a Linux that lets programs make user namespaces (unshare -rn true tells).",
    errors.NoRoomForDownload: "Free some space, or take a smaller quantization; nothing was fetched.",
    errors.DownloadCorrupt: "Fetch it again.",
}


def advice(error: EngineError, engine: Engine | None = None) -> str:
    """The sentence for this error; with the engine at hand, what of this computer helps as well."""
    sentence = ADVICE.get(type(error), "")
    if engine is None or not isinstance(error, NotEnoughMemory):
        return sentence
    return " ".join([*ways_down_lines(engine.models.ways_down(error.model_id)), sentence])


def ways_down_lines(ways: WaysDown) -> list[str]:
    """What would fit, a sentence for each."""
    told = []
    if ways.context_tokens:
        told.append(f"With a context length of {ways.context_tokens:,} tokens it would fit.")
    if ways.cache:
        told.append(f"With --key-cache {ways.cache} --value-cache {ways.cache} (hanare models set) it would fit.")
    if ways.model is not None:
        told.append(f"{inert(ways.model.name)}, which is here, would fit.")
    if ways.quantization:
        told.append(f"The same model as {ways.quantization} would need {size(ways.quantized_bytes)} and fit.")
    return told
