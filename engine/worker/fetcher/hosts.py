"""The only hosts that a download may connect to: the hub that is asked, and where the hub keeps its files."""

import re

LOOPBACK = ("127.0.0.1", "::1", "localhost")
# As huggingface.co redirects to them, and mirrors of it do: its storage by Xet and its older one, everywhere on earth.
_HUB = re.compile(r"huggingface\.co|cdn-lfs[a-z0-9-]*\.huggingface\.co|([a-z0-9-]+\.)*hf\.co")


def belongs(host: str, hub: str) -> bool:
    """Whether `host` may be asked for a file of the host `hub`, both in lower case.

    A host of this computer may name it in any way. Any host may send on to huggingface.co and to its storage:
    a mirror does.
    """
    return host == hub or (host in LOOPBACK and hub in LOOPBACK) or bool(_HUB.fullmatch(host))
