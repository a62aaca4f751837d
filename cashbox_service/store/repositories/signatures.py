"""Electronic signatures."""

from __future__ import annotations

from cashbox_service.store.entities import ElectronicSignature
from cashbox_service.store.repositories.base import Repository


class SignatureRepository(Repository):
    """What one merchant's customers signed."""

    def is_used(self, nonce: str) -> bool:
        """Whether the block with this number has been signed."""
        statement = self._of(ElectronicSignature).where(ElectronicSignature.nonce == nonce)
        return self._one(statement) is not None
