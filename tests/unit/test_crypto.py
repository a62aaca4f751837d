"""Secrets at rest and at the door: the vault, its key, password hashes, and the guard of log-ins."""

from __future__ import annotations

import base64
import os
import pickle
import stat
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service import crypto
from cashbox_service.crypto import (
    KEY_VARIABLE,
    MAX_PASSWORD_BYTES,
    BrokenSeal,
    FailedLogins,
    KeyRefused,
    UnknownKey,
    Vault,
    VerifiedPasswords,
    hash_password,
    load_key_file,
    new_key,
    open_vault,
    parse_keys,
    verify_password,
)

PAN = "4111111111111111"
OLD, NEW = bytes(range(32)), bytes(range(32, 64))
HASH = "$argon2id$stored"


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class TestVault:
    vault = Vault(NEW)

    @given(st.text(max_size=300), st.text(max_size=80))
    def test_what_is_sealed_can_be_opened(self, text: str, context: str) -> None:
        assert self.vault.open(self.vault.seal(text, context), context) == text

    def test_a_sealed_value_shows_nothing_and_is_never_the_same_twice(self) -> None:
        first, second = self.vault.seal(PAN, "m/CreditCard"), self.vault.seal(PAN, "m/CreditCard")
        assert first != second
        assert PAN not in first
        assert base64.b64encode(PAN.encode()).decode().rstrip("=") not in first
        assert first.isascii()

    @pytest.mark.parametrize("context", ["other/CreditCard", "m/ECP", "", "m/CreditCard "])
    def test_it_opens_for_its_owner_and_kind_alone(self, context: str) -> None:
        sealed = self.vault.seal(PAN, "m/CreditCard")
        with pytest.raises(BrokenSeal):
            self.vault.open(sealed, context)

    @given(st.data())
    def test_a_changed_value_does_not_open(self, data: st.DataObject) -> None:
        version, key_id, body = self.vault.seal(PAN, "m").split(".")
        raw = bytearray(base64.urlsafe_b64decode(body))
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
        with pytest.raises(BrokenSeal):
            self.vault.open(f"{version}.{key_id}.{base64.urlsafe_b64encode(raw).decode()}", "m")

    @pytest.mark.parametrize("text", ["", PAN, "v1.x", "v1.ab.!!", "v2.ab.YWJj", "v1..", "é.é.é"])
    def test_what_was_never_sealed_does_not_open(self, text: str) -> None:
        with pytest.raises((BrokenSeal, UnknownKey)) as refused:
            self.vault.open(text, "m")
        assert PAN not in str(refused.value)

    def test_a_body_cut_short_does_not_open(self) -> None:
        prefix = self.vault.seal(PAN, "m").rsplit(".", 1)[0]
        with pytest.raises(BrokenSeal):
            self.vault.open(f"{prefix}.{base64.urlsafe_b64encode(b'short').decode()}", "m")

    def test_keys_rotate(self) -> None:
        sealed = Vault(OLD).seal(PAN, "m")
        rotated = Vault(NEW, OLD)
        assert rotated.open(sealed, "m") == PAN
        assert rotated.needs_resealing(sealed)
        again = rotated.seal(PAN, "m")
        assert not rotated.needs_resealing(again)
        assert self.vault.open(again, "m") == PAN
        with pytest.raises(UnknownKey):
            self.vault.open(sealed, "m")

    def test_another_key_id_does_not_help(self) -> None:
        rotated = Vault(NEW, OLD)
        foreign = Vault(OLD).seal(PAN, "m").split(".")[1]
        version, _, body = rotated.seal(PAN, "m").split(".")
        with pytest.raises(BrokenSeal):
            rotated.open(f"{version}.{foreign}.{body}", "m")

    def test_fingerprints_recognise_the_same_value_of_one_merchant(self) -> None:
        mark = self.vault.fingerprint(PAN, "m/CreditCard")
        assert mark == Vault(NEW).fingerprint(PAN, "m/CreditCard")
        assert len(mark) == 64
        assert mark != self.vault.fingerprint(PAN, "other/CreditCard")
        assert mark != self.vault.fingerprint(PAN[:-1], "m/CreditCard")
        assert mark != Vault(OLD).fingerprint(PAN, "m/CreditCard")

    def test_context_and_value_of_a_fingerprint_do_not_run_together(self) -> None:
        assert self.vault.fingerprint("bc", "a") != self.vault.fingerprint("c", "ab")

    def test_fingerprints_outlive_a_new_key(self) -> None:
        assert Vault(NEW, OLD).fingerprint(PAN, "m") == Vault(OLD).fingerprint(PAN, "m")

    def test_its_repr_has_no_key(self) -> None:
        shown = repr(Vault(NEW, OLD))
        assert NEW.hex() not in shown
        assert base64.b64encode(NEW).decode() not in shown

    def test_it_cannot_be_pickled(self) -> None:
        with pytest.raises(TypeError):
            pickle.dumps(self.vault)

    @pytest.mark.parametrize("key", [b"", b"short", bytes(33)])
    def test_a_key_has_32_bytes(self, key: bytes) -> None:
        with pytest.raises(KeyRefused):
            Vault(key)


