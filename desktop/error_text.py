"""How each engine error reads on screen: a title, what happened, and what the person can do.

Keyed by exact type, so order cannot matter; a test asserts that no error lacks a row.
"""

from dataclasses import dataclass

from desktop.words import REASONS, later, told, tr
from engine import errors


@dataclass(frozen=True, slots=True)
class ErrorText:
    """What a notice shows, already in the window's language."""

    title: str
    sentence: str
    advice: str
    remedy: str = ""  # what a button beside it may offer: "again", "anyway" (load it all the same), "shorter", ""
    wait_s: float = 0.0  # before which "again" is no use


ADVICE: dict[type[errors.EngineError], tuple[str, str]] = {
    errors.AlreadyRunning: (
        later("Hanare is already open"),
        later("Close the other Hanare (or the command in a terminal that uses this folder) and start again."),
    ),
    errors.KeyMissing: (
        later("The key is missing"),
        later("Your data is untouched and still encrypted. Unlock the computer's keychain or put the key file back, "
              "then start Hanare again."),
    ),
    errors.Locked: (
        later("Hanare is locked"),
        later("Your data is untouched and still encrypted. Type your passphrase or your recovery code to open it."),
    ),
    errors.PassphraseWrong: (
        later("That is not the passphrase"),
        later("Nothing was changed. Look at the language of the keyboard and at Caps Lock, then type it again; "
              "the recovery code opens your data too."),
    ),
    errors.PassphraseTooWeak: (
        later("Choose another passphrase"),
        later("Nothing was changed. Four or five words that do not belong together are good and easy to remember."),
    ),
    errors.RecoveryCodeWrong: (
        later("That recovery code does not open it"),
        later("Nothing was changed. Compare it with what you printed or saved, group by group."),
    ),
    errors.KeysTooNew: (
        later("Your keys are from a newer Hanare"),
        later("Nothing was changed. Install the newer version to go on."),
    ),
    errors.LockNotPossible: (
        later("Locking needs a passphrase or the keychain"),
        later("Set a passphrase first, on the Privacy page."),
    ),
    errors.AskNotPossible: (
        later("Make a second way in first"),
        later("Nothing was changed. Set a passphrase and make a recovery code, then have every start ask."),
    ),
    errors.KeychainRefused: (
        later("The keychain did not take it"),
        later("Nothing was changed; what opened your data goes on opening it. Unlock the keychain and try again."),
    ),
    errors.TokenKeychainRefused: (
        later("The keychain and the access token"),
        later("Nothing is lost: a token that you give is used until Hanare is closed. Unlock the keychain and try "
              "again."),
    ),
    errors.StoreUnreadable: (
        later("Your data could not be opened"),
        later("Nothing was changed. If the file was moved or replaced, put the original back; "
              "otherwise restore it from a backup."),
    ),
    errors.StoreTooNew: (
        later("Your data is from a newer Hanare"),
        later("It can be read but not changed. Install the newer version to go on."),
    ),
    errors.StoreNotEncrypted: (
        later("Encryption is not at work"),
        later("Nothing was written. Install Hanare again so that its encryption library is complete."),
    ),
    errors.DiskFull: (
        later("The disk is full"),
        later("What was saved before is safe. Make room on the disk and try again."),
    ),
    errors.NotFound: (
        later("That is not here any more"),
        later("It may have been removed a moment ago. The list shows what there is."),
    ),
    errors.FileMissing: (
        later("The file is not there"),
        later("If it was moved or is on a drive that is not connected, bring it back or add it from its new place."),
    ),
    errors.FileNotReadable: (
        later("The file could not be opened"),
        later("Check that you may read it and that no other program holds it, then try again."),
    ),
    errors.FormatUnknown: (
        later("Hanare does not read this kind of file"),
        later(
            "It reads PDF, Office and OpenDocument files, e-books, mails, web pages, archives and text. "
            "Saving it as one of these helps."
        ),
    ),
    errors.DocumentDamaged: (
        later("The document is damaged"),
        later("Open it in the program it came from and save it again. The other files are not affected."),
    ),
    errors.DocumentEmpty: (
        later("The document holds no text"),
        later("Look whether it is the file you meant. The other files are not affected."),
    ),
    errors.DocumentTooLarge: (
        later("The document is too large"),
        later("Split it into parts and add those. The other files are not affected."),
    ),
    errors.DocumentTooSlow: (
        later("Reading the document took too long"),
        later("Saving it again from the program it came from often helps. The other files are not affected."),
    ),
    errors.ModelDamaged: (
        later("The model file cannot be used"),
        later("Download or copy the file again. It was not loaded and nothing was changed."),
    ),
    errors.ModelBuiltIn: (
        later("The guide is part of Hanare"),
        later("It takes no room in your folder. Any model that you choose in a chat answers in its place."),
    ),
    errors.ModelNotUsable: (
        later("The model could not be loaded"),
        later("This kind of model may need a newer Hanare. Choose another model to go on."),
    ),
    errors.DraftNotUsable: (
        later("The draft model does not fit"),
        later("On the Models page, choose another draft model for it, or none."),
    ),
    errors.CardNotUsable: (
        later("The graphics card could not be used"),
        later("On the Models page, let it have fewer layers of this model, or none."),
    ),
    errors.ModelNotForChat: (
        later("This model does not chat"),
        later("It was made for another job, such as turning text into vectors. Choose a model made for conversation."),
    ),
    errors.GuideOnlyQuotes: (
        later("The guide only quotes"),
        later("Get a bigger model on the Models page, which can write from your documents."),
    ),
    errors.AnswerNotGoneOnWith: (
        later("This model cannot go on with an answer"),
        later("Nothing was changed. Ask it in a message to go on, have it write the answer again, or choose another "
              "model."),
    ),
    errors.AdapterNotForModel: (
        later("The adapter does not go with this model"),
        later("Nothing was changed. Attach it to the model it was made from, "
              "or take it off this one on the Models page."),
    ),
    errors.ProjectorNotForModel: (
        later("The projector does not go with this model"),
        later("Nothing was changed. Take the file named mmproj from where the model comes from."),
    ),
    errors.ModelNotMade: (
        later("The smaller model was not made"),
        later("Nothing was left behind. Begin with the model as it was published, in F16 or BF16, or try another "
              "form."),
    ),
    errors.CheckpointNotUsable: (
        later("This folder cannot be converted"),
        later("Nothing was left behind. Look for a GGUF file of the model."),
    ),
    errors.TokenizerDiffers: (
        later("The model would misread text"),
        later("It was not converted, for it would have answered worse than it can, without anybody knowing why. "
              "Look for a GGUF file of it from its maker."),
    ),
    errors.MatrixNeeded: (
        later("This form needs an importance matrix"),
        later("Nothing was written. Choose text of your own to measure with, or a form with more bits."),
    ),
    errors.MatrixNotUsable: (
        later("That importance matrix cannot be used"),
        later("Nothing was written. Take one that was measured with this very model, or measure one here."),
    ),
    errors.ModelsNotComparable: (
        later("These models cannot be compared"),
        later("Nothing was changed. Choose the model that the smaller one was made from."),
    ),
    errors.NothingToMeasureAgainst: (
        later("The larger model is missing"),
        later("Open the file it was made from, or download it again; then measure once more."),
    ),
    errors.NoRoomToMeasure: (
        later("There is not enough room to measure"),
        later("Nothing was begun. Make room on the disk, or close other programs so that both models fit into memory."),
    ),
    errors.NotEnoughRoom: (
        later("There is not enough room on the disk"),
        later("Nothing was written. Make room on the disk, or choose a form with fewer bits."),
    ),
    errors.NotEnoughMemory: (
        later("Not enough memory for this model"),
        later("Close other programs, choose a smaller model, or set a shorter context length in the settings."),
    ),
    errors.MemoryRanShort: (
        later("The computer ran short of memory"),
        later("What was written is kept. Close other programs or choose a smaller model, then try again."),
    ),
    errors.NoModel: (
        later("No model yet"),
        later("Open a GGUF file, download one, or make the test models on the Models page."),
    ),
    errors.WorkerDied: (
        later("A part of Hanare stopped"),
        later("Your chats and documents are safe. Try again; it starts anew by itself."),
    ),
    errors.WorkerNotSealed: (
        later("A part of Hanare could not be shut off"),
        later("It was ended before it read anything. Try again; if it stays so, see whether a container around Hanare "
              "forbids its walls."),
    ),
    errors.WorkerSilent: (
        later("A part of Hanare did not answer"),
        later("Your chats and documents are safe. Try again; it starts anew by itself."),
    ),
    errors.WorkerKeepsDying: (
        later("A part of Hanare keeps stopping"),
        later("Your chats and documents are safe. Wait a moment, then try again; if it goes on, choose another model "
              "or start Hanare again."),
    ),
    errors.ModelKeepsFailing: (
        later("This model keeps failing"),
        later("Choose another model, or download this one again. Starting Hanare again gives it another try."),
    ),
    errors.ModelCannotSee: (
        later("This model does not see pictures"),
        later("Nothing was sent; text and pictures are still there. Choose a model that sees pictures above, choose "
              "a projector for this one on the Models page, or send the text without the picture."),
    ),
    errors.PictureNotUsable: (
        later("That picture cannot be used"),
        later("Your text is still there. Open the picture in another program and save it as PNG or JPEG, or choose "
              "another one."),
    ),
    errors.ContextFull: (
        later("This chat is longer than the model's context"),
        later("Nothing was left out and no answer was written. Go on without the oldest messages, or choose below what "
              "is done when a chat is full; a longer context can be set in the settings."),
    ),
    errors.PromptTooLong: (
        later("The text is too long for the model"),
        later("Shorten it, start a new chat, or set a longer context length in the settings."),
    ),
    errors.FormNotUsable: (
        later("The answer form cannot be used"),
        later("Change the place that is named, or choose another answer form for this chat. What was written is kept."),
    ),
    errors.TextNotAccepted: (
        later("That value cannot be used"),
        later("Choose another value; the former one is still in place."),
    ),
    errors.StateNotUsable: (
        later("The chat was read again"),
        later("Nothing is lost but a little time. What was read is kept anew."),
    ),
    errors.EmbedderNotUsable: (
        later("Search by meaning is not available"),
        later("Search by words works as before. Installing Hanare again repairs the embedding model."),
    ),
    errors.CheckerNotUsable: (
        later("The answer was checked without its model"),
        later("Words, numbers and meaning were compared. Choose another model in the settings, or none."),
    ),
    errors.HubUnreachable: (
        later("No connection"),
        later("Check the connection to the internet and try again. What has arrived is kept."),
    ),
    errors.HubRefused: (
        later("The download was refused"),
        later("The model may ask you to accept its terms on its web page and to give an access token here."),
    ),
    errors.HubSentElsewhere: (
        later("The download led to another place"),
        later("Nothing was sent there. Fetch the file in a browser if you trust that place, then open it here."),
    ),
    errors.HubNotFound: (
        later("There is no such file"),
        later("Check the spelling of the repository and of the file; both must be exact."),
    ),
    errors.HubSearchRefused: (
        later("The hub did not search"),
        later("Try again later, or with other words."),
    ),
    errors.HubModelRefused: (
        later("The hub does not tell of this model"),
        later("It may be private, or its owner may ask you to accept terms on its web page first."),
    ),
    errors.HubModelNotFound: (
        later("There is no such repository"),
        later("Check its spelling; it must be exact."),
    ),
    errors.CatalogDamaged: (
        later("The list of recommended models is damaged"),
        later("Everything else works. Installing Hanare again repairs the list."),
    ),
    errors.WitnessNotPossible: (
        later("The proof cannot be made on this computer"),
        later("It takes a Linux that lets programs make user namespaces. What is measured on the Privacy page holds "
              "all the same."),
    ),
    errors.NoRoomForDownload: (
        later("There is no room for the download"),
        later("Nothing was fetched. Make room on the disk, or choose a smaller quantization, and try again."),
    ),
    errors.DownloadCorrupt: (
        later("The download arrived damaged"),
        later("It was thrown away. Start the download again."),
    ),
}  # fmt: skip


