"""What runs of a sandbox did, as far as their answers could not show it: read page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from cashbox_service.store.base import VID, Base, OwnedByMerchant, refers_to
from cashbox_service.store.types import Document


class Replay(OwnedByMerchant, Base):
    """A run that did more than its answer shows: how many steps, and how many of each kind."""

    __tablename__ = "replays"

    vid: Mapped[str] = mapped_column(VID, primary_key=True)
    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), index=True)
    began_at: Mapped[datetime]
    steps: Mapped[int]
    counts: Mapped[dict[str, int]] = mapped_column(Document(dict[str, int]))


class ReplayPage(OwnedByMerchant, Base):
    """Steps of a replay, from the one with the number ``first``, counted from 0; never changed once written."""

    __tablename__ = "replay_pages"

    replay_vid: Mapped[str] = mapped_column(VID, refers_to("replays.vid"), primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True)
    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"), index=True)
    steps: Mapped[tuple[dict[str, Any], ...]] = mapped_column(Document(tuple[dict[str, Any], ...]))
