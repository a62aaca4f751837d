"""Bundles: products whose parts are granted along with them (catalog §2.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cashbox_service.app.context import Work
from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.store.entities import Product

MAX_DEPTH = 5
"""Most levels of a bundle, the bundle itself being the first."""


def with_parts(work: Work, product: Product) -> list[Product]:
    """The product and everything in it, each once, the outermost first."""
    if not product.bundled_vids:
        return [product]
    found = {product.vid: product}
    level = [product]
    while level:
        wanted = {vid for one in level for vid in one.bundled_vids} - found.keys()
        inner = work.uow.catalog.products_by_vid(wanted)
        level = [inner[vid] for one in level for vid in one.bundled_vids if vid in inner and vid not in found]
        found |= {one.vid: one for one in level}
    return list(found.values())


def with_bundles(work: Work, product: Product) -> set[str]:
    """The VIDs of the product and of every bundle that holds it, at any depth."""
    parts = work.uow.catalog.bundles()
    found = {product.vid}
    while further := {vid for vid, held in parts.items() if not found.isdisjoint(held)} - found:
        found |= further
    return found


def check_parts(work: Work, product: Product, parts: Sequence[Product]) -> None:
    """Raises InvalidRequest when ``parts`` would make the product hold itself or a bundle too deep."""
    held = work.uow.catalog.bundles() | {product.vid: tuple(part.vid for part in parts)}
    for vid in with_bundles(work, product):
        if _depth(vid, held, ()) > MAX_DEPTH:
            raise InvalidRequest(f"A bundle may be at most {MAX_DEPTH} levels deep.")


def _depth(vid: str, held: Mapping[str, Sequence[str]], above: tuple[str, ...]) -> int:
    if vid in above:
        raise InvalidRequest("A bundle must not contain itself.")
    if len(above) > MAX_DEPTH:
        return 1
    return 1 + max((_depth(part, held, (*above, vid)) for part in held.get(vid, ())), default=0)