class TestKeys:
    @pytest.mark.parametrize(
        "text",
        [
            base64.b64encode(NEW).decode(),
            base64.urlsafe_b64encode(NEW).decode() + "\n",
            NEW.hex(),
            NEW.hex().upper(),
            "# made by hand\n" + NEW.hex(),
        ],
    )
    def test_base64_and_hexadecimal_are_read(self, text: str) -> None:
        assert parse_keys(text) == (NEW,)

    @pytest.mark.parametrize("between", [",", "\n", ", ", "\n# the first one\n"])
    def test_several_keys_newest_first(self, between: str) -> None:
        text = f"{base64.b64encode(NEW).decode()}{between}{OLD.hex()}"
        assert parse_keys(text) == (NEW, OLD)

    @pytest.mark.parametrize(
        "text", ["", "# nothing", "secret", base64.b64encode(b"short").decode(), "é" * 43]
    )
    def test_a_malformed_key_is_refused_without_repeating_it(self, text: str) -> None:
        with pytest.raises(KeyRefused) as refused:
            parse_keys(text)
        assert not text or text not in str(refused.value)

    def test_new_keys_differ(self) -> None:
        assert len({new_key() for _ in range(10)}) == 10


class TestKeyFile:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "var" / "cashbox.key"

    def test_it_is_made_at_first_start_for_one_user(self, path: Path) -> None:
        keys = load_key_file(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert load_key_file(path) == keys
        assert [child.name for child in path.parent.iterdir()] == [path.name]

    def test_a_generous_umask_does_not_open_it(self, path: Path) -> None:
        before = os.umask(0)
        try:
            load_key_file(path)
        finally:
            os.umask(before)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o644])
    def test_it_is_refused_when_others_can_read_or_write_it(self, path: Path, mode: int) -> None:
        load_key_file(path)
        path.chmod(mode)
        with pytest.raises(KeyRefused, match=rf"mode {mode:04o}.*chmod 600"):
            load_key_file(path)

    def test_a_folder_is_no_key_file(self, path: Path) -> None:
        path.mkdir(parents=True, mode=0o700)
        with pytest.raises(KeyRefused, match="not a plain file"):
            load_key_file(path)

    @pytest.mark.parametrize("content", [b"", b"nonsense\n", b"\xff\xfe\x00"])
    def test_a_damaged_one_is_refused_by_name(self, path: Path, content: bytes) -> None:
        load_key_file(path)
        path.write_bytes(content)
        with pytest.raises(KeyRefused, match=r"cashbox\.key holds no usable key"):
            load_key_file(path)

    def test_processes_that_start_together_take_the_same_key(self, path: Path) -> None:
        found: list[bytes] = []
        start = threading.Barrier(8)

        def begin() -> None:
            start.wait()
            found.extend(load_key_file(path))

        threads = [threading.Thread(target=begin) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1

    def test_a_given_key_goes_before_the_environment_and_the_file(self, path: Path) -> None:
        environment = {KEY_VARIABLE: base64.b64encode(OLD).decode()}
        given = open_vault(NEW.hex(), path, environment)
        named = open_vault(None, path, environment)
        assert given.fingerprint("x", "") == Vault(NEW).fingerprint("x", "")
        assert named.fingerprint("x", "") == Vault(OLD).fingerprint("x", "")
        assert not path.exists()
        filed = open_vault(None, path, {})
        assert filed.fingerprint("x", "") == Vault(*load_key_file(path)).fingerprint("x", "")


class TestPasswordHashes:
    def test_the_right_password_is_recognised(self) -> None:
        stored = hash_password("correct horse")
        assert stored.startswith("$argon2id$")
        assert "correct" not in stored
        assert verify_password(stored, "correct horse")
        assert not verify_password(stored, "correct horse ")
        assert not verify_password(stored, "")

    def test_the_same_password_is_never_hashed_alike(self) -> None:
        assert hash_password("pässword") != hash_password("pässword")

    @pytest.mark.parametrize("stored", ["", "plain", "$argon2id$broken"])
    def test_a_damaged_hash_lets_nobody_in(self, stored: str) -> None:
        assert not verify_password(stored, "plain")

    def test_nobody_has_a_password(self) -> None:
        assert not verify_password(None, "sandbox")

    def test_passwords_are_bounded(self) -> None:
        assert verify_password(hash_password("x" * MAX_PASSWORD_BYTES), "x" * MAX_PASSWORD_BYTES)
        assert not verify_password(hash_password("x"), "x" * (MAX_PASSWORD_BYTES + 1))
        for wrong in ("", "x" * (MAX_PASSWORD_BYTES + 1)):
            with pytest.raises(ValueError, match="1 to 1024 bytes"):
                hash_password(wrong)


class TestVerifiedPasswords:
    def test_a_verified_pair_is_remembered_for_a_minute(self) -> None:
        now = Seconds()
        verified = VerifiedPasswords(now)
        assert not verified.contains("shop", "secret", HASH)
        verified.remember("shop", "secret", HASH)
        now.now += 59.9
        assert verified.contains("shop", "secret", HASH)
        now.now += 0.2
        assert not verified.contains("shop", "secret", HASH)

    @pytest.mark.parametrize(
        "other",
        [
            ("shop", "Secret", HASH),
            ("shop2", "secret", HASH),
            ("shops", "ecret", HASH),
            ("shop", "secret", ""),
        ],
    )
    def test_only_the_very_same_pair_counts(self, other: tuple[str, str, str]) -> None:
        verified = VerifiedPasswords(Seconds())
        verified.remember("shop", "secret", HASH)
        assert not verified.contains(*other)

    def test_a_password_is_checked_once_and_then_remembered(self) -> None:
        verified, stored = VerifiedPasswords(Seconds()), hash_password("secret")
        assert not verified.verify("shop", "Secret", stored)
        assert len(verified) == 0
        assert verified.verify("shop", "secret", stored)
        assert verified.contains("shop", "secret", stored)

    def test_what_is_remembered_is_not_checked_again(self) -> None:
        verified = VerifiedPasswords(Seconds())
        verified.remember("shop", "secret", HASH)
        assert verified.verify("shop", "secret", HASH)
        assert not verify_password(HASH, "secret")

    def test_without_a_hash_no_password_is_right(self) -> None:
        verified = VerifiedPasswords(Seconds())
        assert not verified.verify("shop", "secret", None)
        assert len(verified) == 0

    def test_an_unknown_login_costs_as_much_as_a_known_one(self) -> None:
        costs = hash_password("x").rsplit("$", 2)[0]
        assert crypto._NOBODY.startswith(f"{costs}$")
        assert len(crypto._NOBODY) == len(hash_password("x"))

    def test_threads_that_ask_for_the_same_at_once_check_it_once(self) -> None:
        checks: list[str] = []

        def slow_check(_stored: str | None, password: str) -> bool:
            checks.append(password)
            time.sleep(0.05)
            return True

        verified = VerifiedPasswords(Seconds(), check=slow_check)
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda _: verified.verify("shop", "secret", HASH), range(4)))
        assert answers == [True] * 4
        assert checks == ["secret"]

    def test_verifying_again_renews_the_minute(self) -> None:
        now = Seconds()
        verified = VerifiedPasswords(now)
        verified.remember("shop", "secret", HASH)
        now.now += 40
        verified.remember("shop", "secret", HASH)
        now.now += 40
        assert verified.contains("shop", "secret", HASH)
        assert len(verified) == 1

    def test_memory_is_bounded_and_the_oldest_goes_first(self) -> None:
        now = Seconds()
        verified = VerifiedPasswords(now, most=3)
        for number in range(5):
            now.now += 1
            verified.remember(f"shop{number}", "secret", HASH)
        assert len(verified) == 3
        assert [verified.contains(f"shop{number}", "secret", HASH) for number in range(5)] == [
            False,
            False,
            True,
            True,
            True,
        ]

    def test_what_is_over_is_dropped(self) -> None:
        now = Seconds()
        verified = VerifiedPasswords(now)
        verified.remember("a", "secret", HASH)
        now.now += 61
        verified.remember("b", "secret", HASH)
        assert len(verified) == 1

    def test_passwords_are_nowhere_in_it(self) -> None:
        verified = VerifiedPasswords(Seconds())
        verified.remember("shop-login", "hunter2-password", HASH)
        inside = repr({name: getattr(verified, name) for name in vars(verified)})
        assert "hunter2" not in inside
        assert "shop-login" not in inside

    def test_two_processes_remember_differently(self) -> None:
        first, second = VerifiedPasswords(Seconds()), VerifiedPasswords(Seconds())
        first.remember("shop", "secret", HASH)
        second.remember("shop", "secret", HASH)
        assert first._until.keys() != second._until.keys()

    def test_threads_do_not_disturb_each_other(self) -> None:
        verified = VerifiedPasswords(most=50)
        _in_threads(lambda n: verified.remember(f"shop{n % 80}", "secret", HASH), 2000)
        assert len(verified) == 50


