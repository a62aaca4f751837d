"""All services of all versions that are served here: found by namespace for a call, by name for a document."""

from __future__ import annotations

import threading
from zoneinfo import ZoneInfo

from cashbox_service.calls import Observer
from cashbox_service.clock import BUSINESS_ZONE
from cashbox_service.soap.applications import ServiceApplication, VersionApplications
from cashbox_service.soap.call import Application
from cashbox_service.soap.codec import Codec
from cashbox_service.soap.dispatch import Dispatcher
from cashbox_service.soap.envelope import Limits
from cashbox_service.soap.registry import Registry
from cashbox_service.soap.versions import contract_of, service_of


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
                codec = Codec(contract, ZoneInfo(BUSINESS_ZONE))
                dispatcher = Dispatcher(self._app, codec, contract, self._registry, self._observer)
                self._versions[version] = VersionApplications(dispatcher, self._location_url, self._limits)
        return self._versions[version]
