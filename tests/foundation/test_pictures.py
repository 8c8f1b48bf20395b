"""Pictures: what decoding may cost, whatever the file says, and that honest ones come through as they were."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import pytest
from django.conf import settings as site
from PIL import Image

from foundation import pictures
from foundation.limited_process import LimitedProcess
from foundation.pictures import LONGEST_SIDE, PictureRefused, encode_picture, encode_upload
from tests.foundation.hostile_pictures import (
    HOSTILE,
    LEGAL,
    PALETTE,
    exif,
    jpeg,
    jpeg_of_scans,
    jpeg_segment,
    png,
    png_chunk,
)
from tests.foundation.hostile_pictures import saved as file_of
from tests.foundation.measured import measure_files

MOST_MEMORY = 256 * 1024 * 1024
"""Beyond what the program has before: a server's process has a part of 1 GB."""
AMPLE = 60
RED, BLUE, WHITE = (200, 30, 30), (30, 30, 200), (255, 255, 255)


def near(one: object, other: tuple[int, int, int]) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) < 12 for a, b in zip(one, other, strict=True))


def kept(data: bytes) -> Image.Image:
    return Image.open(BytesIO(encode_picture(data)))


@pytest.mark.sweep
def test_no_picture_costs_more_memory_than_a_server_has(tmp_path: Path) -> None:
    files: dict[str, tuple[str, Callable[[], bytes]]] = HOSTILE | {name: ("kept", make) for name, make in LEGAL.items()}
    (tmp_path / "small").write_bytes(jpeg())
    for name, (_became, make) in files.items():
        (tmp_path / name).write_bytes(make())

    found = measure_files("tests.foundation.encode_pictures", (tmp_path / name for name in ("small", *files)))
    assert {name: became for name, became, _peak in found} == {name: became for name, (became, _make) in files.items()}
    assert [name for name, _became, peak in found if peak > MOST_MEMORY] == []


@pytest.mark.parametrize("name", [name for name, (became, _make) in HOSTILE.items() if became == "damaged"])
def test_what_no_program_writes_is_refused_in_words(name: str) -> None:
    with pytest.raises(PictureRefused, match="已经损坏"):
        encode_picture(HOSTILE[name][1]())


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(9_000, 9_000), (14_000, 10_000), (25_000, 10_000)])
def test_too_many_pixels_are_named_as_such_however_many(size: tuple[int, int]) -> None:
    with pytest.raises(PictureRefused, match="像素太多"):
        encode_picture(png(*size, 0, 1))


