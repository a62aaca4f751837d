"""Keeping secrets: the vault for card and bank numbers, password hashes, and the guard of log-ins.

::

    VaultError              the vault cannot do what was asked
    ├── KeyRefused          the key is missing, malformed, or readable by others: the service does not start
    ├── UnknownKey          a value was sealed with a key that this process was not given
    └── BrokenSeal          a value was changed, or belongs to another owner or kind

No error, repr or log line made here contains a secret or a key. Time windows are about real time: they take a
monotonic clock in seconds. Source: DESIGN §8.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import stat
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cashbox_service.logging import get_logger

log = get_logger(__name__)

KEY_BYTES: Final = 32
KEY_VARIABLE: Final = "CASHBOX_VAULT_KEY"
"""Environment variable with the vault keys: base64, the newest first, separated by commas or blanks."""

_VERSION = "v1"
_NONCE_BYTES = 12
_MAX_KEY_FILE_BYTES = 64 * 1024
_HEX_KEY = re.compile(r"[0-9a-fA-F]{64}")


class VaultError(Exception):
    """The vault cannot do what was asked."""


class KeyRefused(VaultError):
    """The vault key cannot be used."""


class UnknownKey(VaultError):
    """Sealed with a key that this process was not given."""


class BrokenSeal(VaultError):
    """Changed after sealing, or sealed for another owner or kind."""


# --- vault -----------------------------------------------------------------------------------------------------


class Vault:
    """Seals short texts with AES-256-GCM, and makes the keyed fingerprints by which duplicates are recognised.

    New values are sealed with ``key``; values sealed with one of ``older`` can still be opened, so keys rotate by
    putting a new one in front. Fingerprints are made with the last key of all and must not change: keep the first
    key ever used at the end of the list, even when nothing is sealed with it any more.
    """

    def __init__(self, key: bytes, *older: bytes) -> None:
        keys = (key, *older)
        if any(len(one) != KEY_BYTES for one in keys):
            raise KeyRefused(f"a vault key has {KEY_BYTES} bytes")
        self._ciphers = {_key_id(one): AESGCM(_derived(one, b"seal")) for one in keys}
        self._current = _key_id(key)
        self._fingerprint_key = _derived(keys[-1], b"fingerprint")

    def __repr__(self) -> str:
        return f"Vault(key_id={self._current!r})"

    def seal(self, plaintext: str, context: str) -> str:
        """The encrypted text, ASCII; ``context`` names its owner and kind and is needed to open it.

        The same text sealed twice gives two different results.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(
            nonce, plaintext.encode(), _bound(self._current, context)
        )
        return f"{_VERSION}.{self._current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """The plaintext. Raises `UnknownKey`, and `BrokenSeal` for anything that was not sealed for ``context``."""
        key_id, body = _parts(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnknownKey(f"sealed with the vault key {key_id}, which is not among the given ones")
        try:
            opened = cipher.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], _bound(key_id, context))
        except (InvalidTag, ValueError):
            raise BrokenSeal("the seal does not match") from None
        return opened.decode()

    def needs_resealing(self, sealed: str) -> bool:
        """Whether the value was sealed with an older key. Raises `BrokenSeal` for what is no sealed value."""
        return _parts(sealed)[0] != self._current

    def fingerprint(self, value: str, context: str) -> str:
        """A keyed hash, 64 hexadecimal characters: equal for equal values of one context, telling nothing else."""
        message = f"{len(context)}:{context}{value}".encode()
        return hmac.digest(self._fingerprint_key, message, "sha256").hex()


def _parts(sealed: str) -> tuple[str, bytes]:
    try:
        version, key_id, text = sealed.split(".")
        body = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise BrokenSeal("not a sealed value") from None
    if version != _VERSION:
        raise BrokenSeal("sealed in a form that this version does not know")
    return key_id, body


def _bound(key_id: str, context: str) -> bytes:
    return f"{_VERSION}.{key_id}.{context}".encode()


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"cashbox vault " + purpose).derive(key)


def _key_id(key: bytes) -> str:
    return _derived(key, b"key id")[:4].hex()


# --- keys ------------------------------------------------------------------------------------------------------


def new_key() -> bytes:
    """A random vault key."""
    return secrets.token_bytes(KEY_BYTES)


def parse_keys(text: str) -> tuple[bytes, ...]:
    """The keys in a text, newest first: base64 or 64 hexadecimal digits each, commas or blanks between them.

    Lines beginning with # are left out. Raises `KeyRefused` when there is none or one is malformed.
    """
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    words = re.split(r"[,\s]+", " ".join(lines).strip())
    return tuple(_parse_key(word) for word in words)


def _parse_key(word: str) -> bytes:
    if _HEX_KEY.fullmatch(word):
        return bytes.fromhex(word)
    try:
        key = base64.b64decode(word, altchars=b"-_" if "-" in word or "_" in word else None, validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyRefused(f"a vault key is {KEY_BYTES} bytes in base64, or 64 hexadecimal digits")
    return key


def open_vault(key: str | None, key_file: Path, environment: Mapping[str, str] = os.environ) -> Vault:
    """The vault of this process: by ``key`` when given, else by ``CASHBOX_VAULT_KEY``, else by the key file.

    A missing key file is made, with its folder. Raises `KeyRefused` for keys that cannot be used.
    """
    text = key or environment.get(KEY_VARIABLE)
    return Vault(*(parse_keys(text) if text else load_key_file(key_file)))


def load_key_file(path: Path) -> Sequence[bytes]:
    """The keys in the file, newest first; a file with one new key is made when there is none.

    The file belongs to one user: `KeyRefused` when group or others may read or write it.
    """
    try:
        text = _read_own_file(path)
    except FileNotFoundError:
        _make_key_file(path)
        text = _read_own_file(path)
    try:
        return parse_keys(text)
    except KeyRefused as refused:
        raise KeyRefused(f"the key file {path} holds no usable key: {refused}") from None


def _read_own_file(path: Path) -> str:
    """The text of a plain file that only its owner can open. The file checked is the file read."""
    handle = os.open(path, os.O_RDONLY)
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise KeyRefused(f"the key file {path} is not a plain file")
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyRefused(
                f"the key file {path} is open to other users (mode {stat.S_IMODE(mode):04o}): run chmod 600 {path}"
            )
        return os.read(handle, _MAX_KEY_FILE_BYTES).decode("ascii", "replace")
    finally:
        os.close(handle)


def _make_key_file(path: Path) -> None:
    """Appears whole or not at all, so that of several processes starting at once all take the same key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(new_key()) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _publish(draft, path)
    finally:
        draft.unlink()