class TestFailedLogins:
    def test_a_pair_is_blocked_after_too_many_failures_and_freed_by_time(self) -> None:
        now = Seconds()
        failed = FailedLogins(now, limit=3, seconds=60)
        for _ in range(3):
            assert not failed.blocked("shop", "10.0.0.1")
            failed.note("shop", "10.0.0.1")
            now.now += 10
        assert failed.blocked("shop", "10.0.0.1")
        now.now += 29.9
        assert failed.blocked("shop", "10.0.0.1")
        now.now += 0.1
        assert not failed.blocked("shop", "10.0.0.1")

    def test_failures_slide_out_one_by_one(self) -> None:
        now = Seconds()
        failed = FailedLogins(now, limit=2, seconds=60)
        failed.note("shop", "a")
        now.now += 50
        failed.note("shop", "a")
        now.now += 11
        assert not failed.blocked("shop", "a")
        failed.note("shop", "a")
        assert failed.blocked("shop", "a")

    def test_other_logins_and_addresses_go_on(self) -> None:
        failed = FailedLogins(Seconds(), limit=1)
        failed.note("shop", "10.0.0.1")
        assert failed.blocked("shop", "10.0.0.1")
        assert not failed.blocked("shop", "10.0.0.2")
        assert not failed.blocked("shop1", "0.0.0.1")

    def test_success_starts_anew(self) -> None:
        failed = FailedLogins(Seconds(), limit=1)
        failed.note("shop", "a")
        failed.forget("shop", "a")
        failed.forget("shop", "never seen")
        assert not failed.blocked("shop", "a")

    def test_memory_is_bounded_and_the_quietest_pair_is_forgotten(self) -> None:
        failed = FailedLogins(Seconds(), limit=1, most=2)
        for address in ("a", "b", "a", "c"):
            failed.note("shop" * 1000, address)
        assert len(failed) == 2
        assert failed.blocked("shop" * 1000, "a")
        assert not failed.blocked("shop" * 1000, "b")

    def test_threads_do_not_disturb_each_other(self) -> None:
        failed = FailedLogins(limit=10, most=20)
        _in_threads(lambda n: failed.note("shop", str(n % 40)), 2000)
        assert len(failed) == 20


def _in_threads(act: Callable[[int], None], times: int) -> None:
    errors: list[Exception] = []

    def run(start: int) -> None:
        try:
            for number in range(start, times, 4):
                act(number)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
