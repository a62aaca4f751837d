"""Start the service: ``python run_server.py`` is ``cashbox-service serve``."""

from __future__ import annotations

import sys

from cashbox_service.cli import main

if __name__ == "__main__":
    main(["serve", *sys.argv[1:]], prog_name="run_server.py")