def _publish(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first; its key counts
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    log.info("vault key made", path=str(path))


# --- passwords -------------------------------------------------------------------------------------------------

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id with the least memory that is held to be safe (OWASP): every server process pays it. A hash carries its
own costs, so those made with other ones can still be verified."""

_HASHING = threading.RLock()
"""Only one thread of a process hashes at a time, so that many log-ins at once do not take many times the memory."""


def _hash_of_nobody() -> str:
    """A hash of the same costs that no password has: its bytes are random."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
        for size in (_HASHER.salt_len, _HASHER.hash_len)
    )
    costs = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


_NOBODY: Final = _hash_of_nobody()
"""Compared with when there is no such log-in, so that the answer takes as long as for one that exists."""

MAX_PASSWORD_BYTES: Final = 1024


def hash_password(password: str) -> str:
    """The argon2id hash to store. Raises ValueError for an empty or overlong password."""
    if not 0 < len(password.encode()) <= MAX_PASSWORD_BYTES:
        raise ValueError(f"a password has 1 to {MAX_PASSWORD_BYTES} bytes")
    with _HASHING:
        return _HASHER.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password has this hash; takes tens of milliseconds by design, also when there is no log-in (None)."""
    if len(password.encode()) > MAX_PASSWORD_BYTES:
        return False
    try:
        with _HASHING:
            return _HASHER.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


class VerifiedPasswords:
    """Remembers for a while which passwords were verified, since the check itself is slow and every call makes it.

    Kept is a keyed hash under a key that lives and dies with the process, never the password. A changed password is
    noticed at once, for the stored hash is part of what is remembered. Safe to use from several threads.
    """

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        seconds: float = 60.0,
        most: int = 10_000,
        check: Callable[[str | None, str], bool] = verify_password,
    ) -> None:
        self._now = now
        self._seconds = seconds
        self._most = most
        self._check = check
        self._key = secrets.token_bytes(KEY_BYTES)
        self._until: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()

    def verify(self, login: str, password: str, password_hash: str | None) -> bool:
        """Whether the password has this hash, and remember it. Threads that ask for the same at once check it once.

        Without a hash the answer is no, after as long a time.
        """
        with _HASHING:
            if password_hash is not None and self.contains(login, password, password_hash):
                return True
            right = self._check(password_hash, password)
            if right and password_hash is not None:
                self.remember(login, password, password_hash)
            return right

    def contains(self, login: str, password: str, password_hash: str) -> bool:
        """Whether this password was verified against this hash less than the set time ago."""
        digest = _digest(self._key, login, password, password_hash)
        with self._lock:
            until = self._until.get(digest)
            return until is not None and self._now() < until

    def remember(self, login: str, password: str, password_hash: str) -> None:
        """The password has just been verified."""
        digest = _digest(self._key, login, password, password_hash)
        with self._lock:
            now = self._now()
            self._until[digest] = now + self._seconds
            self._until.move_to_end(digest)
            self._drop(now)

    def __len__(self) -> int:
        return len(self._until)

    def _drop(self, now: float) -> None:
        """Oldest first: what is over, then what is too much."""
        while self._until:
            digest, until = next(iter(self._until.items()))
            if now < until and len(self._until) <= self._most:
                return
            del self._until[digest]


class FailedLogins:
    """Counts failed log-ins per login and address and blocks the pair after too many within a time.

    Holds ``most`` pairs; beyond that the one whose last failure is oldest is forgotten. Safe to use from several
    threads.
    """

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        limit: int = 10,
        seconds: float = 300.0,
        most: int = 10_000,
    ) -> None:
        self._now = now
        self._limit = limit
        self._seconds = seconds
        self._most = most
        self._key = secrets.token_bytes(KEY_BYTES)
        self._failures: OrderedDict[bytes, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def blocked(self, login: str, address: str) -> bool:
        """Whether the pair failed ``limit`` times in the last ``seconds``."""
        pair = _digest(self._key, login, address)
        with self._lock:
            failures = self._failures.get(pair)
            return (
                failures is not None
                and len(failures) >= self._limit
                and failures[0] > self._now() - self._seconds
            )

    def note(self, login: str, address: str) -> None:
        """A log-in failed."""
        pair = _digest(self._key, login, address)
        with self._lock:
            self._failures.setdefault(pair, deque(maxlen=self._limit)).append(self._now())
            self._failures.move_to_end(pair)
            if len(self._failures) > self._most:
                self._failures.popitem(last=False)

    def forget(self, login: str, address: str) -> None:
        """A log-in succeeded: the count begins anew."""
        with self._lock:
            self._failures.pop(_digest(self._key, login, address), None)

    def __len__(self) -> int:
        return len(self._failures)


def _digest(key: bytes, *parts: str) -> bytes:
    """A keyed hash of several texts; of one size, however long they are."""
    hashed = hashlib.blake2b(key=key, digest_size=32)
    for part in parts:
        raw = part.encode()
        hashed.update(len(raw).to_bytes(8, "big") + raw)
    return hashed.digest()