REMEDIES: dict[type[errors.EngineError], str] = {
    errors.WorkerDied: "again",
    errors.WorkerSilent: "again",
    errors.WorkerKeepsDying: "again",
    errors.MemoryRanShort: "again",
    errors.NotEnoughMemory: "anyway",
    errors.ContextFull: "shorter",
}


def error_text(error: Exception) -> ErrorText:
    """The words for `error`; anything that is not an engine error is a mistake of Hanare's own."""
    if not isinstance(error, errors.EngineError):
        return ErrorText(
            title=tr("Something went wrong in Hanare"),
            sentence=tr("Hanare made a mistake ({place}).", place=place_of(error)),
            advice=tr("What was saved before is safe. If it happens again, starting Hanare anew may help."),
        )
    title, advice = ADVICE[type(error)]
    facts = {name: told(str(value)) if name in REASONS else value for name, value in error.facts.items()}
    return ErrorText(
        title=tr(title), sentence=tr(type(error).sentence, **facts), advice=tr(advice),
        remedy=REMEDIES.get(type(error), ""), wait_s=float(error.facts.get("wait_s", 0.0)),
    )  # fmt: skip


def place_of(error: BaseException) -> str:
    """Kind and place of a mistake ("ValueError, window.py line 12"): never its text, which may be private."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    kind = type(error).__name__
    if trace is None:
        return kind
    file = trace.tb_frame.f_code.co_filename.replace("\\", "/").rsplit("/", 1)[-1]
    return f"{kind}, {file} line {trace.tb_lineno}"