def half_red(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red above, blue below."""
    picture = Image.new("RGB", size, BLUE)
    picture.paste(RED, (0, 0, size[0], size[1] // 2))
    return picture


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [
        (1, (60, 40), (2, 2)),
        (3, (60, 40), (57, 37)),
        (6, (40, 60), (37, 2)),
        (8, (40, 60), (2, 57)),
        (77, (60, 40), (2, 2)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_turned_upright(kind: str, orientation: int, size: tuple[int, int], red: tuple[int, int]) -> None:
    says = exif(0, orientation=orientation)
    data = file_of(half_red(), kind, exif=says if kind == "WEBP" else b"Exif\0\0" + says)
    picture = kept(data)
    assert picture.size == size
    assert near(picture.getpixel(red), RED)
    assert near(picture.getpixel((size[0] - 1 - red[0], size[1] - 1 - red[1])), BLUE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_pixels_is_read(mode: str) -> None:
    white = Image.new("RGB", (50, 40), WHITE)
    picture = Image.new("I;16", (50, 40), 0xFFFF) if mode == "I;16" else white.convert(mode)
    assert near(kept(file_of(picture, "PNG")).getpixel((20, 20)), WHITE)


def test_what_one_sees_through_stands_on_white() -> None:
    clear = Image.new("RGBA", (50, 40), (*RED, 0))
    palette = Image.new("P", (50, 40), 0)
    palette.putpalette(bytes(RED))
    for data in (file_of(clear, "PNG"), file_of(clear, "WEBP", lossless=True), file_of(palette, "PNG", transparency=0)):
        assert near(kept(data).getpixel((20, 20)), WHITE)


def test_a_large_picture_is_the_same_one_made_smaller() -> None:
    picture = kept(file_of(half_red((5_000, 3_000)), "PNG"))
    assert picture.size == (LONGEST_SIDE, 1_440)
    assert near(picture.getpixel((1_200, 700)), RED)
    assert near(picture.getpixel((1_200, 740)), BLUE)


def test_the_first_frame_is_the_picture() -> None:
    frames = [Image.new("RGB", (50, 40), colour) for colour in (RED, BLUE, BLUE)]
    for kind in ("PNG", "WEBP"):
        data = file_of(frames[0], kind, save_all=True, append_images=frames[1:])
        assert near(kept(data).getpixel((20, 20)), RED)


def test_a_progressive_picture_is_read() -> None:
    assert kept(jpeg_of_scans(3)).size == (600, 400)
    assert near(kept(file_of(half_red(), "JPEG", progressive=True)).getpixel((20, 5)), RED)


@pytest.mark.parametrize(
    "data",
    [
        png()[:-12],
        png()[:60],
        jpeg()[:300],
        jpeg(jpeg_segment(0xC0, bytes(15))),
        jpeg(b"\xff\xe1\x00\x00"),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\0\0\0\0WEBP",
        file_of(Image.new("RGB", (40, 30)), "WEBP")[:-20],
        png(more=png_chunk(b"IHDR", bytes(13))),
    ],
    ids=[
        "png without end",
        "half a png",
        "half a jpeg",
        "two frames",
        "length 0",
        "no picture",
        "three bytes",
        "png of nothing",
        "webp of nothing",
        "half a webp",
        "two heads",
    ],
)
def test_what_is_damaged_is_refused(data: bytes) -> None:
    with pytest.raises(PictureRefused, match="已经损坏"):
        encode_picture(data)


@pytest.mark.parametrize(
    "broken",
    [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff\x12\x01"],
    ids=["nothing", "half a head", "out of reach", "half an entry"],
)
def test_exif_that_is_damaged_turns_nothing(broken: bytes) -> None:
    assert kept(png(more=png_chunk(b"eXIf", broken))).size == (40, 30)


def test_one_picture_is_decoded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most = 0, 0
    write = pictures._write

    def watch(picture: Image.Image) -> bytes:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        sleep(0.02)  # whoever else may come now comes
        data = write(picture)
        at_once -= 1
        return data

    monkeypatch.setattr(pictures, "_write", watch)
    data = file_of(half_red((1_500, 1_000)), "JPEG")
    threads = [Thread(target=encode_picture, args=[data]) for _thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


@pytest.fixture
def apart(settings: Any) -> Iterator[None]:
    """Pictures are encoded as on a real site."""
    settings.FILE_SECONDS = AMPLE
    yield
    pictures.DARKROOM.stop()


def become_of(data: bytes) -> str:
    try:
        return "kept" if encode_upload(data).startswith(b"\xff\xd8") else "no JPEG"
    except PictureRefused as refusal:
        return "pixels" if "像素太多" in str(refusal) else "damaged" if "已经损坏" in str(refusal) else str(refusal)


@pytest.mark.slow
@pytest.mark.usefixtures("apart")
@pytest.mark.sweep
def test_in_a_process_of_its_own_every_picture_becomes_the_same() -> None:
    found = {name: become_of(make()) for name, (_became, make) in HOSTILE.items()}
    assert found == {name: became for name, (became, _make) in HOSTILE.items()}
    large, turned = file_of(half_red((5_000, 3_000)), "PNG"), png(more=png_chunk(b"eXIf", exif(0, orientation=6)))
    for data in (large, turned, jpeg_of_scans(3)):
        assert encode_upload(data) == encode_picture(data)


@pytest.mark.usefixtures("apart")
def test_it_has_no_secret() -> None:
    encode_upload(jpeg())
    assert pictures.DARKROOM._child is not None
    environment = Path(f"/proc/{pictures.DARKROOM._child.pid}/environ").read_bytes()
    assert [secret for secret in (site.SECRET_KEY, site.PERSONAL_DATA_HASH_KEY) if secret.encode() in environment] == []


@pytest.mark.usefixtures("apart")
def test_a_picture_that_takes_too_long_or_too_much_memory_is_refused_and_the_next_is_taken(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    large = png(10_000, 6_000, PALETTE)
    small = LimitedProcess("foundation.pictures:work", megabytes=100, answer_megabytes=32)
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "DARKROOM", small)
        with pytest.raises(PictureRefused, match="花费的时间或内存超出了允许的范围。请换一张较小的。"):
            encode_upload(large)
        assert encode_upload(jpeg()) == encode_picture(jpeg())
        small.stop()
    encode_upload(jpeg())
    assert pictures.DARKROOM._child is not None
    stopped = pictures.DARKROOM._child.pid
    os.kill(stopped, signal.SIGSTOP)  # whatever keeps it, it does not answer
    settings.FILE_SECONDS = 1
    with pytest.raises(PictureRefused, match="花费的时间或内存超出了允许的范围。请换一张较小的。"):
        encode_upload(jpeg())
    assert not Path(f"/proc/{stopped}").exists()
    settings.FILE_SECONDS = AMPLE
    assert encode_upload(jpeg()) == encode_picture(jpeg())


@pytest.mark.usefixtures("apart")
def test_while_others_are_read_that_is_said(settings: Any) -> None:
    settings.FILE_SECONDS = 1
    with pictures.DARKROOM._lock, pytest.raises(PictureRefused, match="正在读取其他图片。请过一分钟再试。"):
        encode_upload(jpeg())
