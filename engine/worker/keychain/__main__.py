"""Serve `AskKeychain`: it knows the keychain's part of a wrapped key or a sealed token, never the key or a file."""

from engine import wire
from engine.privacy import keychain
from engine.privacy.keychain import Find, Keychain, KeychainError, NotKept
from engine.worker.desk import Desk


def main(find: Find = keychain.found) -> None:
    """Serve until the engine lets go; `find` finds keychains."""
    desk = Desk("keychain")
    at_hand: dict[str, Keychain] = {}

    def ask(request: wire.AskKeychain) -> None:
        found = at_hand.get(request.keychain) or find(request.keychain)
        if found is None:
            desk.report(wire.KeychainAnswered(job=request.job))
            return
        at_hand[request.keychain] = found
        secret = refused = ""
        gone = False
        try:
            secret = done(found, request)
        except KeychainError as error:
            refused, gone = str(error), isinstance(error, NotKept)
        desk.report(
            wire.KeychainAnswered(job=request.job, keychain=found.name, secret=secret, refused=refused, gone=gone)
        )

    desk.serve({wire.AskKeychain: ask})


def done(found: Keychain, request: wire.AskKeychain) -> str:
    """Do what is asked; what was read, else "". Raises `KeychainError`."""
    match request.do:
        case "read":
            return found.read(request.entry, request.answer_s)
        case "write":
            found.write(request.entry, request.secret)
        case "forget":
            found.forget(request.entry)
        case "find":
            pass
        case _:
            raise ValueError(f"a keychain can do nothing like {request.do}")
    return ""


if __name__ == "__main__":
    main()
