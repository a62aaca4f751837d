"""All services of all versions that are served here: found by namespace for a call, by name for a document."""

from __future__ import annotations

import threading
from zoneinfo import ZoneInfo

from cashbox_service.calls import Observer
from cashbox_service.clock import BUSINESS_ZONE
from cashbox_service.contract import Contract, versions
from cashbox_service.soap.applications import ServiceApplication, VersionApplications
from cashbox_service.soap.call import Application
from cashbox_service.soap.codec import Codec
from cashbox_service.soap.dispatch import Dispatcher
from cashbox_service.soap.envelope import Limits
from cashbox_service.soap.projection import projection_of
from cashbox_service.soap.registry import Registry
from cashbox_service.soap.versions import contract_of, service_of

MAX_OTHER_VERSIONS = 24
"""Versions kept beside those that have a contract of their own: anyone may ask for any of hundreds."""


class Services:
    """Versions are built when they are first asked for, and kept."""

    def __init__(
        self,
        app: Application,
        registry: Registry,
        location_url: str,
        limits: Limits,
        observer: Observer | None = None,
    ) -> None:
        self._app = app
        self._registry = registry
        self._location_url = location_url
        self._limits = limits
        self._observer = observer
        self._versions: dict[str, VersionApplications] = {}
        self._by_namespace: dict[str, ServiceApplication] = {}
        self._building = threading.Lock()

    def find(self, namespace: str) -> ServiceApplication | None:
        """The service that calls in ``namespace`` are for; None when there is none."""
        known = self._by_namespace.get(namespace)
        if known is not None:
            return known
        named = service_of(namespace)
        if named is None:
            return None
        found = self.service(*named)
        if found is not None:
            self._by_namespace[namespace] = found
        return found

    def service(self, version: str, service: str) -> ServiceApplication | None:
        applications = self._version(version)
        return applications.find(service) if applications else None

    def schema(self, version: str) -> bytes | None:
        """The schema of the version's types; None when the version is not served."""
        applications = self._version(version)
        return applications.schema() if applications else None

    def _version(self, version: str) -> VersionApplications | None:
        contract = contract_of(version)
        if contract is None:
            return None
        with self._building:
            if version not in self._versions:
                self._make_room(version)
                self._versions[version] = self._built(contract)
            return self._versions[version]

    def _built(self, contract: Contract) -> VersionApplications:
        codec = Codec(contract, ZoneInfo(BUSINESS_ZONE), projection=projection_of(contract))
        dispatcher = Dispatcher(self._app, codec, contract, self._registry, self._observer)
        return VersionApplications(dispatcher, self._location_url, self._limits)

    def _make_room(self, version: str) -> None:
        """Let go of the version that was built first, when there are too many and the next one is not well known."""
        passing = [kept for kept in self._versions if kept not in versions()]
        if version in versions() or len(passing) < MAX_OTHER_VERSIONS:
            return
        del self._versions[passing[0]]
        for namespace in list(self._by_namespace):
            named = service_of(namespace)
            if named is not None and named[0] == passing[0]:
                self._by_namespace.pop(namespace, None)
