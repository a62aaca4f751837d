"""``python -m cashbox_service.cli`` is ``cashbox-service``."""

from __future__ import annotations

from cashbox_service.cli import main

if __name__ == "__main__":
    main(prog_name="cashbox-service")
