"""What becomes of the file of a picture, and of what only looks like one."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from engine.documents.reading import MOST_PICTURE_BYTES, Reader
from engine.errors import PictureNotUsable
from engine.operation import Cancel
from engine.types import Picture
from tests.fakes import pictures

SECRET = b"Kurosawa 35.6586N 139.7454E"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path / "private")
    yield reader
    reader.close()


def take(reader: Reader, raw: bytes, name: str = "holiday.png") -> Picture:
    return reader.take_picture(raw, name, Cancel())


def shown(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.data), formats=["PNG", "JPEG"])


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_a_picture_of_every_common_kind_is_taken_in(reader: Reader, form: str) -> None:
    picture = take(reader, pictures.file(form))
    assert (picture.width, picture.height, picture.name) == (96, 64, "holiday.png")
    assert shown(picture).size == (96, 64)
    assert Image.open(io.BytesIO(picture.thumbnail)).size == (96, 64)


def test_an_exact_picture_stays_exact(reader: Reader) -> None:
    picture = take(reader, pictures.file("PNG", seed=3))
    assert picture.kind == "png"
    assert shown(picture).tobytes() == pictures.image(3).tobytes()


def test_the_same_picture_has_the_same_digest_and_another_has_another(reader: Reader) -> None:
    one, same, other = (take(reader, pictures.file(seed=seed)) for seed in (1, 1, 2))
    assert one == same
    assert one.digest == same.digest != other.digest


def test_a_large_photo_is_scaled_down_and_stays_small_enough(reader: Reader) -> None:
    noise = Image.effect_noise((4000, 3000), 90).convert("RGB")
    raw = io.BytesIO()
    noise.save(raw, "JPEG", quality=95)
    picture = take(reader, raw.getvalue())
    assert (picture.kind, picture.width, picture.height) == ("jpeg", 1536, 1152)
    assert len(picture.data) <= 1536 << 10
    assert max(Image.open(io.BytesIO(picture.thumbnail)).size) == 320


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_held_as_its_camera_was(reader: Reader, form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera stood on its side
    picture = take(reader, pictures.file(form, exif=exif))
    assert (picture.width, picture.height) == (64, 96)
    assert not shown(picture).getexif()


def test_nothing_of_the_file_but_its_pixels_is_kept(reader: Reader) -> None:
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = SECRET.decode()
    for raw in (pictures.file("JPEG", exif=exif, comment=SECRET), pictures.file("PNG", exif=exif) + SECRET):
        assert SECRET in raw
        picture = take(reader, raw)
        assert SECRET not in picture.data + picture.thumbnail
        assert set(shown(picture).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_what_shines_through_lies_on_white(reader: Reader) -> None:
    raw = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(raw, "PNG")
    assert shown(take(reader, raw.getvalue())).getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_of_grey_keep_their_shades(reader: Reader) -> None:
    raw = io.BytesIO()
    Image.new("I;16", (40, 40), 32768).save(raw, "PNG")
    assert shown(take(reader, raw.getvalue())).getpixel((5, 5)) == (128, 128, 128)


def test_the_first_picture_of_an_animation_stands_for_it(reader: Reader) -> None:
    raw = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(
        raw, "GIF", save_all=True, append_images=[Image.new("RGB", (40, 40), "blue")], duration=50
    )
    assert shown(take(reader, raw.getvalue())).getpixel((5, 5)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "none that Hanare knows"),
        (b"plain words", "none that Hanare knows"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>", "none that Hanare knows"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "none that Hanare knows"),
        (b"II*\0" + bytes(64), "none that Hanare knows"),  # TIFF
        (pictures.file()[:200], "damaged"),
        (pictures.file("JPEG")[:400], "damaged"),
        (pictures.png(60_000, 60_000, bytes(1000)), "far too many pixels"),
        (pictures.png(20_000, 20_000, b"\0" * 1000), "400 million pixels"),
        (pictures.png(4000, 4000, bytes(4000 * 12001)), None),  # four dozen megabytes of zeros: a picture all the same
        (pictures.png(30_000, 10, bytes(10 * 90_001)), "too narrow"),
        (b"\xff" * (MOST_PICTURE_BYTES + 1), "20 MiB"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value,
)
def test_what_is_no_picture_or_a_bomb_is_refused_with_the_reason(reader: Reader, raw: bytes, why: str | None) -> None:
    if why is None:
        assert take(reader, raw).width == 1536
        return
    with pytest.raises(PictureNotUsable, match=why) as refused:
        take(reader, raw)
    assert str(refused.value).startswith("“holiday.png” cannot be used: ")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_forty_damaged_files_of_each_kind_are_taken_in_or_refused_and_the_next_one_is_well(
    reader: Reader, form: str
) -> None:
    for raw in pictures.mutants(pictures.file(form), 40):
        try:
            picture = take(reader, raw)
        except PictureNotUsable:
            continue
        assert shown(picture).size == (picture.width, picture.height)
    assert take(reader, pictures.file(form)).width == 96


def test_a_picture_leaves_nothing_in_the_folder_of_the_processes(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    take(reader, pictures.file())
    reader.close()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
