"""Which reader reads which kind of document: the other half of `engine.formats`."""

from engine.formats import PLAIN
from engine.worker.reader import (
    archive,
    delimited,
    docx,
    epub,
    html,
    html_plain,
    mail,
    markdown,
    notebook,
    odf,
    pdf,
    picture_file,
    pptx,
    rtf,
    sheet,
    text,
)
from engine.worker.reader.within import HolderReader, Reader, Readers

READERS: dict[str, Reader] = {
    "pdf": pdf.read,
    "docx": docx.read,
    "pptx": pptx.read,
    "sheet": sheet.read,
    "csv": delimited.read,
    "odt": odf.read_text,
    "odp": odf.read_slides,
    "epub": epub.read,
    "rtf": rtf.read,
    "html": html.read,
    "markdown": markdown.read,
    "picture": picture_file.read,
    "notebook": notebook.read,
    "text": text.read,
    "code": text.read,
}
HOLDERS: dict[str, HolderReader] = {
    "mail": mail.read_mail,
    "mbox": mail.read_mailbox,
    "zip": archive.read_zip,
    "tar": archive.read_tar,
}
ALL = Readers(READERS, HOLDERS, html.lines)
_SIMPLE: dict[str, Reader] = {"html": html_plain.read, "docx": docx.read_plain}
PLAIN_ONLY = Readers(
    {kind: _SIMPLE.get(kind, reader) for kind, reader in READERS.items() if kind in PLAIN},
    {kind: reader for kind, reader in HOLDERS.items() if kind in PLAIN},
    html_plain.lines,
)
