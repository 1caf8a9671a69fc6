"""The root key on paper: the same 24 words here and in the console (tests/vectors/words.json, words.test.js)."""

import json
from pathlib import Path
from typing import Any

import pytest
from mnemonic import Mnemonic

from operator_service.root import keyfile
from operator_service.root.words import WordsError, seed_of, words_of
from tests.operator.test_root import PHRASE, run_module
from tillsyn.identity import SigningKey

ROOT = Path(__file__).parents[2]
LIST = ROOT / "addon/operator/operator_service/static/bip39-english.js"
FILE: dict[str, Any] = json.loads((ROOT / "tests/vectors/words.json").read_text(encoding="utf-8"))
TEXTS = {"words_count": "24 words", "words_unknown": "konst", "words_checksum": "checksum"}


@pytest.mark.parametrize("vector", FILE["good"], ids=lambda one: one["seed"][:8])
def test_a_key_and_its_words(vector: dict[str, str]) -> None:
    seed = bytes.fromhex(vector["seed"])
    assert words_of(seed) == vector["words"]
    assert seed_of(vector["words"]) == seed
    assert SigningKey.from_seed(seed).public.x == vector["root"]


@pytest.mark.parametrize("vector", FILE["typed"], ids=["typed"])
def test_words_as_people_type_them(vector: dict[str, str]) -> None:
    assert seed_of(vector["typed"]) == seed_of(vector["words"])


@pytest.mark.parametrize("vector", FILE["bad"], ids=lambda one: one["name"])
def test_words_that_are_no_key(vector: dict[str, str]) -> None:
    with pytest.raises(WordsError, match=TEXTS[vector["code"]]):
        seed_of(vector["words"])


def test_the_console_has_the_same_list() -> None:
    text = LIST.read_text(encoding="utf-8").partition("`")[2].partition("`")[0]
    assert text.split() == Mnemonic("english").wordlist


async def test_a_key_file_goes_over_paper_and_back(tmp_path: Path) -> None:
    (tmp_path / "phrase").write_text(PHRASE)
    made = keyfile.create(tmp_path / "root.key", "Exempelkommun", PHRASE, cost=14)
    phrase = ("--passphrase-file", str(tmp_path / "phrase"))
    words = await run_module("operator_service.root", "words", str(tmp_path / "root.key"), *phrase)
    out, err = await words.communicate()
    assert (words.returncode, err, len(out.split())) == (0, b"", 24)
    (tmp_path / "words").write_bytes(out)
    again = await run_module(
        "operator_service.root", "from-words", str(tmp_path / "again.key"), *phrase, "--municipality", "Exempelkommun",
        "--words-file", str(tmp_path / "words"),
    )  # fmt: skip
    out, err = await again.communicate()
    assert (again.returncode, err, out.decode().strip()) == (0, b"", made.key.public.kid)
    assert keyfile.read(tmp_path / "again.key", PHRASE).key.seed() == made.key.seed()


async def test_wrong_words_give_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "words").write_text("one two three")
    command = await run_module(
        "operator_service.root", "from-words", str(tmp_path / "root.key"), "--municipality", "Exempelkommun",
        "--passphrase-file", str(tmp_path / "phrase"), "--words-file", str(tmp_path / "words"),
    )  # fmt: skip
    _, err = await command.communicate()
    assert (command.returncode, err.decode()) == (1, "tillsyn-root: 24 words are needed, there are 3\n")
    assert not (tmp_path / "root.key").exists()
