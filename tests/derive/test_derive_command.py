"""``rnnproof derive``: where the document goes, and that nothing half-written is left."""

from pathlib import Path

import pytest

from rnnproof.cli import outputs
from rnnproof.cli.main import run
from rnnproof.errors import UsageError


def test_the_document_is_printed_or_written(tmp_path, capsys):
    assert run(["derive", "elman", "--steps", "1"]) == 0
    printed = capsys.readouterr().out
    assert run(["derive", "elman", "--steps", "1", "-o", str(tmp_path / "elman.md")]) == 0
    assert (tmp_path / "elman.md").read_text() == printed
    assert [file.name for file in tmp_path.iterdir()] == ["elman.md"]


def test_what_fails_while_it_is_written_leaves_what_was_there(tmp_path, monkeypatch):
    file = tmp_path / "kept.md"
    file.write_text("as before")

    def full(self, text, encoding):
        self.open("w").write(text[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(UsageError, match=r"kept\.md cannot be written: No space left on device"):
        outputs.write(file, "a document")
    monkeypatch.undo()
    assert file.read_text() == "as before"
    assert list(tmp_path.iterdir()) == [file]


def test_an_interrupted_write_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        outputs.write(tmp_path / "new.md", "a document")
    assert list(tmp_path.iterdir()) == []


def test_a_file_keeps_its_mode_and_a_link_its_target(tmp_path):
    file, link = tmp_path / "file.md", tmp_path / "link.md"
    file.write_text("")
    file.chmod(0o640)
    link.symlink_to(file)
    outputs.write(link, "a document")
    assert link.is_symlink() and file.read_text() == "a document" and file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("place", ["", "no/such/directory/file.md"])
def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path, place, capsys):
    assert run(["derive", "lstm", "-o", str(tmp_path / place)]) == 2
    assert "cannot be written" in " ".join(capsys.readouterr().err.split())


def test_what_does_not_hold_exits_with_an_error_and_prints_nothing(monkeypatch, capsys):
    from wrong_cells import with_another_sign

    from rnnproof.catalogue import network
    from rnnproof.usecases.derive import document

    monkeypatch.setattr(document, "named", lambda name: with_another_sign(network(name)))
    assert run(["derive", "gru"]) == 1
    told = capsys.readouterr()
    assert told.out == "" and "no document is made of it" in " ".join(told.err.split())
