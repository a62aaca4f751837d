"""The language of merchants' templates: a small, safe part of Jinja2, the same for mails and invoices.

`language.py` is what users configure and call; `grammar.py` says what a template may hold, `engine.py` what it can
reach and for how long. The last two import Jinja2, and are themselves imported for the first template. Described for
people in docs/templates.md.
"""
